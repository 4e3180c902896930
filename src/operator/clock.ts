import type { OperatorClock } from "./operator.ts";

/** Longest wait that a timer takes; a later time is waited for in steps. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The system's clock. */
export function createSystemClock(): OperatorClock {
  let timer: NodeJS.Timeout | undefined;
  return {
    now: () => Date.now(),
    wakeAt(ms, wake) {
      clearTimeout(timer);
      timer = undefined;
      if (ms === undefined) return;
      timer = setTimeout(wake, Math.min(Math.max(0, ms - Date.now()), TIMER_MS_MAX));
    },
  };
}

/** A clock that stands still until it is set: the scenario driver gives every process its time. */
export type ManualClock = OperatorClock & {
  /** Move to `ms`, which is not before now, and wake who waits for a time until then. */
  setTime(ms: number): void;
};

export function createManualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  let waiting: { readonly ms: number; readonly wake: () => void } | undefined;
  return {
    now: () => nowMs,
    wakeAt(ms, wake) {
      waiting = ms === undefined ? undefined : { ms, wake };
    },
    setTime(ms) {
      nowMs = Math.max(nowMs, ms);
      while (waiting !== undefined && waiting.ms <= nowMs) {
        const { wake } = waiting;
        waiting = undefined;
        wake();
      }
    },
  };
}
