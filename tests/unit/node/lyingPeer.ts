import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { HEADERS_AT_ONCE_MAX, NODE_PATHS } from "../../../src/api/mainChainApi.ts";
import { encodeMainBlock } from "../../../src/chain/block.ts";
import { encodeHeader } from "../../../src/chain/header/header.ts";
import { concatBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { type BlockTree, tipOf } from "../../../src/node/engine/blockTree.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";

/** An answer, or a way to answer by hand. */
export type PeerAnswer = Uint8Array | ((response: ServerResponse) => void);
/** What a peer answers instead of the truth; undefined for the truth. */
export type Lie = (question: {
  readonly kind: "headers" | "block";
  readonly from: number;
  readonly honest: Uint8Array;
}) => PeerAnswer | undefined;

/** A node's interface in this process, over a chain of its own, that lies as it is told. */
export class LyingPeer {
  /** Paths of all questions. */
  readonly asked: string[] = [];
  #onQuestion: () => void = () => undefined;
  #onCut: () => void = () => undefined;
  lie: Lie = () => undefined;
  readonly #tree: BlockTree;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#server, path: NODE_PATHS.stream });
  #opened: (() => void)[] = [];

  private constructor(tree: BlockTree) {
    this.#tree = tree;
    this.#sockets.on("connection", (socket) => {
      this.#say(socket);
      for (const done of this.#opened.splice(0)) done();
    });
  }

  static async open(tree: BlockTree): Promise<LyingPeer> {
    const peer = new LyingPeer(tree);
    peer.#server.listen(0, "127.0.0.1");
    await once(peer.#server, "listening");
    return peer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get blocksAsked(): number {
    return this.asked.filter((path) => path.startsWith(NODE_PATHS.blocks)).length;
  }

  /** Say a tip to all who listen, the true one unless another is given. */
  announce(message?: Uint8Array): void {
    for (const socket of this.#sockets.clients) this.#say(socket, message);
  }

  /** Resolves when all that was said is heard by whoever listens. */
  async nextPong(): Promise<void> {
    for (const socket of this.#sockets.clients) {
      socket.ping();
      await once(socket, "pong");
    }
  }

  /** Stop to answer the pings of whoever listens now, as if the cable had been cut. */
  freeze(): void {
    for (const socket of this.#sockets.clients) socket.pause();
  }

  /** Resolves when somebody opens the stream anew. */
  nextListener(): Promise<void> {
    return new Promise((resolve) => this.#opened.push(resolve));
  }

  nextQuestion(): Promise<void> {
    return new Promise((resolve) => {
      this.#onQuestion = resolve;
    });
  }

  /** Resolves when somebody leaves an answer before its end. */
  nextCut(): Promise<void> {
    return new Promise((resolve) => {
      this.#onCut = resolve;
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #say(socket: WebSocket, message = encodeHeader(tipOf(this.#tree).header.header)): void {
    socket.send(message);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://peer");
    this.asked.push(url.pathname);
    response.on("close", () => {
      if (!response.writableFinished) this.#onCut();
    });
    this.#onQuestion();
    const from = Number(url.searchParams.get("from"));
    const kind = url.pathname === NODE_PATHS.headers ? "headers" : "block";
    const honest = kind === "headers" ? this.#headers(from) : this.#block(url.pathname);
    const answer = this.lie({ kind, from, honest }) ?? honest;
    if (answer instanceof Uint8Array) response.end(answer);
    else answer(response);
  }

  #headers(from: number): Uint8Array {
    const nodes = this.#tree.best.slice(from, from + HEADERS_AT_ONCE_MAX);
    return concatBytes(...nodes.map(({ header }) => encodeHeader(header.header)));
  }

  #block(path: string): Uint8Array {
    const node = this.#tree.nodes.get(path.slice(NODE_PATHS.blocks.length + 1));
    if (node === undefined) return new Uint8Array();
    return encodeMainBlock(node.block, LOCAL_NETWORK.blockBytesMax);
  }
}

/** A block's hash as it stands in the path of a question. */
export function pathOf(hash: Uint8Array): string {
  return `${NODE_PATHS.blocks}/${formatHex(hash)}`;
}
