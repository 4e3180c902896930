import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cable } from "../../scripts/network/cable.ts";
import { type Running, startProcess } from "../../scripts/network/startProcess.ts";
import {
  decodeProofs,
  encodeMineRequest,
  encodeProofRequest,
  NODE_PATHS,
  splitHeaders,
} from "../../src/api/mainChainApi.ts";
import { decodeHeader, hashHeader } from "../../src/chain/header/header.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { FactEvidence, StateMap } from "../../src/protocol/factEvidence.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";

/** 2026-01-01 and an hour, in unix milliseconds: after the genesis, and the same in every run. */
export const START_MS = 1_767_225_600_000 + 3_600_000;
export const PERIOD_MS = LOCAL_NETWORK.periodTenths * 100;

/** A main-chain node in a process of its own, on a disk of its own, that others reach through its cable. */
export class NodeProcess {
  readonly data: string;
  readonly cable: Cable;
  readonly #args: readonly string[];
  #running: Running | undefined;
  url = "";

  private constructor(data: string, cable: Cable, args: readonly string[]) {
    this.data = data;
    this.cable = cable;
    this.#args = args;
  }

  /** Lay its cable; it is not started yet, so that nodes can be told of one another. */
  static async prepare(...args: readonly string[]): Promise<NodeProcess> {
    const data = await mkdtemp(join(tmpdir(), "sortition-node-"));
    return new NodeProcess(data, await Cable.lay(), args);
  }

  /** `more`: flags that were not known when it was prepared. */
  async start(...more: readonly string[]): Promise<void> {
    this.#running = await startProcess({
      name: "node",
      program: "node/main.ts",
      args: ["--data", join(this.data, "store"), "--port", "0", ...this.#args, ...more],
    });
    this.url = this.#running.up.address ?? "";
    this.cable.target = Number(new URL(this.url).port);
  }

  /** End it in the middle of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#running?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  /** Mine blocks, the first at unix time `ms`; of none, only say what time it is. */
  async mine(count: number, ms: number): Promise<number> {
    const answer = await this.#post(NODE_PATHS.mine, encodeMineRequest({ count, ms }));
    if (!answer.ok) throw new Error(`the node mines no block: ${await answer.text()}`);
    return Buffer.from(await answer.arrayBuffer()).readUInt32BE(0);
  }

  /** 204, or the status and the code of the refusal. */
  async send(transaction: Uint8Array): Promise<{ readonly status: number; readonly code: string }> {
    const answer = await this.#post(NODE_PATHS.transactions, transaction);
    const { status } = answer;
    if (answer.ok) return { status, code: "" };
    return { status, code: String(((await answer.json()) as { code: unknown }).code) };
  }

  async headers(from = 0): Promise<Uint8Array[]> {
    const answer = await fetch(`${this.url}${NODE_PATHS.headers}?from=${from}&count=2000`);
    return insist(splitHeaders(new Uint8Array(await answer.arrayBuffer())));
  }

  async tip(): Promise<{ readonly height: number; readonly hash: Uint8Array }> {
    const header = insist(decodeHeader((await this.headers()).at(-1) as Uint8Array));
    return { height: header.height, hash: hashHeader(header) };
  }

  async block(hash: Uint8Array): Promise<Uint8Array> {
    const answer = await fetch(`${this.url}${NODE_PATHS.blocks}/${formatHex(hash)}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** What the node proves of some keys under a header. */
  async prove(
    at: Uint8Array,
    keys: readonly { readonly map: StateMap; readonly key: Uint8Array }[],
  ): Promise<FactEvidence> {
    const answer = await this.#post(NODE_PATHS.proofs, encodeProofRequest({ at, keys }));
    return insist(decodeProofs(new Uint8Array(await answer.arrayBuffer())));
  }

  #post(path: string, body: Uint8Array): Promise<Response> {
    return fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.from(body),
    });
  }
}

/** Look until all nodes have the same tip. */
export async function untilAgreed(...nodes: readonly NodeProcess[]): Promise<Uint8Array> {
  for (;;) {
    const tips = await Promise.all(nodes.map((node) => node.tip()));
    const hashes = new Set(tips.map(({ hash }) => formatHex(hash)));
    if (hashes.size === 1) return (tips[0] as (typeof tips)[0]).hash;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
