import {
  decodeProofs,
  encodeProofRequest,
  HEADERS_AT_ONCE_MAX,
  NODE_PATHS,
  splitHeaders,
} from "../api/mainChainApi.ts";
import { HEADER_BYTES } from "../chain/header/header.ts";
import type { MainChainSource } from "../client/ports.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, type Verdict } from "../lib/verdict.ts";
import { openLiveSocket, type SocketOptions, socketUrl } from "./liveSocket.ts";
import { ask, askFor, demandAnswer } from "./request.ts";

/** Longest answer that carries a refusal or nothing. */
const SHORT_BYTES_MAX = 16 * 1024;
const PROOF_BYTES_MAX = 64 * 1024;
/** A main-chain block, with room. */
const BLOCK_BYTES_MAX = 2 * 1024 * 1024;

/** A main-chain node over HTTP and WebSocket. `url` without a slash at its end. */
export function createMainChainSource(url: string, options: SocketOptions = {}): MainChainSource {
  async function handIn(path: string, bytes: Uint8Array): Promise<Verdict<null>> {
    const body = { kind: "bytes", bytes: new Uint8Array(bytes) } as const;
    const answer = await ask(url + path, SHORT_BYTES_MAX, body);
    return answer.ok ? accept(null) : answer;
  }

  return {
    url,

    async headers(from, count) {
      const path = `${url}${NODE_PATHS.headers}?from=${from}&count=${count}`;
      const bytes = await askFor(path, HEADERS_AT_ONCE_MAX * HEADER_BYTES);
      return demandAnswer(path, splitHeaders(bytes));
    },

    async prove(map, key, headerHash) {
      const path = url + NODE_PATHS.proofs;
      const request = encodeProofRequest({ at: headerHash, keys: [{ map, key }] });
      const body = { kind: "bytes", bytes: new Uint8Array(request) } as const;
      const evidence = demandAnswer(path, decodeProofs(await askFor(path, PROOF_BYTES_MAX, body)));
      return { ...evidence, proof: evidence.proofs[0] ?? new Uint8Array() };
    },

    block: (hash) => askFor(`${url}${NODE_PATHS.blocks}/${formatHex(hash)}`, BLOCK_BYTES_MAX),

    send: (transaction) => handIn(NODE_PATHS.transactions, transaction),
    requestCoins: (publicKey) => handIn(NODE_PATHS.coins, publicKey),

    follow(onTip, onDown) {
      const handlers = { onMessage: onTip, onDown };
      return openLiveSocket(() => socketUrl(url, NODE_PATHS.stream), options, handlers).close;
    },
  };
}
