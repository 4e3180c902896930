import type { FeedMessage } from "../api/marketApi.ts";
import { feedMessageForm } from "../api/marketApiJson.ts";
import { openLiveSocket, type SocketOptions } from "./liveSocket.ts";

/** A feed that says nothing for so long, not even that nothing has happened, counts as gone. */
const SILENCE_MS = 15_000;
/** Longest message: both sides of a book with a level at every price. */
const MESSAGE_LETTERS_MAX = 256 * 1024;

/**
 * Follow what an operator says of his books. A gap in the numbers, words that are no message, and silence are a
 * cut: the feed is opened again, and begins with the state of every book.
 *
 * @returns ends it.
 */
export function openMarketFeed(
  url: string,
  options: SocketOptions,
  reader: {
    readonly onMessage: (message: FeedMessage) => void;
    readonly onDown: () => void;
  },
): () => void {
  let next: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hear(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hear();
      socket.cut();
    }, SILENCE_MS);
  }

  const socket = openLiveSocket(() => url, options, {
    onMessage(data) {
      const message = readMessage(data);
      if (message === undefined || message.sequence !== (next ?? message.sequence)) {
        socket.cut();
        return;
      }
      next = message.sequence + 1;
      hear();
      reader.onMessage(message);
    },
    onDown() {
      next = undefined;
      hear();
      reader.onDown();
    },
  });
  hear();
  return () => {
    clearTimeout(timer);
    socket.close();
  };
}

function readMessage(data: string | Uint8Array): FeedMessage | undefined {
  if (typeof data !== "string" || data.length > MESSAGE_LETTERS_MAX) return undefined;
  try {
    const read = feedMessageForm.read(JSON.parse(data));
    return read.ok ? read.value : undefined;
  } catch {
    return undefined;
  }
}
