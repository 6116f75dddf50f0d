/** Files of this site: kept by the browser after the first visit, unpacked where they are gzip. */

const CACHE = "scrawl-@VERSION@"; // as in sw.js

/** @returns {Promise<Uint8Array>} the file's content */
export async function fetched(url) {
  const kept = await store();
  let response = await kept?.match(url);
  if (!response) {
    response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    await kept?.put(url, response.clone()).catch(() => undefined); // a full disk: read on, kept or not
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b; // else the browser has unpacked it
  if (!packed) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Forget what older versions of this site kept; alone on its host, its service worker does that. */
export async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith("scrawl-") && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

/** The browser's store for this site; null where it has none (plain http, private windows). */
async function store() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}
