import type { WebSocket } from "ws";
import { writeStreamMark } from "../api/operatorApi.ts";
import type { ServedBlocks } from "./blockRoutes.ts";
import { parseNumber } from "./createApp.ts";
import { READER_LIMITS } from "./readerLimits.ts";

/** A stream of a chain's blocks to a socket, from a height on, with a window in bytes or without one. */
export type BlockStream = (socket: WebSocket, from: number, window: number | undefined) => void;

/** Who takes the socket that is asked for with such a query; undefined where it says no height to begin at. */
export function readStreamStart(
  stream: BlockStream,
  { searchParams }: URL,
): ((socket: WebSocket) => void) | undefined {
  const from = parseNumber(searchParams.get("from") ?? "1");
  if (from === undefined || from < 1) return undefined;
  return (socket) => stream(socket, from, parseNumber(searchParams.get("window") ?? ""));
}

/**
 * Sends every block to every stream, from the height that each asked for, in order and without a gap.
 * A stream holds at most one block beyond what its socket buffers, however slow its reader is; with a
 * window it sends only what the reader has room for, and says how far there is anything to send.
 */
export function createBlockStreams(blocks: ServedBlocks): BlockStream {
  const recent = new Map<number, Uint8Array>();
  const waiting = new Set<() => void>();
  blocks.onBlock((height, bytes) => {
    recent.set(height, bytes);
    recent.delete(height - READER_LIMITS.recentBlocks);
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  });

  async function pump(socket: WebSocket, from: number, window: number | undefined): Promise<void> {
    let height = from;
    let room = window ?? Number.POSITIVE_INFINITY;
    let told = -1;
    let wake: () => void = () => undefined;
    socket.on("message", (data) => {
      room = Math.min(room + readCount(data.toString()), window ?? room);
      wake();
    });
    while (socket.readyState === socket.OPEN) {
      const last = blocks.publishedHeight();
      if (height > last || room <= 0) {
        if (window !== undefined && height > last && told !== last) {
          socket.send(writeStreamMark(last));
          told = last;
        }
        await untilWoken(socket, (woken) => {
          wake = woken;
        });
        continue;
      }
      const bytes = recent.get(height) ?? (await blocks.block(height));
      if (bytes === undefined || !(await send(socket, bytes))) {
        socket.terminate();
        return;
      }
      height += 1;
      room -= bytes.length;
    }
  }

  /** Until there is a block, or room, or the socket closes. */
  function untilWoken(socket: WebSocket, onWait: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        socket.off("close", wake);
        resolve();
      };
      waiting.add(wake);
      socket.once("close", wake);
      onWait(wake);
    });
  }

  return (socket, from, window) => {
    pump(socket, from, window).catch(() => socket.terminate());
  };
}

/** The bytes that a reader says he has taken; 0 for anything that is no number. */
function readCount(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** Whether the reader has taken the message off in time. */
function send(socket: WebSocket, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), READER_LIMITS.stallMs);
    socket.send(bytes, { binary: true }, (error) => {
      clearTimeout(timer);
      resolve(error === undefined || error === null);
    });
  });
}
