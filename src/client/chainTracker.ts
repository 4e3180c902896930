import type { ChainFacts, LeafChange } from "../blocks/applyTransactions.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { type OracleRecord, readOracleRecord } from "../protocol/facts.ts";
import { LINE_MAX } from "../protocol/limits.ts";
import type { Rules } from "../protocol/rules.ts";
import { type ChainBook, createChainBook, takeBlock, takeRecord } from "./chainBook.ts";
import {
  createAnchorSource,
  createRecordSource,
  type EntrySource,
  reviewRecords,
  syncChain,
  type Unusable,
} from "./chainSync.ts";
import { encodeEvidence, judgeEvidence } from "./evidence.ts";
import { followLeaf, followRecord } from "./followChain.ts";
import { findHeader } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import type { Clock, OperatorFacts, OperatorSource, StoreOperation, WalletStore } from "./ports.ts";
import { SourceError } from "./ports.ts";
import {
  decodeEntry,
  decodeFollowedChain,
  encodeEntry,
  encodeFollowedChain,
  type FollowedChain,
} from "./rows.ts";
import { readStatus, type SettlementStatus } from "./settlementStatus.ts";

/** A chain the wallet follows, as far as it has checked it. */
export type TrackedChain = {
  readonly followed: FollowedChain;
  readonly book: ChainBook;
  readonly connection: "connecting" | "live" | "down";
  /** Main-chain height and time of the last complete check; 0 before the first in this session. */
  readonly checkedHeight: number;
  readonly checkedAtMs: number;
  readonly withheldSince: number | undefined;
  readonly unusable: Unusable | undefined;
  readonly oracles: ReadonlyMap<string, OracleRecord>;
  /** Undefined until the point is drawn. */
  readonly settlement: SettlementStatus | undefined;
};

/** How many blocks below its tip a record must stand to be read no more. */
const SETTLED_DEPTH = 200;

/**
 * The chains a wallet follows: taken from the store at start, checked against the main chain and
 * the operators on every `sync`, and kept block by block as they are found to hold.
 */
export type ChainTracker = {
  chains(): readonly TrackedChain[];
  find(chainId: Uint8Array): TrackedChain | undefined;
  /** The chains that a chain is inside of, the nearest first; one on the main chain has none. */
  ancestors(chain: TrackedChain): TrackedChain[];
  /** The same with the chain itself, from the top down. */
  withAncestors(chain: TrackedChain): TrackedChain[];
  /** The chains that a chain's posts go through, the nearest first; one that posts on the main chain has none. */
  anchors(chain: TrackedChain): TrackedChain[];
  operatorOf(chain: TrackedChain): OperatorSource;
  follow(url: string): Promise<Verdict<null>>;
  sync(): Promise<void>;
  /** The kept evidence of a chain's breach as a file; undefined where it broke no rule. */
  evidence(chainId: Uint8Array): Promise<Uint8Array | undefined>;
  /** Check everything kept once more, after the own key has changed. */
  replayAll(): Promise<void>;
};

