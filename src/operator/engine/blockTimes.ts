import { isMarketOpen } from "./books.ts";
import type { EngineState } from "./engineState.ts";

/**
 * When the next block is made at the latest, in unix milliseconds; undefined while nothing waits for one. A batch of orders
 * is collected for its interval, other requests for less; but while orders are taken, blocks keep their
 * distance, and no block is made before what the tip is kept for is signed or its time is over.
 */
export function nextBlockAt(state: EngineState): number | undefined {
  const { policy, queue, queuedAtMs, isUrgent, orderedAtMs, frozenUntilMs } = state;
  const times: number[] = [];
  if (queue.length > 0) times.push(isUrgent ? queuedAtMs : queuedAtMs + policy.collectMs);
  if (orderedAtMs !== undefined) times.push(orderedAtMs + policy.batchMs);
  if (times.length === 0) return undefined;
  const spacedMs = isMarketOpen(state) ? state.tipAtMs + policy.spacingMs : 0;
  return Math.max(Math.min(...times), spacedMs, frozenUntilMs ?? 0);
}
