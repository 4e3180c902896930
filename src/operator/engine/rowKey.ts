import { formatHex } from "../../lib/hex.ts";

const NUMBER_DIGITS = 10;

/** Keys of the engine's rows: text, numbers padded so that key order is their order. */
export const rowKey = {
  /** The chain this database belongs to. */
  chain: "chain",
  /** The contract that this database runs a chain inside of. */
  nested: "nested",
  /** That this chain goes over to the main chain, and with which post. */
  switch: "switch",
  /** The decided block that waits for its signature, its signature left zero. */
  draft: "draft",
  /** What is known of the records of our posts. */
  judged: "judged",
  block: (height: number): string => `block:${pad(height)}`,
  /** The height of the block of this hash, u32. */
  blockHash: (hash: Uint8Array): string => `hash:${formatHex(hash)}`,
  state: (contractId: Uint8Array): string => `state:${formatHex(contractId)}`,
  post: (sequence: number): string => `post:${pad(sequence)}`,
  /** How the main chain is shown a post that stands in an ancestor. */
  entry: (sequence: number): string => `entry:${pad(sequence)}`,
  sent: (nonce: number): string => `sent:${pad(nonce)}`,
  /** All markets that are offered. */
  markets: "markets",
  /** An order that was acknowledged for the next batch. `name`: hex. */
  order: (name: string): string => `order:${name}`,
  /** The orders that the block of a height was cleared from. */
  batch: (height: number): string => `batch:${pad(height)}`,
  header: (hash: Uint8Array): string => `header:${formatHex(hash)}`,
};

function pad(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}
