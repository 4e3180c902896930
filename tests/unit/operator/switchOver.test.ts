import { describe, expect, it } from "vitest";
import { decodeBlock } from "../../../src/blocks/block.ts";
import { createGasMeter } from "../../../src/chain/gasMeter.ts";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import {
  credit,
  EMPTY_STATE,
  getRecord,
  type MainState,
} from "../../../src/chain/state/mainState.ts";
import { decodeTransaction } from "../../../src/chain/transaction.ts";
import { applyTransaction } from "../../../src/chain/txs/applyTransaction.ts";
import { decode, encode } from "../../../src/lib/codec.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { getValue } from "../../../src/lib/map/merkleMap.ts";
import { accept, insist, refuse } from "../../../src/lib/verdict.ts";
import { createManualClock } from "../../../src/operator/clock.ts";
import { createEngineState } from "../../../src/operator/engine/engineState.ts";
import { DEFAULT_POLICY } from "../../../src/operator/engine/policy.ts";
import { replay } from "../../../src/operator/engine/replay.ts";
import { createMainChainLink } from "../../../src/operator/mainChainLink.ts";
import type { MainChainPort } from "../../../src/operator/mainChainPort.ts";
import { createSwitchingLink } from "../../../src/operator/nested/switchingLink.ts";
import type { NodePort } from "../../../src/operator/nodePort.ts";
import { type Operator, runOperator } from "../../../src/operator/operator.ts";
import { readSigned } from "../../../src/operator/signer/readSigned.ts";
import {
  openSignerService,
  type SignerService,
} from "../../../src/operator/signer/signerService.ts";
import type { RowStore } from "../../../src/operator/store/rowStore.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import {
  readExistenceRecord,
  readSignedPost,
  writeSignedPost,
} from "../../../src/protocol/post.ts";
import {
  computeSwitchedPostKey,
  computeSwitchKey,
  readSwitchRecord,
} from "../../../src/protocol/switch.ts";
import { CHAIN, keyOf, OPERATOR, PowerCut, RULES } from "./world.ts";

const CONFIRMATIONS = RULES.parameters.confirmations;
const SILENCE = 4;
const PLACE = { kind: "chain", id: keyOf("anchor").publicKey.subarray(1) } as const;

