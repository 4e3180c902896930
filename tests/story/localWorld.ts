import {
  type Counterparty,
  type CounterpartyPolicy,
  createCounterparty,
} from "../../src/agents/counterparty.ts";
import { readChainAddress } from "../../src/api/chainAddress.ts";
import type { Market } from "../../src/api/marketApi.ts";
import type { TakerMessage } from "../../src/api/operatorApi.ts";
import { decodePublishedBatch } from "../../src/api/publishedBatch.ts";
import { decodeBlock } from "../../src/blocks/block.ts";
import { encodeHolding } from "../../src/blocks/holding.ts";
import { encodeHeader } from "../../src/chain/header/header.ts";
import { createLocalGenesis } from "../../src/chain/localNetwork.ts";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import {
  type BlockVerifier,
  type MainChainSource,
  type OperatorFacts,
  type OperatorSource,
  type Signer,
  SourceError,
  type StoreOperation,
  type WalletStore,
} from "../../src/client/ports.ts";
// What a wallet loads when it is needed is loaded from the start: how long that takes must not move the stories' clock.
import "../../src/client/disputes/challengeCases.ts";
import "../../src/client/disputes/watcher.ts";
import "../../src/client/orders/audits.ts";
import "../../src/client/followChain.ts";
import "../../src/client/recordedBlocks.ts";
import "../../src/client/voidBooks.ts";
import "../../src/client/walletActions.ts";
import "../../src/client/tower/towerDuty.ts";
import type { TowerSetting } from "../../src/client/tower/towerSource.ts";
import { createWallet, type Wallet } from "../../src/client/wallet.ts";
import type { KeyValueStore } from "../../src/disk/keyValueStore.ts";
import type { ServedChains } from "../../src/http/chainRoutes.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { verifyMapProof } from "../../src/lib/map/mapProof.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { accept, insist, type Verdict } from "../../src/lib/verdict.ts";
import type { Archive } from "../../src/mirror/archive.ts";
import { createMirroredChains } from "../../src/mirror/mirroredChains.ts";
import { createFaucet } from "../../src/node/faucet.ts";
import { type MainNode, openNode } from "../../src/node/node.ts";
import { createAnswerLink } from "../../src/operator/answerLink.ts";
import type { AnswerPort } from "../../src/operator/answerRequests.ts";
import { type ChainEnd, createChainEnd } from "../../src/operator/chainEnd.ts";
import { createManualClock, type ManualClock } from "../../src/operator/clock.ts";
import { createDefence, type Defence, type DefencePort } from "../../src/operator/defence.ts";
import type { Answer } from "../../src/operator/engine/engineEvent.ts";
import { createEngineState } from "../../src/operator/engine/engineState.ts";
import { DEFAULT_POLICY } from "../../src/operator/engine/policy.ts";
import {
  describeBooks,
  describeDeadline,
  describeTrade,
  type FeedNews,
} from "../../src/operator/feedNews.ts";
import { createMainChainDefence } from "../../src/operator/mainChainDefence.ts";
import { createMainChainLink } from "../../src/operator/mainChainLink.ts";
import { createNestedAnswers } from "../../src/operator/nested/nestedAnswers.ts";
import { createNestedDefence } from "../../src/operator/nested/nestedDefence.ts";
import { createNestedEnd } from "../../src/operator/nested/nestedEnd.ts";
import { createNestedLink } from "../../src/operator/nested/nestedLink.ts";
import { createSwitchingLink } from "../../src/operator/nested/switchingLink.ts";
import type { MainHeader, NodePort } from "../../src/operator/nodePort.ts";
import { openChain } from "../../src/operator/openChain.ts";
import { type Operator, runOperator } from "../../src/operator/operator.ts";
import { openSignerService, type SignerService } from "../../src/operator/signer/signerService.ts";
import type { RowStore } from "../../src/operator/store/rowStore.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { STATE_MAPS } from "../../src/protocol/factEvidence.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";

export const RULES = createRules(LOCAL_NETWORK);
export const OPERATOR_URL = "http://operator";
const VEO = 100_000_000n;
const PERIOD_MS = LOCAL_NETWORK.periodTenths * 100;
/** Main-chain blocks in which operators to whom nobody comes have everything recorded. */
const REST_MAX = 40;
const START_MS = 1_767_225_600_000 + 1_000_000;
export const GENESIS = createLocalGenesis(RULES);

