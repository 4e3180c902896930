import { WebSocket } from "ws";
import { HEADERS_AT_ONCE_MAX, NODE_PATHS, splitHeaders } from "../api/mainChainApi.ts";
import { decodeHeader, hashHeader } from "../chain/header/header.ts";
import { formatHex } from "../lib/hex.ts";
import { REORG_MAX } from "./engine/blockTree.ts";
import type { MainNode } from "./node.ts";

/** How far below our tip a peer's headers are asked from first. */
const OVERLAP = 20;
/** Pause before a lost peer is tried again. */
const RETRY_MS = 1_000;
const REQUEST_MS = 10_000;

/**
 * Take the blocks of another node: at every tip that it announces, and again after a cut. What breaks a
 * rule is not taken, and `onTrouble` hears of it.
 */
export function followPeer(
  node: MainNode,
  url: string,
  onTrouble: (what: string) => void,
): { close(): void } {
  let isClosed = false;
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isWanted = false;

  async function get(path: string): Promise<Uint8Array> {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(REQUEST_MS) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** Take all of the peer's best chain above `from` that is not known here; further down if it does not link. */
  async function takeFrom(from: number): Promise<void> {
    let next = from;
    for (;;) {
      const query = `?from=${next}&count=${HEADERS_AT_ONCE_MAX}`;
      const headers = splitHeaders(await get(NODE_PATHS.headers + query));
      if (!headers.ok) throw new Error(headers.message);
      for (const bytes of headers.value) {
        const header = decodeHeader(bytes);
        if (!header.ok) throw new Error(header.message);
        const hash = hashHeader(header.value);
        if (node.find(hash) !== undefined) continue;
        if (node.find(header.value.previousHash) === undefined) {
          if (next === 1) throw new Error("the peer's chain begins elsewhere");
          return takeFrom(Math.max(1, next - REORG_MAX));
        }
        const taken = await node.submitBlock(await get(`${NODE_PATHS.blocks}/${formatHex(hash)}`));
        if (!taken.ok) throw new Error(`block ${header.value.height}: ${taken.message}`);
      }
      if (headers.value.length < HEADERS_AT_ONCE_MAX) return;
      next += headers.value.length;
    }
  }

  /** Take what is new, once more if a tip came meanwhile. */
  async function takeNew(): Promise<void> {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted && !isClosed) {
      isWanted = false;
      const from = Math.max(1, node.tip().header.header.height - OVERLAP);
      await takeFrom(from).catch((error: unknown) => onTrouble(`peer ${url}: ${String(error)}`));
    }
    isRunning = false;
  }

  function connect(): void {
    if (isClosed) return;
    socket = new WebSocket(url.replace(/^http/, "ws") + NODE_PATHS.stream, {
      maxPayload: 4_096,
      handshakeTimeout: REQUEST_MS,
    });
    socket.on("message", () => void takeNew());
    // A failed socket closes, and closing is what tries again.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      timer = setTimeout(connect, RETRY_MS);
    });
  }

  connect();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.removeAllListeners("close");
      socket?.terminate();
    },
  };
}
