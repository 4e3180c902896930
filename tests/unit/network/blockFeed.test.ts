import { describe, expect, it } from "vitest";
import {
  readStreamMark,
  STREAM_WINDOW_BYTES,
  writeStreamMark,
} from "../../../src/api/operatorApi.ts";
import { openBlockFeed } from "../../../src/network/blockFeed.ts";
import type { SocketHandlers } from "../../../src/network/liveSocket.ts";

const block = (height: number) => Uint8Array.of(height, height, height);

/** A server that sends when it is told to. */
function createServer() {
  const opened: { url: string; handlers: SocketHandlers; said: string[]; isClosed: boolean }[] = [];
  const openSocket = (url: string, handlers: SocketHandlers) => {
    const socket = { url, handlers, said: [] as string[], isClosed: false };
    opened.push(socket);
    return {
      send: (text: string) => void socket.said.push(text),
      close: () => {
        socket.isClosed = true;
      },
    };
  };
  return { opened, options: { openSocket } };
}

describe("blocks on their way over a socket", () => {
  it("come in order, each acknowledged as it is taken, to the last there is", async () => {
    const { opened, options } = createServer();
    const feed = openBlockFeed("ws://operator/stream", 7, options);
    const [socket] = opened;
    expect(socket?.url).toBe(`ws://operator/stream?from=7&window=${STREAM_WINDOW_BYTES}`);
    const first = feed.take(2);
    for (const height of [7, 8, 9]) socket?.handlers.onMessage(block(height));
    expect(await first).toEqual([block(7), block(8)]);
    expect(socket?.said).toEqual(["6"]);
    expect(feed.next()).toBe(9);
    socket?.handlers.onMessage(writeStreamMark(9));
    expect(await feed.take(64)).toEqual([block(9)]);
    expect(await feed.take(64)).toEqual([]);
    feed.close();
    expect(socket?.isClosed).toBe(true);
  });

  it("are asked for from where they stopped after a cut, of whoever has them", async () => {
    const { opened, options } = createServer();
    const feed = openBlockFeed("ws://operator/stream", 1, options);
    opened[0]?.handlers.onMessage(block(1));
    opened[0]?.handlers.onMessage(block(2));
    opened[0]?.handlers.onClose();
    // What came before the cut is not lost.
    expect(await feed.take(64)).toEqual([block(1), block(2)]);
    await expect(feed.take(64)).rejects.toMatchObject({ code: "DOWN" });
    const other = openBlockFeed("ws://mirror/stream", feed.next(), options);
    expect(opened[1]?.url).toContain("from=3&");
    const rest = other.take(64);
    opened[1]?.handlers.onMessage(block(3));
    opened[1]?.handlers.onMessage(writeStreamMark(3));
    expect(await rest).toEqual([block(3)]);
  });

  it("end at no text but the server's own mark", () => {
    expect(readStreamMark(writeStreamMark(12))).toBe(12);
    for (const text of ["", "12", '{"height":-1}', '{"height":12}x', '{"height":99999999999}']) {
      expect(readStreamMark(text)).toBeUndefined();
    }
  });
});
