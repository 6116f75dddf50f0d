/** The page inside another one: the app's instant mode. */
import { start } from "./app.js";
import { forgetOlder } from "./files.js";

/**
 * Show the page in an element or a shadow root, in the colours around it.
 *
 * @param {ParentNode} root
 * @returns {Promise<() => void>} a function that removes it
 */
export async function mount(root) {
  const here = (path) => new URL(path, import.meta.url).href;
  const page = new DOMParser().parseFromString(await (await fetch(here("index.html"))).text(), "text/html");
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: here("style.css") });
  const scrawl = document.adoptNode(page.querySelector(".scrawl"));
  scrawl.classList.add("embedded");
  const loaded = new Promise((resolve) => (style.onload = style.onerror = resolve));
  root.append(style);
  await loaded;
  root.append(scrawl);
  const stop = start(scrawl);
  forgetOlder().catch(() => undefined); // the browser may have no cache
  return () => {
    stop();
    scrawl.remove();
    style.remove();
  };
}
