import type { WebSocket } from "ws";

/** Ping; who has not answered two pings is gone. */
export function keepAlive(socket: WebSocket, pingMs: number): void {
  let missed = 0;
  const timer = setInterval(() => {
    if (missed >= 2) return socket.terminate();
    missed += 1;
    socket.ping();
  }, pingMs);
  socket.on("pong", () => {
    missed = 0;
  });
  socket.on("close", () => clearInterval(timer));
}
