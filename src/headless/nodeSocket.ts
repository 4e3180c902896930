import { WebSocket } from "ws";
import type { Socket, SocketHandlers } from "../network/liveSocket.ts";

const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** A socket in Node, which has none of its own in every version we serve. */
export function openNodeSocket(url: string, { onMessage, onClose }: SocketHandlers): Socket {
  const socket = new WebSocket(url, { maxPayload: MESSAGE_BYTES_MAX, handshakeTimeout: 10_000 });
  socket.on("message", (data: Buffer, isBinary) =>
    onMessage(isBinary ? new Uint8Array(data) : data.toString("utf8")),
  );
  // A failed socket closes, and closing is what tries again.
  socket.on("error", () => undefined);
  socket.on("close", onClose);
  return {
    send: (text) => socket.send(text),
    close: () => socket.terminate(),
  };
}
