import type { WebSocket } from "ws";
import { writeStreamMark } from "../../api/operatorApi.ts";
import type { Operator } from "../operator.ts";
import { SERVER_LIMITS } from "./serverLimits.ts";

/**
 * Sends every block to every stream, from the height that each asked for, in order and without a gap.
 * A stream holds at most one block beyond what its socket buffers, however slow its reader is; with a
 * window it sends only what the reader has room for, and says how far there is anything to send.
 */
export function createBlockStreams(
  operator: Pick<Operator, "block" | "onBlock" | "publishedHeight">,
): (socket: WebSocket, from: number, window: number | undefined) => void {
  const recent = new Map<number, Uint8Array>();
  const waiting = new Set<() => void>();
  operator.onBlock((height, bytes) => {
    recent.set(height, bytes);
    recent.delete(height - SERVER_LIMITS.recentBlocks);
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
      const last = operator.publishedHeight();
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
      const bytes = recent.get(height) ?? (await operator.block(height));
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
    const timer = setTimeout(() => resolve(false), SERVER_LIMITS.stallMs);
    socket.send(bytes, { binary: true }, (error) => {
      clearTimeout(timer);
      resolve(error === undefined || error === null);
    });
  });
}
