import { HEADERS_AT_ONCE_MAX, NODE_PATHS, splitHeaders } from "../api/mainChainApi.ts";
import { HEADER_BYTES } from "../chain/header/header.ts";
import { joinBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";

/** What a peer serves of its best chain: a stranger's word, of bounded length. Rejects if it does not answer. */
export type PeerSource = {
  /** Encoded headers from a height on, `HEADERS_AT_ONCE_MAX` at most, fewer where the chain ends. */
  headers(from: number): Promise<Uint8Array[]>;
  /** What it says is the block with a header of this hash. */
  block(hash: Uint8Array): Promise<Uint8Array>;
};

export type PeerLimits = {
  readonly blockBytesMax: number;
  /** How long one answer may take, to its last byte. */
  readonly requestMs: number;
  /** Ends whatever is still asked. */
  readonly closing: AbortSignal;
};

/** A peer over HTTP. `url` without a slash at its end. */
export function createPeerSource(url: string, limits: PeerLimits): PeerSource {
  async function get(path: string, bytesMax: number): Promise<Uint8Array> {
    const signal = AbortSignal.any([limits.closing, AbortSignal.timeout(limits.requestMs)]);
    // A peer does not get to say whom else we ask.
    const answer = await fetch(url + path, { signal, redirect: "error" });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new Error(`${path} answered ${answer.status}`);
    }
    const reader = answer.body?.getReader();
    const parts: Uint8Array[] = [];
    for (let left = bytesMax; ; ) {
      const read = await reader?.read();
      if (read === undefined || read.done) return joinBytes(parts);
      left -= read.value.length;
      if (left < 0) {
        await reader?.cancel();
        throw new Error(`${path} answered with more than ${bytesMax} bytes`);
      }
      parts.push(read.value);
    }
  }

  return {
    async headers(from) {
      const query = `?from=${from}&count=${HEADERS_AT_ONCE_MAX}`;
      return insist(
        splitHeaders(await get(NODE_PATHS.headers + query, HEADERS_AT_ONCE_MAX * HEADER_BYTES)),
      );
    },
    block: (hash) => get(`${NODE_PATHS.blocks}/${formatHex(hash)}`, limits.blockBytesMax),
  };
}
