/** What one stranger, and all together, may take of the operator's memory and time. */
export const SERVER_LIMITS = {
  /** Largest request body: eight exact closes with all their successors, in hex. */
  bodyBytes: 512 * 1024,
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
  messagesPerSecond: 20,
  messagesBurst: 40,
  signInMs: 3_000,
  pingMs: 10_000,
  /** A reader who takes nothing off a full socket for so long is cut. */
  stallMs: 10_000,
  /** Bytes that may wait in a socket before the next message is held back or, on the trade socket, it is cut. */
  bufferedBytes: 1024 * 1024,
  /** Changes of the books are gathered for so long before they are told. */
  gatherMs: 100,
  /** Longest silence of a feed. */
  beatMs: 5_000,
  /** Newest blocks kept in memory for all streams. */
  recentBlocks: 64,
} as const;
