/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope;

export type {};

/** Written in after the bundle, by scripts/vite/precache.ts: every emitted file, and a hash over all of them. */
declare const __PRECACHE_FILES__: readonly string[];
declare const __PRECACHE_VERSION__: string;

const CACHE_PREFIX = "sortition-page-";
const cacheName = CACHE_PREFIX + __PRECACHE_VERSION__;
const files = new Set(__PRECACHE_FILES__);

self.addEventListener("install", (event) => {
  event.waitUntil(fillCache());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(removeOldCaches());
});

self.addEventListener("message", (event) => {
  if (isSkipWaiting(event.data)) event.waitUntil(self.skipWaiting());
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openSettle());
});

self.addEventListener("fetch", (event) => {
  const path = findCachedPath(event.request);
  if (path !== undefined) event.respondWith(answerFromCache(path, event.request));
});

/** `reload` passes the browser's own cache by, so that a new version never stores an old file. */
async function fillCache(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll([...files].map((path) => new Request(path, { cache: "reload" })));
}

async function removeOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The stored file that answers a request: its own, or the page for every navigation. */
function findCachedPath(request: Request): string | undefined {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return undefined;
  if (files.has(url.pathname)) return url.pathname;
  return request.mode === "navigate" ? "/index.html" : undefined;
}

async function answerFromCache(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(path)) ?? fetch(request);
}

/** A notification is of something to do: show where it is done, in a page that is open already if there is one. */
async function openSettle(): Promise<void> {
  const [page] = await self.clients.matchAll({ type: "window" });
  if (page === undefined) {
    await self.clients.openWindow("/#/settle");
    return;
  }
  page.postMessage({ type: "OPEN_SETTLE" });
  await page.focus();
}

function isSkipWaiting(data: unknown): boolean {
  return (
    typeof data === "object" && data !== null && "type" in data && data.type === "SKIP_WAITING"
  );
}
