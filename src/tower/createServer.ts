import type { FastifyInstance } from "fastify";
import {
  decodeHandIn,
  decodeToken,
  encodeKept,
  encodeTowerStatus,
  SEALED_BYTES_MAX,
  TOWER_PATHS,
  writeReceipt,
} from "../api/towerApi.ts";
import { type AppLimits, createApp, sendRefusal } from "../http/createApp.ts";
import { nameSource } from "../http/nameSource.ts";
import { createRateLimiter } from "../http/rateLimiter.ts";
import { encode } from "../lib/codec.ts";
import { refuse } from "../lib/verdict.ts";
import type { TowerDesk } from "./desk.ts";

/** What one stranger, and all together, may take of the tower's memory and time. */
export const TOWER_LIMITS: AppLimits & NewClientLimits = {
  /** The longest sealed evidence, with token, locator and height. */
  bodyBytes: SEALED_BYTES_MAX + 256,
  headerBytes: 8 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionsCheckingMs: 1_000,
  requestsPerSecond: 20,
  requestsBurst: 600,
  connections: { perSource: 64, total: 4_096 },
  newClientsPerSecond: 1 / 60,
  newClientsBurst: 64,
};

/** New clients of one source: as every client has room for his own, who makes many takes what is others'. */
export type NewClientLimits = {
  readonly newClientsPerSecond: number;
  readonly newClientsBurst: number;
};

const BINARY = "application/octet-stream";
/** Refusals that may pass by themselves. */
const TRY_AGAIN = new Set(["NOT_READY", "FULL"]);

/** The tower's public interface over HTTP, open to every origin. @param now - unix milliseconds. */
export function createServer(
  desk: TowerDesk,
  now: () => number,
  limits: AppLimits & NewClientLimits = TOWER_LIMITS,
): FastifyInstance {
  const app = createApp(limits, now);
  app.addContentTypeParser(BINARY, { parseAs: "buffer" }, (_, body, done) => done(null, body));
  const mayBegin = createRateLimiter(limits.newClientsPerSecond, limits.newClientsBurst, now);

  app.get(TOWER_PATHS.status, async (_, reply) =>
    reply.type(BINARY).send(Buffer.from(encodeTowerStatus(await desk.status()))),
  );

  app.post(TOWER_PATHS.appointments, async (request, reply) => {
    const handIn = decodeHandIn(bytesOf(request.body));
    if (!handIn.ok) return sendRefusal(reply, 400, handIn);
    if (!desk.isKnown(handIn.value.token) && !mayBegin(nameSource(request.ip))) {
      const refusal = refuse(
        "TOO_MANY_CLIENTS",
        "too many new clients from there; try again later",
      );
      return sendRefusal(reply, 429, refusal);
    }
    const receipt = await desk.handIn(handIn.value);
    if (!receipt.ok) return sendRefusal(reply, TRY_AGAIN.has(receipt.code) ? 503 : 409, receipt);
    const bytes = encode((writer) => writeReceipt(writer, receipt.value));
    return reply.type(BINARY).send(Buffer.from(bytes));
  });

  app.post(TOWER_PATHS.kept, async (request, reply) => {
    const token = decodeToken(bytesOf(request.body));
    if (!token.ok) return sendRefusal(reply, 400, token);
    return reply.type(BINARY).send(Buffer.from(encodeKept(desk.kept(token.value))));
  });
  return app;
}

/** The body as bytes; anything else that fastify may have parsed counts as none. */
function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? new Uint8Array(body) : new Uint8Array();
}
