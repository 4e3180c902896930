import { useEffect } from "react";
import { useWallet } from "../store.ts";
import { readIsWanted } from "./toldStore.ts";

const LOOK_MS = 15_000;

/** While the page is open and reminders are wanted, look at the deadlines again and again. */
export function useReminders(): void {
  useEffect(() => {
    let isLooking = false;
    const look = async (): Promise<void> => {
      const { snapshot } = useWallet.getState();
      if (isLooking || snapshot === undefined || !readIsWanted()) return;
      isLooking = true;
      try {
        const { remind } = await import("./remind.ts");
        await remind(snapshot, Date.now());
      } catch {
        // Its file could not be had, or the browser refused: the next look tries again.
      } finally {
        isLooking = false;
      }
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    const leave = useWallet.subscribe((state, before) => {
      if (state.snapshot !== before.snapshot) void look();
    });
    return () => {
      clearInterval(timer);
      leave();
    };
  }, []);
}
