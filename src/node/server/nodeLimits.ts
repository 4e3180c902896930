import type { AppLimits } from "../../http/createApp.ts";
import type { StreamLimits } from "../../http/serveStreams.ts";

/** What one stranger, and all together, may take of the node's memory and time. */
export const NODE_LIMITS: AppLimits & StreamLimits & { readonly bufferedBytes: number } = {
  /** Largest request body: a transaction with a sortition-block of 960 KiB, and room. */
  bodyBytes: 1024 * 1024,
  headerBytes: 8 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionsCheckingMs: 1_000,
  requestsPerSecond: 400,
  requestsBurst: 2_000,
  /** Clients of the stream have nothing to say. */
  messageBytes: 64,
  /** An address may stand for a household or an office; the node's own descriptors are few. */
  connections: { perSource: 256, total: 8_192 },
  streams: { perSource: 64, total: 4_096 },
  /** Tips that may wait in a socket: beyond this the reader is cut. */
  bufferedBytes: 64 * 1024,
  pingMs: 10_000,
};
