/** Files of this site, kept by the browser after the first visit; gzip files are unpacked. */

const CACHE = "scrawl-@VERSION@"; // as in sw.js

/** @returns {Promise<Uint8Array>} the file's content */
export async function fetched(url) {
  const kept = await store();
  let response = await kept?.match(url);
  if (!response) {
    response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    await kept?.put(url, response.clone()).catch(() => undefined); // the disk may be full
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b; // if not, the browser has unpacked it
  if (!packed) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Delete what older versions of this site kept; without the app, the service worker does that. */
export async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith("scrawl-") && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** The browser's cache for this site; null if it has none (plain http, private windows). */
async function store() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}
