import { setTimeout as pause } from "node:timers/promises";
import { type RawData, WebSocket } from "ws";
import { NODE_PATHS } from "../api/mainChainApi.ts";
import { HEADER_BYTES } from "../chain/header/header.ts";
import { keepAlive } from "../http/keepAlive.ts";
import { sha256 } from "../lib/hash.ts";
import type { MainNode } from "./node.ts";
import { createPeerSource } from "./peerSource.ts";
import { takeBlocks } from "./takeBlocks.ts";

/** How long a peer may take for things, and how soon it is asked again. */
export type PeerPace = {
  /** One answer, to its last byte. */
  readonly requestMs: number;
  /** Before a lost peer is tried again, and before one that gave trouble is; twice as long each time that it gives more. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** From one round of taking to the next, however many tips it announces. */
  readonly roundMs: number;
  /** From one ping to the next: a stream that has not answered two is cut. */
  readonly pingMs: number;
};

const PEER_PACE: PeerPace = {
  requestMs: 10_000,
  retryMs: 1_000,
  retryMsMax: 16_000,
  roundMs: 100,
  pingMs: 10_000,
};

/**
 * Take the blocks of another node: at every tip that it announces and that is not known, and again after a
 * cut. What breaks a rule is not taken, and `onTrouble` hears of it.
 */
export function followPeer(
  node: MainNode,
  url: string,
  onTrouble: (what: string) => void,
  pace: PeerPace = PEER_PACE,
): { close(): void } {
  const closing = new AbortController();
  const { signal } = closing;
  const { blockBytesMax } = node.rules.parameters;
  const peer = createPeerSource(url, { blockBytesMax, requestMs: pace.requestMs, closing: signal });
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isWanted = false;

  /** One round: what went wrong in it. */
  async function takeOnce(): Promise<string | undefined> {
    try {
      const taken = await takeBlocks(node, peer);
      return taken.ok ? undefined : `${taken.code}: ${taken.message}`;
    } catch (error) {
      return String(error);
    }
  }

  /** Take what is new, once more if a tip came meanwhile. A peer that gives trouble is given a pause, and asked again. */
  async function takeNew(): Promise<void> {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    let retryMs = pace.retryMs;
    while (isWanted && !signal.aborted) {
      isWanted = false;
      const trouble = await takeOnce();
      if (signal.aborted) break;
      if (trouble !== undefined) onTrouble(`peer ${url}: ${trouble}`);
      await pause(trouble === undefined ? pace.roundMs : retryMs, undefined, { signal }).catch(
        () => undefined,
      );
      retryMs = trouble === undefined ? pace.retryMs : Math.min(2 * retryMs, pace.retryMsMax);
      // One that is lost says its tip when it is there again.
      if (trouble !== undefined && socket?.readyState === WebSocket.OPEN) isWanted = true;
    }
    isRunning = false;
  }

  function hear(message: RawData): void {
    const isHeader = message instanceof Buffer && message.length === HEADER_BYTES;
    if (isHeader && node.find(sha256(message)) === undefined) void takeNew();
  }

  function connect(): void {
    const stream = new WebSocket(url.replace(/^http/, "ws") + NODE_PATHS.stream, {
      maxPayload: HEADER_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: pace.requestMs,
    });
    socket = stream;
    stream.on("open", () => keepAlive(stream, pace.pingMs));
    stream.on("message", hear);
    // A failed socket closes, and closing is what tries again.
    stream.on("error", () => undefined);
    stream.on("close", () => {
      if (!signal.aborted) timer = setTimeout(connect, pace.retryMs);
    });
  }

  connect();
  return {
    close() {
      closing.abort();
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}
