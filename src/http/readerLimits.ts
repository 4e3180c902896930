/** What one reader, and all together, may take of the memory and time of a server that has blocks. */
export const READER_LIMITS = {
  headerBytes: 8 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  connectionsCheckingMs: 1_000,
  /** Largest message from a WebSocket client. */
  messageBytes: 64 * 1024,
  /** An address may stand for a household or an office; a wallet has one stream, and a taker one more. */
  connections: { perSource: 256, total: 16_000 },
  streams: { perSource: 16, total: 12_000 },
  requestsPerSecond: 200,
  requestsBurst: 1_000,
  pingMs: 10_000,
  /** A reader who takes nothing off a full socket for so long is cut. */
  stallMs: 10_000,
  /** Newest blocks of a chain kept in memory for all its streams. */
  recentBlocks: 64,
} as const;
