import { Workbox } from "workbox-window";
import { openSettle } from "../reminders/notifier.ts";
import { offerUpdate } from "../store.ts";

/** Let the page open offline, and offer a newer version once one waits; never reload unasked. */
export function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  const workbox = new Workbox("/sw.js");
  workbox.addEventListener("waiting", () => {
    offerUpdate(() => {
      workbox.addEventListener("controlling", () => window.location.reload());
      workbox.messageSkipWaiting();
    });
  });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (isOpenSettle(data)) openSettle();
  });
  // Without it the wallet works as before, only not offline.
  workbox.register().catch(() => undefined);
}

function isOpenSettle(data: unknown): boolean {
  return typeof data === "object" && data !== null && "type" in data && data.type === "OPEN_SETTLE";
}
