import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { refusalForm } from "../api/refusalForm.ts";
import { type Failure, refuse } from "../lib/verdict.ts";
import { createRateLimiter } from "./rateLimiter.ts";

/** What one stranger may take of a server's memory and time. */
export type AppLimits = {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly connectionsCheckingMs: number;
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
};

/**
 * The frame of our HTTP servers: limits, refusals as JSON, and a door open to every origin, as nothing
 * here goes by cookies or by where a page came from.
 *
 * @param now - unix milliseconds.
 * @param isFree - which paths are not counted; they must be closed to strangers in another way.
 */
export function createApp(
  limits: AppLimits,
  now: () => number,
  isFree: (path: string) => boolean = () => false,
): FastifyInstance {
  const app = Fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: true,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.connectionsCheckingMs,
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
    if (!isFree(request.url) && !mayAsk(request.ip)) {
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
