import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { decodeBlock } from "../../../src/blocks/block.ts";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { decodeTransaction } from "../../../src/chain/transaction.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist, type Verdict } from "../../../src/lib/verdict.ts";
import { createOperatorSource } from "../../../src/network/operatorSource.ts";
import { createFaucet } from "../../../src/node/faucet.ts";
import { type MainNode, openNode } from "../../../src/node/node.ts";
import { createServer } from "../../../src/node/server/createServer.ts";
import { encodeBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { computeContractId } from "../../../src/protocol/contractNew.ts";
import { encodeContractState, type SignedState } from "../../../src/protocol/contractState.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { encodePost, type Post } from "../../../src/protocol/post.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";
import { createMemoryKeyValueStore } from "../../story/localWorld.ts";
import type { Signed } from "./signatureLog.ts";
import { childrenOf } from "./signerUnderFire.ts";
import { until } from "./until.ts";

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const OPERATOR = fileURLToPath(new URL("../../../src/operator/main.ts", import.meta.url));
const RULES = createRules(LOCAL_NETWORK);
const MINER = computePublicKey(new Uint8Array(32).fill(9));
const MINE_EVERY_MS = 120;
const GENESIS_MS = 1_767_225_600_000;
const WIDTH = 1_000n;
/** 100 VEO until a height that no test comes to, no deposit, the shortest delays. */
const CREATE = "10000000000,100000,0,12,24";

/** A main-chain node that mines without being asked, and keeps every post that it was ever sent. */
export async function openMiningNode() {
  const store = createMemoryKeyValueStore();
  const genesis = createLocalGenesis(RULES);
  // Its time goes by the block: mined faster than the network means to, blocks would soon be hard to find.
  let nowMs = GENESIS_MS;
  const real = await openNode({ rules: RULES, genesis, store, now: () => nowMs });
  const posts: Post[] = [];
  const node: MainNode = {
    ...real,
    submitTransaction(bytes) {
      const sent = decodeTransaction(bytes);
      const body = sent.ok ? sent.value.transaction.body : undefined;
      if (body?.kind === "existence" && body.entry.kind === "post") posts.push(body.entry.post);
      return real.submitTransaction(bytes);
    },
  };
  const giveCoins = createFaucet(node);
  const server = createServer(node, { now: Date.now, giveCoins, mine: undefined });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const timer = setInterval(() => {
    nowMs += LOCAL_NETWORK.periodTenths * 100;
    void node.mine(MINER, nowMs);
  }, MINE_EVERY_MS);
  return {
    url,
    posts: posts as readonly Post[],
    async close() {
      clearInterval(timer);
      await server.close();
      await node.close();
    },
  };
}

/** Traders who ask an operator for blocks and states. `trader`: the private key of who holds on to what he gets. */
export class Traders {
  protected url: string;
  readonly #trader: Uint8Array;

  constructor(url: string, trader: Uint8Array) {
    this.url = url;
    this.#trader = trader;
  }

  /** Every block that is served, as encoded. */
  async blocks(): Promise<Uint8Array[]> {
    const source = createOperatorSource(this.url);
    const blocks: Uint8Array[] = [];
    for (;;) {
      const served = await source.blocks(blocks.length + 1, 64);
      blocks.push(...served);
      if (served.length < 64) return blocks;
    }
  }

  /**
   * Ask for space, each time with another key, and for states of what the trader holds, for as long as all is answered.
   *
   * @returns what was not; all that came back before is in the memory.
   */
  async trade(random: SeededRandom, memory: Memory): Promise<unknown> {
    const source = createOperatorSource(this.url);
    const buyer = computePublicKey(this.#trader);
    try {
      for (;;) {
        const anyone = random.below(4) === 0 ? buyer : computePublicKey(random.bytes(32));
        const held = [...memory.contracts.values()].slice(-3);
        await Promise.all([
          source.requestPurchase(anyone, WIDTH),
          this.#fetchNext(memory, buyer),
          ...held.map(({ id, last }) => this.#proposeNext(memory, random, id, last)),
        ]);
      }
    } catch (error) {
      return error;
    }
  }

  async #fetchNext(memory: Memory, buyer: Uint8Array): Promise<void> {
    const known = memory.blocks.length;
    for (const bytes of await createOperatorSource(this.url).blocks(known + 1, 64)) {
      memory.blocks.push(bytes);
      memory.note(bytes, buyer);
    }
  }

  async #proposeNext(
    memory: Memory,
    random: SeededRandom,
    contractId: Uint8Array,
    last: SignedState | undefined,
  ): Promise<void> {
    const nonce = (last?.state.nonce ?? 0) + 1;
    const signed = await this.propose(contractId, nonce, random.below(0x7fff_ffff));
    if (signed.ok) memory.keepState(signed.value);
  }

  /** Propose a state of the trader's. */
  async propose(
    contractId: Uint8Array,
    nonce: number,
    variant: number | Uint8Array,
  ): Promise<Verdict<SignedState>> {
    const script = typeof variant === "number" ? trueScript(variant) : variant;
    const state = { contractId, nonce, script };
    const digest = computeDigest("signState", RULES.networkId, encodeContractState(state));
    const signature = signDigest(digest, this.#trader);
    return createOperatorSource(this.url).proposeState(state, signature);
  }
}

/** The operator as a process, and traders at it. */
export class RunningOperator extends Traders {
  readonly process: ChildProcess;
  #said = "";
  #hasEnded = false;

  constructor(data: string, nodeUrl: string, trader: Uint8Array) {
    super("", trader);
    const flags = ["--data", data, "--key", join(data, "key"), "--node", nodeUrl, "--port", "0"];
    const args = ["--import", LOADER, OPERATOR, ...flags, "--create", CREATE, "--faucet"];
    const stdio = ["ignore", "pipe", "ignore", "ipc"] as const;
    this.process = spawn(process.execPath, args, { stdio: [...stdio] });
    this.process.stdout?.on("data", (data) => {
      this.#said += data;
    });
    // The signer writes to the same pipe: it is closed when both have ended, and the table is free.
    this.process.once("close", () => {
      this.#hasEnded = true;
    });
  }

  /** The lines of its log. */
  get said(): string {
    return this.#said;
  }

  /** Resolves once it serves; rejects if it ends before. */
  async up(): Promise<void> {
    let address: string | undefined;
    this.process.on("message", (message: { readonly kind: string; readonly address: string }) => {
      if (message.kind === "up") address = message.address;
    });
    await until("the operator is up or has ended", () => address !== undefined || this.#hasEnded);
    if (address === undefined) throw new Error(`the operator did not start\n${this.said}`);
    this.url = address;
  }

  /** Resolves when the process and its signer have ended. */
  async ended(): Promise<void> {
    await until("the operator and his signer have ended", () => this.#hasEnded);
  }

  get signerPid(): number | undefined {
    return childrenOf(this.process.pid ?? 0)[0];
  }
}

/** A script that is true, and different for each number: it pushes the number and drops it first. */
function trueScript(variant: number): Uint8Array {
  const PUSH_INTEGER = 0;
  const DROP = 20;
  const script = new Uint8Array(6 + TRUE_SCRIPT.length);
  script[0] = PUSH_INTEGER;
  new DataView(script.buffer).setUint32(1, variant);
  script[5] = DROP;
  script.set(TRUE_SCRIPT, 6);
  return script;
}

/** Hex ids of the contracts that blocks close. */
export function listClosed(blocks: readonly Uint8Array[]): string[] {
  return blocks.flatMap((bytes) =>
    insist(decodeBlock(bytes)).transactions.flatMap((transaction) =>
      transaction.kind === "contract-close" ? [formatHex(transaction.close.contractId)] : [],
    ),
  );
}

/** All that the world has ever got out of an operator. */
export class Memory {
  readonly blocks: Uint8Array[] = [];
  readonly contracts = new Map<
    string,
    { readonly id: Uint8Array; last: SignedState | undefined }
  >();
  readonly signed: Signed[] = [];

  /** Note a block's signature, and the contracts it gives to `owner`. */
  note(bytes: Uint8Array, owner: Uint8Array): void {
    const { header, transactions } = insist(decodeBlock(bytes));
    const { height, chainId, previousHash } = header;
    this.keep("block", "block", height, encodeBlockHeader(header));
    transactions.forEach((transaction, index) => {
      if (transaction.kind !== "contract-new") return;
      if (!equalBytes(transaction.contract.owner, owner)) return;
      const id = computeContractId(chainId, previousHash, index, transaction.contract);
      if (!this.contracts.has(formatHex(id))) {
        this.contracts.set(formatHex(id), { id, last: undefined });
      }
    });
  }

  keepState(signed: SignedState): void {
    const { contractId, nonce } = signed.state;
    const id = formatHex(contractId);
    this.contracts.set(id, { id: contractId, last: signed });
    this.keep("state", `state ${id}`, nonce, encodeContractState(signed.state));
  }

  keep(kind: string, series: string, number: number, body: Uint8Array): void {
    const place = `${series} ${number}`;
    this.signed.push({ place, kind, series, number, body: formatHex(body) });
  }

  /** All signatures: those of blocks and states as they came, and those of posts as the node was sent them. */
  all(posts: readonly Post[]): Signed[] {
    const sent = posts.map((post): Signed => {
      const { sequence: number } = post;
      const body = formatHex(encodePost(post));
      return { place: `post ${number}`, kind: "post", series: "post", number, body };
    });
    return [...this.signed, ...sent];
  }
}
