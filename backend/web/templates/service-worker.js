// Keeps one page for when there is no connection, with its styles. Nothing of anybody's is ever kept.
const FILES = {{ files | tojson }};
const KEPT = "offline-" + FILES.slice(1).join("|");

self.addEventListener("install", (event) => {
  // Without cookies, so that the page that is kept knows nobody.
  const wanted = FILES.map((file) => new Request(file, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(wanted)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { pathname, search } = new URL(request.url);
  const page = request.mode === "navigate";
  const file = page ? FILES[0] : pathname + search;
  if (!page && !FILES.includes(file)) return;
  event.respondWith(fetch(request).catch(() => caches.match(file).then((kept) => kept || Response.error())));
});