/** A private key that follows from a seed and a name. */
export function keyOf(seed: string, name: string): Uint8Array {
  return sha256(encodeUtf8(`${seed}:${name}`));
}

/** A key-value store that lives in memory. */
export function createMemoryKeyValueStore(): KeyValueStore {
  const rows = new Map<string, Uint8Array>();
  return {
    get: async (key) => rows.get(key),
    entries: async (prefix) =>
      [...rows].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    async commit(operations) {
      for (const operation of operations) {
        if (operation.kind === "put") rows.set(operation.key, operation.value);
        else rows.delete(operation.key);
      }
    },
    close: async () => undefined,
  };
}

type ServedOperator = { readonly operator: Operator; readonly parent: OperatorFacts["parent"] };

/** Open the rows of one part of the operator. */
export type OpenRows = (name: "chain" | "signer") => RowStore | Promise<RowStore>;

function createRowStore(): RowStore {
  const store = createMemoryKeyValueStore();
  return { ...store, rows: () => store.entries("") };
}

/** The rows of a wallet's store, by table and key. */
export type WalletTables = Map<string, Map<string, Uint8Array>>;

/** The same rows, which whoever goes on from them may change. */
export function copyTables(tables: WalletTables): WalletTables {
  return new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
}

/** A wallet's store in memory; what is in `tables` outlives the wallet. */
export function createWalletStore(tables: WalletTables = new Map()): WalletStore {
  const table = (name: string) => {
    const rows = tables.get(name) ?? new Map<string, Uint8Array>();
    tables.set(name, rows);
    return rows;
  };
  return {
    rows: async (name) => [...table(name)],
    async commit(operations: readonly StoreOperation[]) {
      for (const operation of operations) {
        if (operation.kind === "put") table(operation.table).set(operation.key, operation.value);
        else table(operation.table).delete(operation.key);
      }
    },
  };
}

/**
 * The whole system in one process: a node, an operator, a counterparty and wallets, each real, joined
 * by calls in place of sockets. Time moves by `mine` alone, so a seed fixes everything.
 */
export class LocalWorld {
  readonly seed: string;
  readonly wallets: Wallet[] = [];
  nowMs = START_MS;
  /** Heights above which nobody at an address serves a block. */
  readonly servedUpTo = new Map<string, number>();
  /** Heights of the one block each that nobody at an address serves, though he serves those after it. */
  readonly hidden = new Map<string, number>();
  /** What an operator shows of what he is asked for an own share, in place of the truth. */
  showHolding: (url: string, sequence: number, bytes: Uint8Array) => Verdict<Uint8Array> = (
    ...[, , bytes]
  ) => accept(bytes);
  /** What the operator serves in place of a block; for a lying operator. */
  tamper: ((height: number, bytes: Uint8Array) => Uint8Array) | undefined;
  /** Who checks blocks for the wallets that are opened from now on; they themselves, where it is nobody. */
  verifier: BlockVerifier | undefined;
  /** Watchtowers of the wallets that are opened from now on. */
  towers: TowerSetting | undefined;
  /** Addresses whose operators answer nothing that they are asked on the main chain. */
  readonly silent = new Set<string>();
  /** Whether operators take what is theirs at the end. Where a story is about others, they do not. */
  areCollecting = false;
  /** Whether operators answer false claims of their contracts. Where a story is about wallets, they do not. */
  areDefending = false;
  /** What operators say when they do. */
  readonly said: string[] = [];
  node!: MainNode;
  operator!: Operator;
  /** Every operator by the address he serves at, and the chain that his is inside of. */
  readonly operators = new Map<string, ServedOperator>();
  /** Operators who are none of this world's processes, by the address they serve at. */
  readonly sources = new Map<string, OperatorSource>();
  /** Chains of others that are served at an address. */
  readonly mirrored = new Map<string, ServedChains>();
  /** Addresses that nobody answers at. */
  readonly down = new Set<string>();
  counterparty!: Counterparty;
  readonly #tables = new Map<string, WalletTables>();
  #clock!: ManualClock;
  readonly #clocks: ManualClock[] = [];
  #faucet!: (key: Uint8Array) => Verdict<null>;
  #tipListeners = new Set<() => void>();