/** Rows in memory; the power goes at commit number `cutAt`, before it or right after. */
function createStore(rows: Map<string, Uint8Array>, cutAt = -1, isCutAfter = false) {
  let commits = 0;
  let isDown = false;
  const store: RowStore = {
    rows: async () => [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    get: async (key) => rows.get(key),
    async commit(operations) {
      commits += 1;
      isDown ||= commits === cutAt && !isCutAfter;
      if (isDown) throw new PowerCut();
      for (const operation of operations) {
        if (operation.kind === "put") rows.set(operation.key, operation.value);
        else rows.delete(operation.key);
      }
      isDown = commits === cutAt;
      if (isDown) throw new PowerCut();
    },
    close: async () => undefined,
  };
  return { store, commits: () => commits };
}

/** An operator inside another chain, that chain, and a main chain of real rules on which he has coins. */
class SwitchWorld {
  readonly rows = new Map<string, Uint8Array>();
  readonly clock = createManualClock(1_000_000);
  readonly anchor = { isUp: true, taken: 0, recorded: 0, recordedAt: 0, hashes: [] as string[] };
  readonly states: MainState[] = [credit(EMPTY_STATE, OPERATOR.publicKey, 10n ** 9n)];
  operator!: Operator;
  commits = () => 0;
  hasFallen = false;
  refusals: string[] = [];
  #mempool = new Map<number, Uint8Array>();
  #tell: () => void = () => undefined;
  #signer!: SignerService;
  switchAfter: number | undefined;

  constructor(switchAfter: number | undefined) {
    this.switchAfter = switchAfter;
  }

  get height(): number {
    return this.states.length - 1;
  }

  get main(): MainState {
    return this.states[this.height] as MainState;
  }

  async start(cutAt?: number, isCutAfter?: boolean): Promise<void> {
    this.#signer ??= await openSignerService(
      createStore(new Map()).store,
      RULES.networkId,
      OPERATOR.privateKey,
    );
    const { store, commits } = createStore(this.rows, cutAt, isCutAfter);
    this.commits = commits;
    this.hasFallen = false;
    const { switchAfter } = this;
    const policy = { ...DEFAULT_POLICY, batchMs: 0, postMs: 0, switchAfter };
    const state = createEngineState(RULES, CHAIN, policy, [], PLACE);
    replay(state, await store.rows());
    insist(await this.#signer.recall(await readSigned(state, store)));
    this.operator = runOperator({
      state,
      store,
      signer: this.#signer,
      mainChain: createSwitchingLink({
        wallet: { sync: async () => undefined },
        anchored: this.#anchored(),
        own: {
          ...createMainChainLink(this.#node(), OPERATOR.publicKey, CONFIRMATIONS),
          follow: (tell) => {
            this.#tell = tell;
            tell();
            return () => undefined;
          },
        },
      }),
      answers: {
        target: { topId: CHAIN.id, chainId: CHAIN.id, operator: OPERATOR.publicKey },
        readRequests: async () => ({ height: this.height, open: [], challenges: [] }),
        sendAnswers: async () => undefined,
      },
      end: { advance: async () => undefined },
      clock: this.clock,
      onTrouble: (what) => this.refusals.push(what),
    });
    this.operator.failed.catch((error: unknown) => {
      if (!(error instanceof PowerCut)) throw error;
      this.hasFallen = true;
    });
    await this.rest();
  }

  /** The ancestor, as a light client that keeps up with it sees it. */
  #anchored(): MainChainPort {
    const { anchor } = this;
    return {
      readView: async () => {
        const { taken, recorded, recordedAt } = anchor;
        const isBuried = recorded === 0 || recordedAt + CONFIRMATIONS <= this.height + 1;
        const { height } = this;
        return {
          height,
          accountNonce: taken,
          anchored: { taken, isBuried },
          recorded,
          records: [],
          oracles: new Map(),
          resultHeights: new Map(),
        };
      },
      readEvidence: () => Promise.reject(new Error("nothing here stands under a condition")),
      draft(_, word, signature) {
        if (word.kind !== "post") throw new Error("a switch is no word to an ancestor");
        const { post } = word;
        const signed = { post, signer: OPERATOR.publicKey, signature };
        return encode((writer) => writeSignedPost(writer, signed));
      },
      async send(bytes) {
        const { post } = insist(decode(bytes, readSignedPost));
        expect(post.place).toEqual(PLACE);
        if (!anchor.isUp) throw new Error("nobody answers");
        if (post.sequence !== anchor.taken + 1) return refuse("SEQUENCE_GAP", "not the next");
        anchor.taken = post.sequence;
        anchor.hashes.push(formatHex(post.blockHash));
        return accept(null);
      },
      follow: () => () => undefined,
    };
  }

  #node(): NodePort {
    const none = new Uint8Array(32);
    const genesis = createLocalGenesis(RULES).header.header;
    const header = () => ({ ...genesis, hash: none, height: this.height });
    return {
      tip: async () => header(),
      headerAt: async () => header(),
      read: async (keys) => ({
        values: keys.map(({ map, key }) => getValue(this.main[map], key)),
        evidence: { headerHash: none, mapRoots: [], proofs: [] },
      }),
      send: async (bytes) => {
        this.#mempool.set(insist(decodeTransaction(bytes)).transaction.nonce, bytes);
        return accept(null);
      },
      follow: () => () => undefined,
    };
  }

  async mine(count = 1): Promise<void> {
    for (let made = 0; made < count; made++) await this.#mineOne();
  }

  async #mineOne(): Promise<void> {
    const place = { rules: RULES, height: this.height + 1, workHashAt: () => undefined };
    let state = this.main;
    let index = 0;
    for (const [nonce, bytes] of [...this.#mempool].toSorted(([a], [b]) => a - b)) {
      const applied = applyTransaction(state, insist(decodeTransaction(bytes)), {
        ...place,
        index,
        gas: createGasMeter(0),
      });
      if (applied.ok || applied.code === "NONCE_USED") this.#mempool.delete(nonce);
      else this.refusals.push(applied.code);
      if (applied.ok) state = applied.value.state;
      index += 1;
    }
    this.states.push(state);
    const { anchor } = this;
    if (anchor.isUp && anchor.recorded < anchor.taken) {
      anchor.recorded = anchor.taken;
      anchor.recordedAt = this.height;
    }
    this.clock.setTime(this.clock.now() + 2_000);
    this.#tell();
    await this.rest();
    if (this.hasFallen) await this.start();
  }

  /** Another branch, in which nothing from this height on has happened. */
  reorg(height: number): void {
    this.states.splice(height);
    this.#mempool.clear();
  }

  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      while (!this.hasFallen && !this.operator.isAtRest()) {
        await new Promise((resolve) => setImmediate(resolve));
        this.clock.setTime(this.clock.now() + 10);
      }
    }
  }

  /** Make a block of the chain; a buyer asks again where the operator fell. */
  async trade(): Promise<void> {
    const height = this.operator.state.tip.height + 1;
    while (this.operator.state.tip.height < height) {
      const buyer = keyOf(`buyer ${height}`).publicKey;
      void this.operator.ask({ kind: "purchase", buyer, width: 10n ** 8n });
      await this.rest();
      if (!this.hasFallen) continue;
      await this.start();
      await this.mine();
    }
  }

  get switched() {
    const key = computeSwitchKey(OPERATOR.publicKey, CHAIN.id);
    return getRecord(this.main, "existence", key, readSwitchRecord);
  }

  /** The posts that stand on the main chain after the switch, from the first on. */
  get posted(): { height: number; hash: string }[] {
    const { first = 1 } = this.switched ?? {};
    const posts: { height: number; hash: string }[] = [];
    for (let sequence = first; ; sequence++) {
      const key = computeSwitchedPostKey(OPERATOR.publicKey, CHAIN.id, sequence);
      const record = getRecord(this.main, "existence", key, readExistenceRecord);
      if (record === undefined) return posts;
      posts.push({ height: record.height, hash: formatHex(record.hash) });
    }
  }

  /** The hash of one of the chain's blocks. */
  async hashOf(height: number): Promise<string> {
    const bytes = await this.operator.block(height);
    if (bytes === undefined) throw new Error(`no block ${height}`);
    return formatHex(hashBlockHeader(insist(decodeBlock(bytes)).header));
  }
}

