import type { WebSocket } from "ws";
import { feedMessageForm } from "../../api/marketApiJson.ts";
import type { Trade } from "../engine/engineEvent.ts";
import { describeBooks, describeDeadline, describeTrade, type FeedNews } from "../feedNews.ts";
import type { Operator } from "../operator.ts";
import { SERVER_LIMITS } from "./serverLimits.ts";

type Reader = { readonly socket: WebSocket; sequence: number; saidAtMs: number };

/**
 * The sockets on which the books are told: their state first, then whatever changes, gathered for a moment; and that
 * nothing has happened, when nothing has. A reader who lets too much pile up is cut.
 *
 * @param now - the operator's time, unix milliseconds, which the messages name. @param wallNow - the time that beats go by.
 */
export function createFeedSockets(
  operator: Operator,
  now: () => number,
  wallNow: () => number,
): (socket: WebSocket) => void {
  const { state } = operator;
  const readers = new Set<Reader>();
  let changed = new Set<string>();
  let trades: Trade[] = [];
  let told = "";
  let gathering: NodeJS.Timeout | undefined;
  let beating: NodeJS.Timeout | undefined;

  operator.onMarket((news) => {
    if (news.kind === "book") changed.add(news.bookId);
    else trades.push(news.trade);
    gather();
  });
  operator.onBlock(gather);

  function gather(): void {
    if (readers.size > 0) gathering ??= setTimeout(flush, SERVER_LIMITS.gatherMs);
    else forget();
  }

  function forget(): void {
    changed = new Set();
    trades = [];
  }

  function flush(): void {
    clearTimeout(gathering);
    gathering = undefined;
    const news: FeedNews[] = [...trades.map(describeTrade), ...describeBooks(state, changed)];
    forget();
    const deadline = describeDeadline(state);
    const words = JSON.stringify(deadline);
    if (words !== told) news.push(deadline);
    told = words;
    for (const each of news) for (const reader of readers) say(reader, each);
  }

  function beat(): void {
    // Whatever moved the deadline, without a change of any book, is told by now.
    flush();
    for (const reader of readers) {
      const isSilent = wallNow() >= reader.saidAtMs + SERVER_LIMITS.beatMs;
      if (isSilent) say(reader, { kind: "beat", nowMs: now() });
    }
  }

  function say(reader: Reader, news: FeedNews): void {
    const { socket } = reader;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > SERVER_LIMITS.bufferedBytes) {
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(feedMessageForm.write({ ...news, sequence: reader.sequence })));
    reader.sequence += 1;
    reader.saidAtMs = wallNow();
  }

  return (socket) => {
    const reader = { socket, sequence: 0, saidAtMs: wallNow() };
    // The others hear first what this reader begins with.
    flush();
    const snapshot = [
      ...describeBooks(state, new Set(state.books.keys())),
      describeDeadline(state),
    ];
    for (const news of snapshot) say(reader, news);
    readers.add(reader);
    beating ??= setInterval(beat, SERVER_LIMITS.beatMs / 5);
    // A feed is only listened to.
    socket.on("message", () => socket.terminate());
    socket.on("close", () => {
      readers.delete(reader);
      if (readers.size > 0) return;
      clearInterval(beating);
      clearTimeout(gathering);
      beating = undefined;
      gathering = undefined;
      forget();
    });
  };
}
