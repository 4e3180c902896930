import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { encodeCancel, type FeedMessage } from "../../../src/api/marketApi.ts";
import { feedMessageForm } from "../../../src/api/marketApiJson.ts";
import { encodeSignIn } from "../../../src/api/operatorApi.ts";
import type { SocketHandlers } from "../../../src/network/liveSocket.ts";
import { openMarketFeed } from "../../../src/network/marketFeed.ts";

type Opened = { readonly handlers: SocketHandlers; isClosed: boolean };

let opened: Opened[];
let heard: FeedMessage[];
let downs: number;
let close: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  heard = [];
  downs = 0;
  const openSocket = (_: string, handlers: SocketHandlers) => {
    const socket: Opened = { handlers, isClosed: false };
    opened.push(socket);
    return {
      send: () => undefined,
      close: () => {
        socket.isClosed = true;
      },
    };
  };
  close = openMarketFeed(
    "ws://operator/feed",
    { openSocket },
    {
      onMessage: (message) => heard.push(message),
      onDown: () => {
        downs += 1;
      },
    },
  );
});

afterEach(() => {
  close();
  vi.useRealTimers();
});

function say(socket: Opened | undefined, sequence: number, more: object = {}): void {
  const message = { kind: "beat", sequence, nowMs: 5, ...more } as FeedMessage;
  socket?.handlers.onMessage(JSON.stringify(feedMessageForm.write(message)));
}

it("hands on what is said, in its order", () => {
  say(opened[0], 0);
  say(opened[0], 1, { kind: "deadline", height: 3, atMs: null, nowMs: undefined });
  expect(heard.map(({ kind }) => kind)).toEqual(["beat", "deadline"]);
  expect(opened).toHaveLength(1);
});

it.each([
  ["a gap", (socket: Opened | undefined) => say(socket, 2)],
  ["a number said twice", (socket: Opened | undefined) => say(socket, 0)],
  ["no JSON", (socket: Opened | undefined) => socket?.handlers.onMessage("{")],
  ["no message", (socket: Opened | undefined) => socket?.handlers.onMessage('{"kind":"beat"}')],
  ["bytes", (socket: Opened | undefined) => socket?.handlers.onMessage(Uint8Array.of(1))],
  ["its end", (socket: Opened | undefined) => socket?.handlers.onClose()],
])("is opened anew after %s, and an old connection says nothing more", (_, breakIt) => {
  say(opened[0], 0);
  breakIt(opened[0]);
  expect([downs, heard.length]).toEqual([1, 1]);
  say(opened[0], 1);
  opened[0]?.handlers.onClose();
  expect([downs, heard.length]).toEqual([1, 1]);
  vi.advanceTimersByTime(500);
  expect(opened).toHaveLength(2);
  say(opened[1], 0);
  expect(heard).toHaveLength(2);
});

it("never freezes silently: who says nothing for long is cut, again and again", () => {
  say(opened[0], 0);
  vi.advanceTimersByTime(14_999);
  expect(downs).toBe(0);
  vi.advanceTimersByTime(1);
  expect(downs).toBe(1);
  expect(opened[0]?.isClosed).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(opened.length).toBeGreaterThan(3);
  say(opened.at(-1), 0);
  vi.advanceTimersByTime(10_000);
  say(opened.at(-1), 1);
  const count = opened.length;
  vi.advanceTimersByTime(10_000);
  expect(opened).toHaveLength(count);
});

it("signs a cancel that can never be taken for a sign-in", () => {
  const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  expect(encodeCancel(a, b)).not.toHaveLength(encodeSignIn(a, b).length);
});
