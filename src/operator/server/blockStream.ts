import type { WebSocket } from "ws";
import type { Operator } from "../operator.ts";
import { SERVER_LIMITS } from "./serverLimits.ts";

/**
 * Sends every block to every stream, from the height that each asked for, in order and without a gap.
 * A stream holds at most one block beyond what its socket buffers, however slow its reader is.
 */
export function createBlockStreams(operator: Operator): (socket: WebSocket, from: number) => void {
  const recent = new Map<number, Uint8Array>();
  const waiting = new Set<() => void>();
  operator.onBlock((height, bytes) => {
    recent.set(height, bytes);
    recent.delete(height - SERVER_LIMITS.recentBlocks);
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  });

  async function pump(socket: WebSocket, from: number): Promise<void> {
    let height = from;
    while (socket.readyState === socket.OPEN) {
      if (height > operator.publishedHeight()) {
        await untilBlockOrClose(socket);
        continue;
      }
      const bytes = recent.get(height) ?? (await operator.block(height));
      if (bytes === undefined || !(await send(socket, bytes))) {
        socket.terminate();
        return;
      }
      height += 1;
    }
  }

  function untilBlockOrClose(socket: WebSocket): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        socket.off("close", wake);
        resolve();
      };
      waiting.add(wake);
      socket.once("close", wake);
    });
  }

  return (socket, from) => {
    pump(socket, from).catch(() => socket.terminate());
  };
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
