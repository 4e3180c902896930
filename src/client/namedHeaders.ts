import { decodeBlock } from "../blocks/block.ts";
import { type Header, hashHeader } from "../chain/header/header.ts";
import { formatHex } from "../lib/hex.ts";

/** The main-chain headers that the void closes of a block name, as far as they are known; none of what is no block. */
export function findNamedHeaders(
  bytes: Uint8Array,
  find: (hash: Uint8Array) => Header | undefined,
): Header[] {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return [];
  const found = new Map<string, Header>();
  for (const transaction of decoded.value.transactions) {
    if (transaction.kind !== "contract-close") continue;
    const by = transaction.close.authorisation;
    const header = by.kind === "void" ? find(by.evidence.headerHash) : undefined;
    if (header !== undefined) found.set(formatHex(hashHeader(header)), header);
  }
  return [...found.values()];
}

/** Headers by their hash, each hashed once. */
export function indexHeaders(headers: readonly Header[]): (hash: Uint8Array) => Header | undefined {
  const index = new Map(headers.map((header) => [formatHex(hashHeader(header)), header]));
  return (hash) => index.get(formatHex(hash));
}