export async function createChainTracker(options: {
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly operatorAt: (url: string) => OperatorSource;
  readonly store: WalletStore;
  readonly clock: Clock;
  /** Own public key, or undefined while the wallet is locked and has none in reach. */
  readonly owner: () => Uint8Array | undefined;
}): Promise<ChainTracker> {
  const { rules, mainChain, store, clock } = options;
  const operators = new Map<string, OperatorSource>();
  const tracked = new Map<string, TrackedChain>();
  /** The hash of the main-chain header that a chain was last checked under. */
  const checkedUnder = new Map<string, Uint8Array>();

  const isOwn = (leaf: LeafChange["leaf"]): boolean => {
    const owner = options.owner();
    return owner !== undefined && equalBytes(leaf.owner, owner);
  };

  const operatorAt = (url: string): OperatorSource => {
    const known = operators.get(url) ?? options.operatorAt(url);
    operators.set(url, known);
    return known;
  };

  for (const [id, bytes] of await store.rows("chains")) {
    const followed = decodeFollowedChain(bytes);
    if (!followed.ok) continue;
    tracked.set(id, begin(followed.value, await replay(followed.value, id)));
  }

  function begin(followed: FollowedChain, book: ChainBook): TrackedChain {
    return {
      followed,
      book,
      connection: "connecting",
      checkedHeight: 0,
      checkedAtMs: 0,
      withheldSince: undefined,
      unusable: undefined,
      oracles: new Map(),
      settlement: undefined,
    };
  }

  /** Check kept blocks and records again, as if they came from the operator. */
  async function replay(followed: FollowedChain, id: string): Promise<ChainBook> {
    let book = createChainBook(followed.facts);
    const context = {
      rules,
      mainHeader: (hash: Uint8Array) => findHeader(mainChain.book(), hash)?.header,
    };
    for (const bytes of await rowsOf("blocks", id)) {
      const next = takeBlock(book, bytes, context, isOwn);
      // A kept block that no longer holds (the headers it leans on are gone) is asked for again.
      if (!next.ok || next.value.breach !== undefined) break;
      book = next.value;
    }
    for (const bytes of await rowsOf("posts", id)) {
      const entry = decodeEntry(bytes);
      if (!entry.ok) break;
      const taken = takeRecord(book, entry.value, () => 0);
      if (!taken.ok || taken.value.breach !== undefined) break;
      book = taken.value;
    }
    const evidence = await readEvidence(followed.facts);
    if (evidence === undefined) return book;
    // A record was read with its proof before the evidence was kept, and is read again at the next check.
    const known = { rules, chain: followed.facts, isRecorded: () => true };
    const breach = judgeEvidence(evidence, known);
    return breach.ok ? { ...book, breach: breach.value } : book;
  }

  async function readEvidence({ id }: Pick<ChainFacts, "id">): Promise<Uint8Array | undefined> {
    return new Map(await store.rows("breaches")).get(formatHex(id));
  }

  /** What the store must do so that a breach outlives this session; nothing if it is known there. */
  function keepBreach(id: string, { chain, breach }: ChainBook, kept: ChainBook): StoreOperation[] {
    const table = "breaches";
    if (breach === undefined) return kept.breach ? [{ kind: "delete", table, key: id }] : [];
    const isKept =
      kept.breach?.rule === breach.rule && kept.breach.blockHeight === breach.blockHeight;
    if (isKept) return [];
    const value = encodeEvidence({ networkId: rules.networkId, chain, breach });
    return [{ kind: "put", table, key: id, value }];
  }

  /** Let go of a block, and of all after it, where another one is signed for its height: none can be relied on. */
  function dropBlocks(id: string, { breach, tip }: ChainBook): StoreOperation[] {
    if (breach?.proof.kind !== "twoBlocks") return [];
    const from = breach.blockHeight;
    return Array.from({ length: Math.max(0, tip.height + 1 - from) }, (_, index) => ({
      kind: "delete",
      table: "blocks",
      key: rowKey(id, from + index),
    }));
  }

  async function rowsOf(table: "blocks" | "posts", id: string): Promise<Uint8Array[]> {
    const rows = (await store.rows(table)).filter(([key]) => key.startsWith(`${id}:`));
    return rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
  }

  async function syncOne(id: string, chain: TrackedChain): Promise<TrackedChain> {
    const taken: StoreOperation[] = [];
    try {
      const at = mainChain.tip();
      const last = checkedUnder.get(id);
      // Where that header is ours no more, nothing read under it is buried deep enough.
      const isLeft = last !== undefined && findHeader(mainChain.book(), last) === undefined;
      const settled = isLeft ? 0 : at.header.height - SETTLED_DEPTH;
      const entries = entriesOf(chain);
      const reviewed = await reviewRecords(chain.book, entries, settled);
      const progress = await syncChain(reviewed, at, {
        rules,
        headers: mainChain.book(),
        mainChain,
        entries,
        operator: operatorAt(chain.followed.url),
        isOwn,
        onTaken: (height, value) =>
          taken.push({ kind: "put", table: "blocks", key: rowKey(id, height), value }),
      });
      for (const post of progress.book.posts.slice(reviewed.posts.length)) {
        const value = encodeEntry(post);
        taken.push({ kind: "put", table: "posts", key: rowKey(id, post.sequence), value });
      }
      const { book } = progress;
      const dropped = dropBlocks(id, book);
      const operations = [...taken, ...dropped, ...keepBreach(id, book, chain.book)];
      if (operations.length > 0) await store.commit(operations);
      checkedUnder.set(id, at.hash);
      return {
        ...chain,
        book: dropped.length > 0 ? await replay(chain.followed, id) : book,
        connection: "live",
        checkedHeight: at.header.height,
        checkedAtMs: clock(),
        withheldSince: progress.withheldSince,
        unusable: progress.unusable,
        oracles: await readOracles(chain),
      };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return { ...chain, connection: "down" };
    }
  }

  /** Where a chain's history is read: on the main chain, or in the book of the chain that it posts in. */
  function entriesOf({ followed }: TrackedChain): EntrySource {
    const anchor = followed.nested?.anchor;
    if (anchor?.kind !== "chain") {
      return createRecordSource(followed.facts, mainChain.tip(), mainChain);
    }
    const above = tracked.get(formatHex(anchor.id));
    if (above === undefined) {
      throw new SourceError("DOWN", "the chain that it posts in is not followed here");
    }
    return createAnchorSource(followed.facts, above.book);
  }

  /** The end of a chain is read from the main chain alone: its operator may be gone. */
  async function settleOne(chain: TrackedChain): Promise<TrackedChain> {
    const [top, ...inside] = withAncestors(chain).map(({ followed }) => followed);
    if (top === undefined || top.nested !== undefined) return { ...chain, settlement: undefined };
    try {
      return { ...chain, settlement: await readStatus(mainChain, rules, [top, ...inside]) };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return chain;
    }
  }

  async function readOracles(chain: TrackedChain): Promise<ReadonlyMap<string, OracleRecord>> {
    const oracles = new Map<string, OracleRecord>();
    for (const { oracleId } of chain.followed.markets) {
      const record = await mainChain.read("oracles", oracleId, readOracleRecord);
      if (record !== undefined) oracles.set(formatHex(oracleId), record);
    }
    return oracles;
  }

  async function follow(url: string, depth: number): Promise<Verdict<null>> {
    try {
      const facts = await operatorAt(url).facts();
      const record = await mainChain.read("chains", facts.chainId, readChainRecord);
      const followed =
        record === undefined
          ? await followInside(url, facts, depth)
          : followRecord(url, facts, record);
      if (!followed.ok) return followed;
      await keep(followed.value);
      return accept(null);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return refuse(error.code, error.message);
    }
  }

  /** Follow the chain above first, and check it: only its blocks say what stands inside. */
  async function followInside(
    url: string,
    facts: OperatorFacts,
    depth: number,
  ): Promise<Verdict<FollowedChain>> {
    const { parent } = facts;
    if (parent === undefined) {
      return refuse("NO_SUCH_CHAIN", "the main chain has no chain of the id this operator names");
    }
    if (depth + 1 >= LINE_MAX) {
      return refuse("TOO_DEEP", `expected at most ${LINE_MAX} chains inside one another`);
    }
    const above = await follow(parent.url, depth + 1);
    if (!above.ok) return above;
    const id = formatHex(parent.chainId);
    const known = tracked.get(id);
    if (known === undefined) {
      return refuse("OTHER_CHAIN", "the parent's operator serves another chain than is named");
    }
    const checked = await syncOne(id, known);
    tracked.set(id, checked);
    return followLeaf(url, facts, checked, (each) => tracked.get(each));
  }

  async function keep(followed: FollowedChain): Promise<void> {
    const id = formatHex(followed.facts.id);
    await store.commit([
      { kind: "put", table: "chains", key: id, value: encodeFollowedChain(followed) },
    ]);
    const known = tracked.get(id);
    const chain = known ?? begin(followed, createChainBook(followed.facts));
    tracked.set(id, { ...chain, followed });
  }

  function climb(
    from: TrackedChain,
    next: (nested: NonNullable<FollowedChain["nested"]>) => Uint8Array | undefined,
  ): TrackedChain[] {
    const above: TrackedChain[] = [];
    for (let at = from.followed.nested; at !== undefined && above.length < LINE_MAX; ) {
      const id = next(at);
      const chain = id && tracked.get(formatHex(id));
      if (chain === undefined) break;
      above.push(chain);
      at = chain.followed.nested;
    }
    return above;
  }

  const ancestors = (chain: TrackedChain) => climb(chain, ({ parentId }) => parentId);
  const withAncestors = (chain: TrackedChain) => [...ancestors(chain).toReversed(), chain];

  return {
    ancestors,
    withAncestors,
    anchors: (chain) =>
      climb(chain, ({ anchor }) => (anchor.kind === "chain" ? anchor.id : undefined)),
    chains: () => [...tracked.values()],
    find: (chainId) => tracked.get(formatHex(chainId)),
    operatorOf: (chain) => operatorAt(chain.followed.url),

    follow: (url) => follow(url, 0),
    evidence: (id) => readEvidence({ id }),

    async replayAll() {
      for (const [id, { followed }] of tracked) {
        tracked.set(id, begin(followed, await replay(followed, id)));
      }
    },

    async sync() {
      // Whoever is above comes first: a chain is read in its anchor's book.
      const byDepth = [...tracked.values()].toSorted(
        (a, b) => ancestors(a).length - ancestors(b).length,
      );
      for (const { followed } of byDepth) {
        const id = formatHex(followed.facts.id);
        const chain = tracked.get(id);
        if (chain !== undefined) tracked.set(id, await settleOne(await syncOne(id, chain)));
      }
    },
  };
}

const NUMBER_DIGITS = 10;

function rowKey(id: string, number: number): string {
  return `${id}:${String(number).padStart(NUMBER_DIGITS, "0")}`;
}
