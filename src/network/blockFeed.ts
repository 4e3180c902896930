import { readStreamMark, STREAM_WINDOW_BYTES } from "../api/operatorApi.ts";
import { SourceError } from "../client/ports.ts";
import type { Socket, SocketOptions } from "./liveSocket.ts";
import { openPlatformSocket } from "./liveSocket.ts";

/** Blocks on their way over one socket, in order from where it was opened. */
export type BlockFeed = {
  /** Height of the next block that it gives. */
  next(): number;
  /** The next blocks, at most `count`; fewer only where the server has no more. Rejects once it is cut. */
  take(count: number): Promise<Uint8Array[]>;
  close(): void;
};

/** A server that sends nothing for so long counts as gone. */
const SILENCE_MS = 10_000;

/**
 * Open a stream of blocks from a height on. The server sends no more bytes than the window allows
 * before they are taken, so that a slow checker never has more than that waiting; and says when there
 * is no further block.
 *
 * @param url - of the stream, `from` and `window` in its query.
 */
export function openBlockFeed(url: string, from: number, options: SocketOptions): BlockFeed {
  const waiting: Uint8Array[] = [];
  let height = from;
  /** The last height that the server has, as it said after what it sent. */
  let last: number | undefined;
  let isCut = false;
  let wake: () => void = () => undefined;
  const socket: Socket = (options.openSocket ?? openPlatformSocket)(
    `${url}?from=${from}&window=${STREAM_WINDOW_BYTES}`,
    {
      onMessage(data) {
        if (typeof data === "string") last = readStreamMark(data) ?? last;
        else waiting.push(data);
        wake();
      },
      onClose() {
        isCut = true;
        wake();
      },
    },
  );

  function news(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        isCut = true;
        reject(new SourceError("DOWN", `${url} has stopped in the middle of its blocks`));
      }, SILENCE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    next: () => height,

    async take(count) {
      const isAll = () => last !== undefined && height + waiting.length > last;
      while (waiting.length < count && !isCut && !isAll()) await news();
      if (waiting.length === 0 && isCut) {
        throw new SourceError("DOWN", `${url} was cut in the middle of its blocks`);
      }
      const taken = waiting.splice(0, count);
      height += taken.length;
      const bytes = taken.reduce((sum, block) => sum + block.length, 0);
      if (!isCut && bytes > 0) socket.send(String(bytes));
      return taken;
    },

    close() {
      isCut = true;
      socket.close();
    },
  };
}