async function begin(switchAfter = SILENCE, cutAt?: number, isCutAfter?: boolean) {
  const world = new SwitchWorld(switchAfter);
  await world.start(cutAt, isCutAfter);
  await world.mine();
  return world;
}

/** A post in the anchor; then it falls silent, the trade goes on, and at last the anchor wakes again. */
async function tellStory(world: SwitchWorld): Promise<void> {
  await world.trade();
  await world.mine(CONFIRMATIONS + 1);
  world.anchor.isUp = false;
  await world.trade();
  for (let blocks = 0; world.switched === undefined && blocks < 4 * SILENCE; blocks++) {
    await world.mine();
  }
  world.anchor.isUp = true;
  await world.trade();
  await world.mine(6);
}

describe("an operator whose anchor falls silent", () => {
  it("switches after so many blocks, says again what the anchor recorded last, and goes on", async () => {
    const world = await begin();
    await tellStory(world);
    expect(world.switched?.first).toBe(1);
    const hashes = await Promise.all([1, 2, 3].map((height) => world.hashOf(height)));
    expect(world.posted.map(({ hash }) => hash)).toEqual(hashes);
    expect(world.anchor.hashes).toEqual(hashes.slice(0, 1));
    const [repeated] = world.posted;
    expect(repeated?.height).toBeGreaterThan(world.switched?.height ?? Infinity);
  });

  it("stays while it is not silent for so long, and while nothing waits to be recorded", async () => {
    const world = await begin();
    await world.trade();
    await world.mine(2 * SILENCE);
    world.anchor.isUp = false;
    await world.mine(2 * SILENCE);
    expect(world.switched).toBeUndefined();
    await world.trade();
    await world.mine(SILENCE - 1);
    world.anchor.isUp = true;
    await world.mine(2 * SILENCE);
    expect([world.switched, world.anchor.recorded]).toEqual([undefined, 2]);
  });

  it("goes at once where it is told to, as soon as what was recorded last has its confirmations", async () => {
    const world = await begin();
    await world.trade();
    while (world.anchor.recorded === 0) await world.mine();
    await world.operator.close();
    world.switchAfter = 0;
    await world.start();
    expect(world.operator.state.switched).toBeUndefined();
    await world.mine(CONFIRMATIONS - 1);
    expect(world.operator.state.switched).toEqual({ first: 1 });
    await world.mine(3);
    expect(world.posted.map(({ hash }) => hash)).toEqual([await world.hashOf(1)]);
  });

  it("goes with post 1 where the anchor has recorded nothing", async () => {
    const world = await begin(0);
    await world.trade();
    await world.mine(4);
    expect([world.switched?.first, world.posted.length]).toEqual([1, 1]);
  });

  it("sends all of it again after a reorg that lost it, the same, however late the anchor wakes", async () => {
    const world = await begin();
    await tellStory(world);
    const before = world.posted.map(({ hash }) => hash);
    world.reorg((world.switched?.height ?? 0) - 1);
    expect(world.switched).toBeUndefined();
    await world.mine(4);
    expect(world.switched?.first).toBe(1);
    expect(world.posted.map(({ hash }) => hash)).toEqual(before);
    expect(world.anchor.taken).toBe(1);
  });
});

it("comes to the same end wherever the power goes, and signs nothing twice", async () => {
  const whole = await begin();
  await tellStory(whole);
  const commits = whole.commits();
  expect(commits).toBeGreaterThan(12);
  for (let cut = 1; cut <= commits; cut++) {
    for (const isCutAfter of [false, true]) {
      const world = await begin(SILENCE, cut, isCutAfter);
      await tellStory(world);
      await world.mine(4);
      const name = `cut ${isCutAfter ? "after" : "before"} commit ${cut}`;
      const { state } = world.operator;
      const hashes = state.posts
        .slice((world.switched?.first ?? 1) - 1)
        .map(({ blockHash }) => blockHash);
      expect(
        world.posted.map(({ hash }) => hash),
        name,
      ).toEqual(hashes.map(formatHex));
      expect(world.posted.length, name).toBeGreaterThan(1);
      expect(world.anchor.taken, name).toBeLessThanOrEqual(1);
      expect(state.posts.at(-1)?.height, name).toBe(state.tip.height);
    }
  }
});
