/** Whether the browser lets this page notify: it has not been asked yet, it may, it may not, or it cannot. */
export type Permission = "unasked" | "granted" | "denied" | "unsupported";

export function readPermission(): Permission {
  if (!("Notification" in window)) return "unsupported";
  return Notification.permission === "default" ? "unasked" : Notification.permission;
}

/** Browsers show their question only in answer to a click. */
export async function askPermission(): Promise<Permission> {
  if (readPermission() === "unsupported") return "unsupported";
  await Notification.requestPermission();
  return readPermission();
}

/** @param tag - one that comes later under the same tag takes its place. */
export async function notify(title: string, body: string, tag: string): Promise<void> {
  if (readPermission() !== "granted") return;
  const options = { body, tag, icon: "/icon.svg" };
  const worker = await navigator.serviceWorker?.getRegistration();
  // Phones take them from the service worker alone, and it answers a click when the page is gone.
  if (worker?.active) await worker.showNotification(title, options);
  else openOnClick(new Notification(title, options));
}

function openOnClick(notification: Notification): void {
  notification.onclick = () => {
    window.focus();
    openSettle();
  };
}

/** What a click on a notification leads to. */
export function openSettle(): void {
  window.location.hash = "#/settle";
}
