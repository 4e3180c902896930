import { decodeBlock } from "../../src/blocks/block.ts";
import { encodeHeader } from "../../src/chain/header/header.ts";
import { type MainChainSource, type OperatorSource, SourceError } from "../../src/client/ports.ts";
import { createWallet, type Wallet } from "../../src/client/wallet.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { refuse, type Verdict } from "../../src/lib/verdict.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { verifySignature } from "../../src/protocol/signature.ts";
import { createWalletStore, GENESIS, type WalletTables } from "../story/localWorld.ts";
import type { Adversary } from "./adversary.ts";
import type { MainView } from "./mainBranch.ts";
import { LEVELS, type Moment, type RecordedChain, type Recording } from "./recording.ts";

const seen = new Map<string, boolean>();
const hashes = new WeakMap<Uint8Array, Uint8Array>();

/** The hash of a served block; of bytes that are none, no hash at all. */
function hashServed(bytes: Uint8Array): Uint8Array {
  const block = hashes.has(bytes) ? undefined : decodeBlock(bytes);
  if (block !== undefined) {
    hashes.set(bytes, block.ok ? hashBlockHeader(block.value.header) : new Uint8Array());
  }
  return hashes.get(bytes) as Uint8Array;
}

/** The real rules; a signature that was checked in one replay of a story is not computed anew in the next. */
const REPLAY_RULES = createRules(LOCAL_NETWORK, (signature, digest, publicKey) => {
  const name = `${formatHex(signature)}${formatHex(digest)}${formatHex(publicKey)}`;
  const known = seen.get(name);
  if (known !== undefined) return known;
  const isValid = verifySignature(signature, digest, publicKey);
  seen.set(name, isValid);
  return isValid;
});

/** What hinders the messages of honest servers. */
export type Weather = {
  /** Whether this answer does not come. */
  cut(): boolean;
  /** How many of `count` things are sent before the connection breaks. */
  sent(count: number): number;
  /** Main-chain blocks that the node lags behind. */
  lag(): number;
};

/** What a client meets beside honest servers that only repeat a story, and what it begins with. */
export type Hindrance = {
  readonly adversary?: Adversary;
  readonly weather?: Weather;
  /** The rows of its store. */
  readonly tables?: WalletTables;
  /** What becomes of the transactions that it sends. */
  readonly onSend?: (transaction: Uint8Array) => Verdict<null>;
};

const refuseToTake = () => refuse("READ_ONLY", "a recorded story takes nothing");

const FAIR: Weather = { cut: () => false, sent: (count) => count, lag: () => 0 };

/** A client that is led through a recorded story, moment by moment, past an adversary. */
export class Replay {
  readonly recording: Recording;
  readonly wallet: Wallet;
  #moment: Moment;
  #main: { readonly node: MainView; readonly height: number };
  #clockAheadMs = 0;

  private constructor(recording: Recording, wallet: Wallet, moment: Moment) {
    this.recording = recording;
    this.wallet = wallet;
    this.#moment = moment;
    this.#main = { node: recording.node, height: moment.height };
  }

  static async open(recording: Recording, hindrance: Hindrance = {}): Promise<Replay> {
    const { adversary = {}, weather = FAIR, tables, onSend = refuseToTake } = hindrance;
    const first = recording.moments[0] as Moment;
    let replay: Replay | undefined;
    const now = () => replay ?? { moment: first, main: { node: recording.node, height: 1 } };
    const wallet = await createWallet({
      rules: REPLAY_RULES,
      genesis: GENESIS.header,
      sources: [createNodeSource(() => now().main, { adversary, weather, onSend })],
      operatorAt: (url) =>
        createOperatorSource(url, recording, () => now().moment, adversary, weather),
      store: createWalletStore(tables),
      clock: () => (replay === undefined ? first.nowMs : replay.nowMs),
      owner: recording.user,
    });
    replay = new Replay(recording, wallet, first);
    return replay;
  }

  get moment(): Moment {
    return this.#moment;
  }

  get main(): { readonly node: MainView; readonly height: number } {
    return this.#main;
  }

  get nowMs(): number {
    return this.#moment.nowMs + this.#clockAheadMs;
  }

  /** Go to a moment of the story, look around, and begin to follow what is there by then. */
  async goTo(moment: Moment, url?: string): Promise<void> {
    this.#moment = moment;
    this.#main = { node: moment.node ?? this.recording.node, height: moment.height };
    await this.look(url);
  }

