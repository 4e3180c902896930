import type { NetworkView } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";

/** The main chain as a clock: where it is, and how long a block takes. */
export type Clock = Pick<NetworkView, "height" | "blockPeriodMs">;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `40 s`, `12 min`, `3 h`, `2 days`: the largest unit that fits, rounded. */
export function formatDuration(ms: number): string {
  if (ms < 90 * SECOND) return `${Math.max(1, Math.round(ms / SECOND))} s`;
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 36 * HOUR) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
}

/** `just now` or `12 min ago`. A time ahead of this clock counts as now. */
export function formatAge(atMs: number, nowMs: number): string {
  const age = nowMs - atMs;
  return age < 2 * SECOND ? "just now" : `${formatDuration(age)} ago`;
}

/** `12 blocks` or `1 block`. */
function formatBlockCount(count: number): string {
  return `${groupThousands(count)} ${count === 1 ? "block" : "blocks"}`;
}

/** `in 12 blocks, about 24 s` from `height` to the deadline, or that it has passed. */
export function formatDeadline(untilHeight: number, height: number, blockPeriodMs: number): string {
  const left = untilHeight - height;
  if (left <= 0) return `passed at block ${groupThousands(untilHeight)}`;
  return `in ${formatBlockCount(left)}, about ${formatDuration(left * blockPeriodMs)}`;
}

/** `24 November 2026`, in the reader's time zone. */
export function formatDay(atMs: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(atMs);
}

/** `14:05`, in the reader's time zone. */
export function formatClock(atMs: number): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "short" }).format(atMs);
}

/** `Block 1,213`. */
export function formatBlock(height: number): string {
  return `Block ${groupThousands(height)}`;
}

/** When a height is expected, in unix ms: the main chain counts blocks, and no clock. */
export function estimateMs(
  height: number,
  {
    height: tip,
    tipTimeMs,
    blockPeriodMs,
  }: Pick<NetworkView, "height" | "tipTimeMs" | "blockPeriodMs">,
): number {
  return tipTimeMs + (height - tip) * blockPeriodMs;
}

/** `24 Nov, 14:05`, in the reader's time zone. */
export function formatMoment(atMs: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(atMs);
}
