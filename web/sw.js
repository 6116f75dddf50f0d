/** Keeps the page for offline visits; files.js keeps the models and the runtime's WebAssembly. */

const CACHE = "scrawl-@VERSION@", PAGE = @PAGE@;

self.addEventListener("install", (event) => {
  const checked = PAGE.map((path) => new Request(path, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(checked)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const mine = (name) => name.startsWith("scrawl-") && name !== CACHE;
  const older = caches.keys().then((names) => names.filter(mine));
  const tidied = older.then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(tidied.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const kept = caches.open(CACHE).then((cache) => cache.match(event.request, { ignoreSearch: true }));
  event.respondWith(kept.then((response) => response ?? fetch(event.request)));
});
