/** The page alone on its host, kept for visits without a network. */
import { start } from "./app.js";

if ("serviceWorker" in navigator) await navigator.serviceWorker.register("sw.js").catch(() => undefined);
start(document.querySelector(".scrawl"));
