import { WebSocket } from "ws";
import { HEADERS_AT_ONCE_MAX, NODE_PATHS, splitHeaders } from "../api/mainChainApi.ts";
import { decodeHeader, HEADER_BYTES, type Header, hashHeader } from "../chain/header/header.ts";
import { joinBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";
import { REORG_MAX } from "./engine/blockTree.ts";
import type { MainNode } from "./node.ts";

/** How far below our tip a peer's headers are asked from first. */
const OVERLAP = 20;
/** Pause before a lost peer is tried again. */
const RETRY_MS = 1_000;
const REQUEST_MS = 10_000;

type HeaderAt = { readonly header: Header; readonly hash: Uint8Array };

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
  const { blockBytesMax } = node.rules.parameters;

  async function get(path: string, bytesMax: number): Promise<Uint8Array> {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(REQUEST_MS) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
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

  /** The peer's headers from a height on, each for the height after the one before. */
  async function getHeaders(from: number): Promise<HeaderAt[]> {
    const query = `?from=${from}&count=${HEADERS_AT_ONCE_MAX}`;
    const bytes = await get(NODE_PATHS.headers + query, HEADERS_AT_ONCE_MAX * HEADER_BYTES);
    return insist(splitHeaders(bytes)).map((each, index) => {
      const header = insist(decodeHeader(each));
      if (header.height !== from + index) throw new Error("the peer's headers leave out heights");
      return { header, hash: hashHeader(header) };
    });
  }

  /** Where to begin: as far down as it takes until the peer's chain is one that is known here. */
  async function findStart(): Promise<{ readonly from: number; readonly headers: HeaderAt[] }> {
    for (let from = node.tip().header.header.height - OVERLAP; ; from -= REORG_MAX) {
      const start = Math.max(1, from);
      const headers = await getHeaders(start);
      const [first] = headers;
      if (first === undefined && start === 1) return { from: start, headers };
      if (first !== undefined && node.find(first.header.previousHash) !== undefined) {
        return { from: start, headers };
      }
      if (start === 1) throw new Error("the peer's chain begins elsewhere");
    }
  }

  /** Take all of the peer's best chain that is not known here. */
  async function takeAll(): Promise<void> {
    let { from, headers } = await findStart();
    for (;;) {
      for (const { header, hash } of headers) {
        if (node.find(hash) !== undefined) continue;
        const path = `${NODE_PATHS.blocks}/${formatHex(hash)}`;
        const taken = await node.submitBlock(await get(path, blockBytesMax));
        if (!taken.ok) throw new Error(`block ${header.height}: ${taken.code}: ${taken.message}`);
      }
      if (headers.length < HEADERS_AT_ONCE_MAX) return;
      from += headers.length;
      headers = await getHeaders(from);
    }
  }

  /** Take what is new, once more if a tip came meanwhile. A peer that gives trouble is given a pause. */
  async function takeNew(): Promise<void> {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted && !isClosed) {
      isWanted = false;
      try {
        await takeAll();
      } catch (error) {
        onTrouble(`peer ${url}: ${String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
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
