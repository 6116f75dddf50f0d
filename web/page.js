/** The page by itself on a host; it works offline after the first visit. */
import { start } from "./app.js";

if ("serviceWorker" in navigator) await navigator.serviceWorker.register("sw.js").catch(() => undefined);
start(document.querySelector(".scrawl"));
