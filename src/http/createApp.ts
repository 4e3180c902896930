import { createServer } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { refusalForm } from "../api/refusalForm.ts";
import { type Failure, refuse } from "../lib/verdict.ts";
import { limitConnections } from "./limitConnections.ts";
import { nameSource } from "./nameSource.ts";
import type { OpenLimits } from "./openCounter.ts";
import { createRateLimiter } from "./rateLimiter.ts";

/** How long a connection may stay open after an answer, for the next question: longer than wallets' pauses. */
const KEEP_ALIVE_MS = 72_000;

/** What one stranger may take of a server's memory and time. */
export type AppLimits = {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly connectionsCheckingMs: number;
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** Connections that may be open at a time, streams among them. */
  readonly connections: OpenLimits;
};

/**
 * The frame of our HTTP servers: limits, refusals as JSON, and a door open to every origin, as nothing
 * here goes by cookies or by where a page came from.
 *
 * @param now - unix milliseconds.
 * @param isFree - whether nobody is held to a rate: such a server must be closed to strangers in another way.
 */
export function createApp(limits: AppLimits, now: () => number, isFree = false): FastifyInstance {
  const app = Fastify({
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: true,
    // One server of our own making: for "localhost" Fastify would open a second one, which nobody limits.
    serverFactory: (answer) => {
      const server = createServer(
        {
          maxHeaderSize: limits.headerBytes,
          headersTimeout: limits.headersTimeoutMs,
          requestTimeout: limits.requestTimeoutMs,
          connectionsCheckingInterval: limits.connectionsCheckingMs,
          keepAliveTimeout: KEEP_ALIVE_MS,
        },
        answer,
      );
      limitConnections(server, limits.connections);
      return server;
    },
  });
  const mayAsk = createRateLimiter(limits.requestsPerSecond, limits.requestsBurst, now);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("access-control-allow-origin", "*");
    reply.header("access-control-allow-headers", "content-type");
    reply.header("access-control-allow-methods", "GET, POST, OPTIONS");
    reply.header("cross-origin-resource-policy", "cross-origin");
    reply.header("cache-control", "no-store");
    if (request.method === "OPTIONS") return reply.code(204).send();
    if (!isFree && !mayAsk(nameSource(request.ip))) {
      return sendRefusal(reply, 429, refuse("TOO_FAST", "too many requests; try again later"));
    }
  });
  app.setNotFoundHandler((request, reply) =>
    sendRefusal(reply, 404, refuse("NO_SUCH_PATH", `nothing is served at ${request.method} here`)),
  );
  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, _, reply) => {
    const status = error.statusCode ?? 500;
    const refusal =
      status === 413
        ? refuse("TOO_LONG", `expected a body of at most ${limits.bodyBytes} bytes`)
        : status < 500
          ? refuse("NOT_JSON", `expected a body of JSON: ${error.message}`)
          : refuse("FAILED", "the server failed to answer");
    return sendRefusal(reply, status, refusal);
  });
  return app;
}

export function sendRefusal(reply: FastifyReply, status: number, refusal: Failure): FastifyReply {
  return reply.code(status).send(refusalForm.write(refusal));
}

/** A number of at most ten digits in a path or query; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Whether a request comes from this machine. */
export function isLocal(ip: string): boolean {
  return ip === "127.0.0.1" || ip === "::1" || ip === "::ffff:127.0.0.1";
}
