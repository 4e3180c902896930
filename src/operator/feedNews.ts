import type { FeedMessage } from "../api/marketApi.ts";
import { parseHex } from "../lib/hex.ts";
import { nextBlockAt } from "./engine/blockTimes.ts";
import { listLevels } from "./engine/bookLevels.ts";
import type { Trade } from "./engine/engineEvent.ts";
import type { EngineState } from "./engine/engineState.ts";

/** A message of the feed before it has its number on a connection. */
export type FeedNews = FeedMessage extends infer Message
  ? Message extends FeedMessage
    ? Omit<Message, "sequence">
    : never
  : never;

/** What stands in books now, by hex of their ids. */
export function describeBooks(state: EngineState, bookIds: ReadonlySet<string>): FeedNews[] {
  return [...listLevels(state, bookIds)].map(([bookId, levels]) => ({
    kind: "book",
    bookId: parseHex(bookId),
    ...levels,
  }));
}

/** When the next block is made at the latest, as things stand. */
export function describeDeadline(state: EngineState): FeedNews {
  // A block that is decided waits for nothing but its signature.
  const atMs = state.sealing === undefined ? nextBlockAt(state) : undefined;
  return { kind: "deadline", height: state.tip.height + 1, atMs: atMs ?? null };
}

export function describeTrade({ bookId, ...trade }: Trade): FeedNews {
  return { kind: "trade", bookId: parseHex(bookId), ...trade };
}
