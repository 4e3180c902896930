import { READER_LIMITS } from "../../http/readerLimits.ts";

/** What one stranger, and all together, may take of the operator's memory and time. */
export const SERVER_LIMITS = {
  ...READER_LIMITS,
  /** Largest request body: eight exact closes with all their successors, in hex. */
  bodyBytes: 512 * 1024,
  messagesPerSecond: 20,
  messagesBurst: 40,
  signInMs: 3_000,
  /** Bytes that may wait in a socket before the next message is held back or, on the trade socket, it is cut. */
  bufferedBytes: 1024 * 1024,
  /** Changes of the books are gathered for so long before they are told. */
  gatherMs: 100,
  /** Longest silence of a feed. */
  beatMs: 5_000,
} as const;
