/** The page within another one: the app's instant mode. */
import { start } from "./app.js";
import { forgetOlder } from "./files.js";

/**
 * Show the page in an element or shadow root, in that page's colours.
 *
 * @param {ParentNode} root
 * @returns {Promise<() => void>} takes it away again
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
  forgetOlder().catch(() => undefined); // a browser may keep nothing at all
  return () => {
    stop();
    scrawl.remove();
    style.remove();
  };
}