  constructor(seed: string) {
    this.seed = seed;
  }

  static async start(seed: string): Promise<LocalWorld> {
    const world = new LocalWorld(seed);
    const store = createMemoryKeyValueStore();
    world.node = await openNode({ rules: RULES, genesis: GENESIS, store, now: () => world.nowMs });
    world.#faucet = createFaucet(world.node);
    world.#clock = createManualClock(START_MS);
    return world;
  }

  /** Make the chain and run its operator. */
  async startOperator(options: {
    readonly amount: bigint;
    readonly expiry: number;
    readonly oracleId: Uint8Array;
    readonly question: string;
    /** Where the operator and his signer keep their rows; in memory unless told otherwise. */
    readonly openRows?: OpenRows;
    /** Basis points of the deposit share that he leaves, and that whoever buys of him leaves. */
    readonly depositBps?: number;
    /** What he offers instead of the one question. */
    readonly markets?: readonly Market[];
  }): Promise<void> {
    const { oracleId, question, amount, expiry, openRows = createRowStore } = options;
    const { depositBps = 0 } = options;
    const privateKey = keyOf(this.seed, "operator");
    const signer = await openSignerService(await openRows("signer"), RULES.networkId, privateKey);
    const operator = createLocalSigner(privateKey, RULES.networkId).publicKey;
    const node = this.#nodePort();
    const store = await openRows("chain");
    const chain = await openChain({
      store,
      node,
      signer,
      operator,
      create: { amount, expiry, depositBps, claimDelay: 12, disputeDelay: 24 },
      nextTip: () => this.#mineOne(),
      requestCoins: async () => this.#faucet(operator),
    });
    const markets: readonly Market[] = options.markets ?? [
      {
        question,
        ask: { kind: "binary", oracle: oracleId },
        outcomes: ["yes"],
        depositBps: 0,
        tick: 10,
        lot: 100_000n,
        yesBps: 5_000,
      },
    ];
    this.operator = runOperator({
      state: createEngineState(RULES, chain, { ...DEFAULT_POLICY, depositBps }, markets),
      store,
      signer,
      mainChain: createMainChainLink(node, operator, LOCAL_NETWORK.confirmations),
      answers: this.#answersOf(node, chain.id, operator),
      end: this.#endOf(createChainEnd({ node, rules: RULES, signer, chain, say: this.#say })),
      defence: this.#defenceOf(createMainChainDefence(node, signer, chain), signer),
      clock: this.#clock,
      onTrouble: (what, error) => {
        throw new Error(what, { cause: error });
      },
    });
    this.operators.set(OPERATOR_URL, { operator: this.operator, parent: undefined });
  }

