import type { FastifyInstance } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { refuse } from "../lib/verdict.ts";
import { keepAlive } from "./keepAlive.ts";
import { sayGoodbye } from "./limitConnections.ts";
import { nameSource } from "./nameSource.ts";
import { createOpenCounter, type OpenLimits } from "./openCounter.ts";
import { writeRawRefusal } from "./rawRefusal.ts";

/** What one stranger, and all together, may take with streams. */
export type StreamLimits = {
  readonly streams: OpenLimits;
  /** Largest message from a client. */
  readonly messageBytes: number;
  readonly pingMs: number;
};

/**
 * Serve WebSockets beside the requests of an app.
 *
 * @param route - who takes the socket that is asked for at an address; undefined for nobody.
 * @returns the sockets that are open.
 */
export function serveStreams(
  app: FastifyInstance,
  limits: StreamLimits,
  route: (url: URL) => ((socket: WebSocket) => void) | undefined,
): ReadonlySet<WebSocket> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });
  const open = createOpenCounter(limits.streams);
  app.server.on("upgrade", (request, duplex, head) => {
    const target = request.url ?? "/";
    const base = "http://server";
    const serve = route(new URL(URL.canParse(target, base) ? target : "/", base));
    if (serve === undefined) {
      const refusal = refuse("NO_SUCH_PATH", "no stream is served here");
      sayGoodbye(duplex, writeRawRefusal("404 Not Found", refusal));
      return;
    }
    const close = open(nameSource(request.socket.remoteAddress));
    if (close === undefined) {
      const what = `too many streams; at most ${limits.streams.perSource} of one address at a time`;
      sayGoodbye(duplex, writeRawRefusal("503 Service Unavailable", refuse("TOO_MANY", what)));
      return;
    }
    duplex.on("error", () => duplex.destroy());
    duplex.once("close", close);
    sockets.handleUpgrade(request, duplex, head, (socket) => {
      // What a socket breaks its own rules with ends it; there is nothing else to do.
      socket.on("error", () => socket.terminate());
      keepAlive(socket, limits.pingMs);
      serve(socket);
    });
  });
  app.addHook("preClose", async () => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return sockets.clients;
}