  /** For a while the other branch of the main chain is the one that is seen. */
  async detour(moment: Moment, height: number): Promise<void> {
    this.#moment = moment;
    this.#main = { node: this.recording.detour.node, height };
    await this.look();
  }

  /** Let time pass with nothing new. */
  wait(ms: number): void {
    this.#clockAheadMs += ms;
  }

  async look(url?: string): Promise<void> {
    await this.wallet.mainChain.sync();
    if (url !== undefined) await this.wallet.follow(url);
    await this.wallet.sync();
  }
}

function createNodeSource(
  main: () => { readonly node: MainView; readonly height: number },
  { adversary, weather, onSend }: Required<Omit<Hindrance, "tables">>,
): MainChainSource {
  const refuseIfCut = () => {
    if (weather.cut()) throw new SourceError("DOWN", "the connection broke");
  };
  return {
    url: "http://node",
    async headers(from, count) {
      refuseIfCut();
      const { node, height } = main();
      const last = Math.min(height - weather.lag(), from + count - 1);
      const honest: Uint8Array[] = [];
      for (let at = from; at <= last; at++) {
        const found = node.headerAt(at);
        if (found !== undefined) honest.push(encodeHeader(found.header.header));
      }
      return adversary.headers?.(from, honest) ?? honest;
    },
    async prove(map, key, at) {
      refuseIfCut();
      const honest = () => {
        const proven = main().node.prove({ at, keys: [{ map, key }] });
        if (!proven.ok) throw new SourceError("REFUSED", proven.message);
        const { headerHash, mapRoots, proofs } = proven.value;
        return { headerHash, mapRoots, proof: proofs[0] ?? new Uint8Array() };
      };
      return adversary.prove?.({ map, key, at }, honest) ?? honest();
    },
    async block(hash) {
      refuseIfCut();
      const { node } = main();
      const found = node.find(hash);
      if (found === undefined) throw new SourceError("REFUSED", "no such block");
      return node.encode(found);
    },
    send: async (transaction) => onSend(transaction),
    requestCoins: async () => refuseToTake(),
    follow: () => () => undefined,
  };
}

function createOperatorSource(
  url: string,
  recording: Recording,
  moment: () => Moment,
  adversary: Adversary,
  weather: Weather,
): OperatorSource {
  const served = (): RecordedChain => {
    const level = LEVELS.find((each) => recording.chains[each].url === url);
    if (level === undefined || moment().isDeserted === true || weather.cut()) {
      throw new SourceError("DOWN", `nobody answers at ${url}`);
    }
    return recording.chains[level];
  };
  const nothing = async () => refuseToTake();
  const bytesOf = ({ level, bytes }: RecordedChain) => moment().served?.[level] ?? bytes;
  return {
    url,
    async facts() {
      const { facts, level } = served();
      const honest = { ...facts, height: moment().published[level] };
      return adversary.facts?.(url, honest) ?? honest;
    },
    async blocks(from, count) {
      const chain = served();
      const published = moment().published[chain.level];
      const honest = bytesOf(chain).slice(from - 1, Math.min(published, from - 1 + count));
      const sent = honest.slice(0, weather.sent(honest.length));
      return adversary.blocks?.({ url, from, count }, sent) ?? sent;
    },
    async block(hash) {
      const chain = served();
      const bytes = bytesOf(chain);
      const isOf = (each: Uint8Array) => equalBytes(hashServed(each), hash);
      const index = bytes.slice(0, moment().published[chain.level]).findIndex(isOf);
      if (index < 0) return undefined;
      // Who lies about a block by its height lies about it by its hash, too.
      const honest = bytes.slice(index, index + 1);
      return (adversary.blocks?.({ url, from: index + 1, count: 1 }, honest) ?? honest).find(isOf);
    },
    holding: () => Promise.reject(new SourceError("REFUSED", "all blocks are here to be read")),
    follow: () => () => undefined,
    requestPurchase: nothing,
    requestBet: nothing,
    requestSale: nothing,
    submitCloses: nothing,
    submitOrder: nothing,
    cancelOrder: nothing,
    batch: async () => undefined,
    followFeed: () => () => undefined,
    submitSeal: nothing,
    submitPost: nothing,
    proposeState: nothing,
  };
}