  /**
   * Run a chain inside a contract that the wallet of this name has sealed. It posts in `anchorId`,
   * or, without one, on the main chain.
   */
  async startNested(options: {
    readonly url: string;
    readonly parentUrl: string;
    readonly name: string;
    readonly wallet: Wallet;
    readonly leaf: Leaf;
    readonly expiry: number;
    /** What the wallet keeps of the chains above; he serves none of them without it. */
    readonly archive?: Archive;
    readonly anchorId?: Uint8Array;
    readonly depositBps?: number;
    /** Blocks of the anchor's silence after which it switches to the main chain; never unless told otherwise. */
    readonly switchAfter?: number;
  }): Promise<Operator> {
    const { url, parentUrl, name, wallet, leaf, expiry, anchorId } = options;
    const { depositBps = 0, switchAfter, archive } = options;
    const parent = this.operators.get(parentUrl)?.operator;
    if (parent === undefined) throw new Error(`nobody serves ${parentUrl}`);
    const chain = { id: leaf.id, operator: leaf.owner, lo: leaf.lo, hi: leaf.hi, expiry };
    const own = createMainChainLink(this.#nodePort(), leaf.owner, LOCAL_NETWORK.confirmations);
    const place =
      anchorId === undefined
        ? ({ kind: "mainChain" } as const)
        : ({ kind: "chain", id: anchorId } as const);
    const privateKey = keyOf(this.seed, name);
    const signer = await openSignerService(createRowStore(), RULES.networkId, privateKey);
    const clock = createManualClock(this.#clock.now());
    this.#clocks.push(clock);
    const operator = runOperator({
      state: createEngineState(
        RULES,
        chain,
        { ...DEFAULT_POLICY, depositBps, switchAfter },
        parent.state.markets,
        place,
      ),
      store: createRowStore(),
      signer,
      mainChain:
        anchorId === undefined
          ? own
          : createSwitchingLink({
              wallet,
              anchored: createNestedLink({ wallet, node: own, chain, anchorId }),
              own,
            }),
      answers: this.#unlessSilent(
        url,
        createNestedAnswers(wallet, {
          topId: this.operator.state.chain.id,
          chainId: chain.id,
          operator: chain.operator,
        }),
      ),
      end: this.#endOf(
        createNestedEnd({
          wallet,
          rules: RULES,
          chain,
          parentId: parent.state.chain.id,
          faucet: true,
          say: this.#say,
        }),
      ),
      defence: this.#defenceOf(
        createNestedDefence(wallet, RULES, chain, parent.state.chain.id),
        signer,
      ),
      clock,
      onTrouble: () => undefined,
    });
    this.operators.set(url, {
      operator,
      parent: { chainId: parent.state.chain.id, url: parentUrl },
    });
    if (archive !== undefined) this.mirror(url, wallet, archive);
    return operator;
  }

  /** Serve at an address what a wallet has checked and its archive keeps. */
  mirror(url: string, wallet: Wallet, archive: Archive): void {
    this.mirrored.set(url, createMirroredChains(wallet, RULES.networkId, archive));
  }

  readonly #say = (words: string): void => {
    this.said.push(words);
  };

  #endOf(end: ChainEnd): ChainEnd {
    return {
      advance: async (isSold) => {
        if (this.areCollecting) await end.advance(isSold);
      },
    };
  }

  #defenceOf(port: DefencePort, signer: Pick<SignerService, "sign">): Defence {
    const defence = createDefence({ port, signer, say: this.#say });
    return {
      advance: async (state, store) => this.areDefending && defence.advance(state, store),
    };
  }

  #answersOf(node: NodePort, chainId: Uint8Array, operator: Uint8Array): AnswerPort {
    const target = { topId: chainId, chainId, operator };
    const link = createAnswerLink(node, RULES, target, keyOf(this.seed, "answers"));
    return this.#unlessSilent(OPERATOR_URL, link);
  }

  /** The honest operator answers what he is asked on the main chain; one told to be silent does not. */
  #unlessSilent(url: string, port: AnswerPort): AnswerPort {
    return {
      ...port,
      sendAnswers: async (responses) => {
        if (!this.silent.has(url)) await port.sendAnswers(responses);
      },
    };
  }

  /** A wallet with the key of a name in the seed; opened again, it finds what it has kept. */
  async openWallet(
    name: string,
    store = this.#storeOf(name),
    mirrors: readonly string[] = [],
    sources: readonly MainChainSource[] = [this.mainChainSource()],
    archive?: Archive,
  ): Promise<Wallet> {
    const wallet = await createWallet({
      rules: RULES,
      genesis: GENESIS.header,
      sources,
      operatorAt: this.operatorAt,
      mirrors,
      archive,
      ...(this.verifier && { verifier: this.verifier }),
      towers: this.towers,
      store,
      clock: () => this.nowMs,
    });
    await wallet.attachSigner(this.signerOf(name));
    this.wallets.push(wallet);
    return wallet;
  }

  /** The key of a name in the seed. */
  signerOf(name: string): Signer {
    return createLocalSigner(keyOf(this.seed, name), RULES.networkId);
  }

  #storeOf(name: string): WalletStore {
    return createWalletStore(this.tablesOf(name));
  }

  /** What the wallet of a name keeps. */
  tablesOf(name: string): WalletTables {
    const tables: WalletTables = this.#tables.get(name) ?? new Map();
    this.#tables.set(name, tables);
    return tables;
  }

  async startCounterparty(policy: CounterpartyPolicy): Promise<Wallet> {
    const wallet = await this.openWallet("counterparty");
    const { chain } = this.operator.state;
    this.counterparty = createCounterparty(wallet, chain.id, policy);
    const taker = wallet.hands()?.signer.publicKey ?? new Uint8Array();
    this.operator.onTakerMessage((to, message: TakerMessage) => {
      if (!equalBytes(to, taker)) return;
      void this.counterparty.answer(message).then((answer) => {
        if (answer?.kind !== "quote") return;
        this.operator.tell({ kind: "quote", taker, id: answer.proposalId, price: answer.price });
      });
    });
    this.operator.tell({ kind: "takerJoined", taker });
    return wallet;
  }

  /** Mine blocks, and after each let everyone do what it allows. */
  async mine(count = 1): Promise<void> {
    for (let made = 0; made < count; made++) {
      await this.#mineOne();
      await this.settle();
    }
  }

  /** Mine until every operator's blocks are recorded for good, and he has said so where he makes a block for that. */
  async rest(): Promise<void> {
    const isAtRest = ({ operator: { state } }: ServedOperator) =>
      state.openBlocks.length === 0 && (state.madeTo <= state.recorded || state.books.size === 0);
    for (let blocks = 0; ![...this.operators.values()].every(isAtRest); blocks++) {
      if (blocks === REST_MAX) throw new Error("the operators do not come to rest");
      await this.mine();
    }
  }

  /** Let everyone act until nobody has anything to do before the next block. */
  async settle(): Promise<void> {
    for (let quiet = 0, seen = ""; quiet < 3; ) {
      const work = Promise.all([
        ...this.wallets.map((wallet) => wallet.sync()),
        this.counterparty?.work(),
      ]);
      await this.during(work);
      // The operator's clock moves while something is waited for, and the draws of the stories hang on it.
      if (!this.#areOrdersAtRest()) await this.during(this.#ordersAtRest());
      await this.during(this.#operatorAtRest());
      const now = this.#fingerprint();
      quiet = now === seen ? quiet + 1 : 0;
      seen = now;
    }
  }

  /** Wait for something that may need the operator's clock to go on. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      for (let turn = 0; turn < 40 && !isDone; turn++) await nextTurn();
      this.#setTime(this.#clock.now() + 100);
    }
    return done;
  }

  #setTime(ms: number): void {
    for (const clock of [this.#clock, ...this.#clocks]) clock.setTime(ms);
  }

  async #mineOne(): Promise<void> {
    this.nowMs += PERIOD_MS;
    this.#setTime(this.nowMs);
    insist(await this.node.mine(keyOf33(this.seed), this.nowMs));
    for (const listener of this.#tipListeners) listener();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    await this.during(this.#operatorAtRest());
  }

  /** Until nothing is under way at the operator: his rows may lie on a real disk. */
  async #operatorAtRest(): Promise<void> {
    const running = [...this.operators.values()].map(({ operator }) => operator);
    while (!running.every((operator) => operator.isAtRest())) await nextTurn();
  }

  /** Until every order that is on its way is answered. */
  async #ordersAtRest(): Promise<void> {
    while (!this.#areOrdersAtRest()) await nextTurn();
  }

  #areOrdersAtRest(): boolean {
    return this.wallets.every(
      ({ orders, audits }) => (orders()?.isAtRest() ?? true) && (audits()?.isAtRest() ?? true),
    );
  }

  #fingerprint(): string {
    const operators = [...this.operators.values()]
      .map(({ operator: { state } }) => `${state.tip.height}/${state.posts.length}`)
      .join(";");
    const wallets = this.wallets.map((wallet) => {
      const pending = wallet.hands()?.outbox.pendingCount() ?? 0;
      const tips = wallet.tracker
        .chains()
        .map(({ book }) => `${book.tip.height}/${book.postCount}`);
      return `${wallet.activity().length}/${pending}/${tips.join("/")}`;
    });
    return `${operators};${wallets.join(";")}`;
  }

  mainChainSource(): MainChainSource {
    const { node } = this;
    return {
      url: "http://node",
      async headers(from, count) {
        const headers: Uint8Array[] = [];
        for (let height = from; height < from + count; height++) {
          const at = node.headerAt(height);
          if (at === undefined) break;
          headers.push(encodeHeader(at.header.header));
        }
        return headers;
      },
      async prove(map, key, headerHash) {
        const evidence = insist(node.prove({ at: headerHash, keys: [{ map, key }] }));
        return { ...evidence, proof: evidence.proofs[0] ?? new Uint8Array() };
      },
      async send(transaction) {
        const sent = node.submitTransaction(transaction);
        return sent.ok ? accept(null) : sent;
      },
      block: async (hash) => {
        const found = node.find(hash);
        if (found === undefined) throw new SourceError("REFUSED", "no such block");
        return node.encode(found);
      },
      requestCoins: async (key) => this.#faucet(key),
      follow: () => () => undefined,
    };
  }

  #nodePort(): NodePort {
    const { node } = this;
    const toHeader = (at: ReturnType<MainNode["tip"]>): MainHeader => ({
      ...at.header.header,
      hash: at.header.hash,
    });
    return {
      tip: async () => toHeader(node.tip()),
      async headerAt(height) {
        const at = node.headerAt(height);
        if (at === undefined) throw new Error(`no header at height ${height}`);
        return toHeader(at);
      },
      async read(keys, header) {
        const evidence = insist(node.prove({ at: header.hash, keys }));
        const values = keys.map(({ map, key }, index) => {
          const root = evidence.mapRoots[STATE_MAPS.indexOf(map)] ?? new Uint8Array();
          return insist(verifyMapProof(root, key, evidence.proofs[index] ?? new Uint8Array()));
        });
        return { values, evidence };
      },
      async send(transaction) {
        const sent = node.submitTransaction(transaction);
        return sent.ok ? accept(null) : sent;
      },
      follow: (onTip) => {
        this.#tipListeners.add(onTip);
        onTip();
        return () => this.#tipListeners.delete(onTip);
      },
    };
  }

  readonly operatorAt = (url: string): OperatorSource =>
    this.sources.get(url) ?? this.#sourceAt(url);

  /** What is served at an address: by an operator of his own chain, or by anybody of the chain that it names. */
  #sourceAt(address: string): OperatorSource {
    const { server, chainId } = readChainAddress(address);
    const own = this.#operatorSource(server);
    if (chainId === undefined) return own;
    const isOwn = () => {
      const running = this.operators.get(server)?.operator;
      return running !== undefined && equalBytes(running.state.chain.id, chainId);
    };
    const id = formatHex(chainId);
    const chains = (): ServedChains => {
      const found = this.down.has(server) ? undefined : this.mirrored.get(server);
      if (found === undefined) throw new SourceError("DOWN", `nobody answers at ${address}`);
      return found;
    };
    const shelf = () => {
      const blocks = chains().blocks(id);
      if (blocks === undefined) throw new SourceError("REFUSED", `it is not served at ${address}`);
      return blocks;
    };
    return {
      ...own,
      async facts() {
        if (isOwn()) return own.facts();
        const facts = chains().facts(id);
        if (facts === undefined) throw new SourceError("REFUSED", `it is not served at ${address}`);
        return facts;
      },
      async blocks(from, count) {
        if (isOwn()) return own.blocks(from, count);
        const blocks: Uint8Array[] = [];
        for (let height = from; height < from + count; height++) {
          const bytes = await shelf().block(height);
          if (bytes === undefined) break;
          blocks.push(bytes);
        }
        return blocks;
      },
      block: async (hash) => (isOwn() ? own.block(hash) : shelf().findBlock(hash)),
    };
  }

  #isServed(url: string, height: number): boolean {
    return height <= (this.servedUpTo.get(url) ?? height) && height !== this.hidden.get(url);
  }

  #operatorSource(url: string): OperatorSource {
    const served = (): ServedOperator => {
      const found = this.down.has(url) ? undefined : this.operators.get(url);
      if (found === undefined) throw new SourceError("DOWN", `nobody answers at ${url}`);
      return found;
    };
    const ask = async <Kind extends Answer["kind"]>(
      request: Parameters<Operator["ask"]>[0] & { readonly kind: Kind },
    ): Promise<Verdict<Answer & { kind: Kind }>> => {
      const answer = await served().operator.ask(request);
      if (!answer.ok) return answer;
      return accept(answer.value as Answer & { kind: Kind });
    };
    return {
      url,
      facts: async () => {
        const { operator: running, parent } = served();
        const { chain, policy, markets } = running.state;
        const { id: chainId, operator } = chain;
        const height = running.publishedHeight();
        return { chainId, operator, label: "", parent, feeBps: policy.feeBps, markets, height };
      },
      blocks: async (from, count) => {
        const { operator } = served();
        const blocks: Uint8Array[] = [];
        for (let height = from; height < from + count; height++) {
          const bytes = await operator.block(height);
          const isFirst = operator === this.operator && url === OPERATOR_URL;
          if (bytes === undefined || !this.#isServed(url, height)) break;
          blocks.push((isFirst ? this.tamper?.(height, bytes) : undefined) ?? bytes);
        }
        return blocks;
      },
      block: async (hash) => {
        const { operator } = served();
        const bytes = await operator.findBlock(hash);
        if (bytes === undefined) return undefined;
        const { height } = insist(decodeBlock(bytes)).header;
        if (!this.#isServed(url, height)) return undefined;
        // What the first one serves in a block's place he serves by its hash, too.
        if (operator !== this.operator || url !== OPERATOR_URL) return bytes;
        const shown = this.tamper?.(height, bytes) ?? bytes;
        const block = decodeBlock(shown);
        const isOther = block.ok && !equalBytes(hashBlockHeader(block.value.header), hash);
        return isOther ? undefined : shown;
      },
      holding: async (sequence, question) => {
        const shown = await served().operator.holding(sequence, question);
        return shown.ok ? this.showHolding(url, sequence, encodeHolding(shown.value)) : shown;
      },
      follow: () => () => undefined,
      async requestPurchase(buyer, width) {
        const answer = await ask({ kind: "purchase", buyer, width });
        return answer.ok ? accept(answer.value.offer) : answer;
      },
      async requestBet(owner, oracleId, side, cashId, stake) {
        const answer = await ask({ kind: "bet", owner, oracleId, side, cashId, stake });
        return answer.ok ? accept(answer.value.offer) : answer;
      },
      async requestSale(owner, contractIds) {
        const answer = await ask({ kind: "sale", owner, contractIds });
        return answer.ok ? accept(answer.value.offer) : answer;
      },
      async submitCloses(proposalId, closes) {
        const answer = await ask({ kind: "closes", proposalId, closes });
        return answer.ok ? accept(null) : answer;
      },
      async submitOrder(signed) {
        const answer = await ask({ kind: "order", signed });
        return answer.ok ? accept(answer.value.receipt) : answer;
      },
      async cancelOrder(orderName, signature) {
        const answer = await ask({ kind: "cancel", orderName, signature });
        return answer.ok ? accept(answer.value.isCancelled) : answer;
      },
      batch: async (height) => {
        const bytes = await served().operator.batch(height);
        return bytes && insist(decodePublishedBatch(bytes));
      },
      followFeed: (onMessage) => {
        const { operator } = served();
        let sequence = 0;
        const say = (news: readonly FeedNews[]) => {
          for (const each of news) {
            onMessage({ ...each, sequence });
            sequence += 1;
          }
        };
        const bookIds = new Set(operator.state.books.keys());
        say([...describeBooks(operator.state, bookIds), describeDeadline(operator.state)]);
        return operator.onMarket((news) => {
          const told =
            news.kind === "trade"
              ? [describeTrade(news.trade)]
              : describeBooks(operator.state, new Set([news.bookId]));
          say([...told, describeDeadline(operator.state)]);
        });
      },
      async submitSeal(seal, signature) {
        const answer = await served().operator.ask({ kind: "seal", seal, signature });
        return answer.ok ? accept(null) : answer;
      },
      async submitPost(signed) {
        const answer = await served().operator.ask({ kind: "post", signed });
        return answer.ok ? accept(null) : answer;
      },
      async proposeState(state, ownerSignature) {
        const answer = await ask({ kind: "state", state, ownerSignature });
        return answer.ok ? accept(answer.value.signed) : answer;
      },
    };
  }
}

/** Where block rewards go: nobody's key. */
function keyOf33(seed: string): Uint8Array {
  return createLocalSigner(keyOf(seed, "miner"), RULES.networkId).publicKey;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export { VEO };
