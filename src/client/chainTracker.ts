import type { LeafChange } from "../blocks/applyTransactions.ts";
import { proofOfWorkHash } from "../chain/header/proofOfWork.ts";
import { computeClaimStart, drawHeights, drawPoint } from "../chain/settlement/draw.ts";
import type { ResultRecord } from "../chain/settlement/resultRecord.ts";
import type { SettledRecord } from "../chain/settlement/settledRecord.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { type OracleRecord, readOracleRecord } from "../protocol/facts.ts";
import { readExistenceRecord, writeExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { type ChainBook, createChainBook, takeBlock, takeRecord } from "./chainBook.ts";
import { reviewRecords, syncChain } from "./chainSync.ts";
import { findHeader } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import type { Clock, OperatorSource, StoreOperation, WalletStore } from "./ports.ts";
import { SourceError } from "./ports.ts";
import { decodeFollowedChain, encodeFollowedChain, type FollowedChain } from "./rows.ts";
import { readResults, readSettlement } from "./settlementView.ts";

/** A chain the wallet follows, as far as it has checked it. */
export type TrackedChain = {
  readonly followed: FollowedChain;
  readonly book: ChainBook;
  readonly connection: "connecting" | "live" | "down";
  /** Main-chain height and time of the last complete check; 0 before the first in this session. */
  readonly checkedHeight: number;
  readonly checkedAtMs: number;
  readonly withheldSince: number | undefined;
  readonly oracles: ReadonlyMap<string, OracleRecord>;
  /** Undefined until the point is drawn. */
  readonly settlement: SettlementStatus | undefined;
};

/** How a drawn chain stands: the point, the results claimed so far, and the end once it came. */
export type SettlementStatus = {
  readonly point: bigint;
  readonly results: readonly ResultRecord[];
  readonly settled: SettledRecord | undefined;
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
  operatorOf(chain: TrackedChain): OperatorSource;
  follow(url: string): Promise<Verdict<null>>;
  sync(): Promise<void>;
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
      if (next.breach !== undefined) break;
      book = next;
    }
    for (const bytes of await rowsOf("posts", id)) {
      const record = decode(bytes, readExistenceRecord);
      if (!record.ok) break;
      const taken = takeRecord(book, record.value, () => 0);
      if (!taken.ok || taken.value.breach !== undefined) break;
      book = taken.value;
    }
    return book;
  }

  async function rowsOf(table: "blocks" | "posts", id: string): Promise<Uint8Array[]> {
    const rows = (await store.rows(table)).filter(([key]) => key.startsWith(`${id}:`));
    return rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
  }

  async function syncOne(id: string, chain: TrackedChain): Promise<TrackedChain> {
    const taken: StoreOperation[] = [];
    try {
      const at = mainChain.tip();
      const source = mainChain.source();
      const settled = at.header.height - SETTLED_DEPTH;
      const reviewed = await reviewRecords(chain.book, at, source, settled);
      const progress = await syncChain(reviewed, at, {
        rules,
        headers: mainChain.book(),
        mainChain: source,
        operator: operatorAt(chain.followed.url),
        isOwn,
        onTaken: (height, value) =>
          taken.push({ kind: "put", table: "blocks", key: rowKey(id, height), value }),
      });
      for (const { sequence, record } of progress.book.posts.slice(reviewed.posts.length)) {
        const value = encode((writer) => writeExistenceRecord(writer, record));
        taken.push({ kind: "put", table: "posts", key: rowKey(id, sequence), value });
      }
      if (taken.length > 0) await store.commit(taken);
      return {
        ...chain,
        book: progress.book,
        connection: "live",
        checkedHeight: at.header.height,
        checkedAtMs: clock(),
        withheldSince: progress.withheldSince,
        oracles: await readOracles(chain),
      };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return { ...chain, connection: "down" };
    }
  }

  /** The end of a chain is read from the main chain alone: its operator may be gone. */
  async function settleOne(chain: TrackedChain): Promise<TrackedChain> {
    const { facts } = chain.followed;
    const { states } = mainChain.book();
    const start = computeClaimStart(facts.expiry, rules.parameters);
    if (mainChain.tip().header.height < start - 1) return { ...chain, settlement: undefined };
    const hashes = drawHeights(facts.expiry, rules.parameters).flatMap((height) => {
      const state = states[height];
      return state === undefined ? [] : [proofOfWorkHash(state.header, rules.parameters)];
    });
    const point = drawPoint(rules.networkId, facts, hashes);
    try {
      const record = await readSettlement(mainChain, facts.id);
      const settled = record.kind === "settled" ? record.settled : undefined;
      const results = await readResults(mainChain, facts.id);
      return { ...chain, settlement: { point, results, settled } };
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

  return {
    chains: () => [...tracked.values()],
    find: (chainId) => tracked.get(formatHex(chainId)),
    operatorOf: (chain) => operatorAt(chain.followed.url),

    async follow(url) {
      try {
        const facts = await operatorAt(url).facts();
        const record = await mainChain.read("chains", facts.chainId, readChainRecord);
        if (record === undefined) {
          return refuse(
            "NO_SUCH_CHAIN",
            "the main chain has no chain of the id this operator names",
          );
        }
        if (!equalBytes(record.operator, facts.operator)) {
          return refuse("OTHER_OPERATOR", "the main chain names another operator for this chain");
        }
        const followed: FollowedChain = {
          url,
          facts: {
            id: facts.chainId,
            operator: record.operator,
            lo: record.lo,
            hi: record.hi,
            expiry: record.expiry,
          },
          prize: record.amount,
          depositBps: record.depositBps,
          claimDelay: record.claimDelay,
          disputeDelay: record.disputeDelay,
          feeBps: facts.feeBps,
          markets: facts.markets,
        };
        const id = formatHex(facts.chainId);
        await store.commit([
          { kind: "put", table: "chains", key: id, value: encodeFollowedChain(followed) },
        ]);
        const known = tracked.get(id);
        tracked.set(
          id,
          known === undefined
            ? begin(followed, createChainBook(followed.facts))
            : { ...known, followed },
        );
        return accept(null);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        return refuse(error.code, error.message);
      }
    },

    async replayAll() {
      for (const [id, { followed }] of tracked) {
        tracked.set(id, begin(followed, await replay(followed, id)));
      }
    },

    async sync() {
      for (const [id, chain] of tracked) {
        tracked.set(id, await settleOne(await syncOne(id, chain)));
      }
    },
  };
}

const NUMBER_DIGITS = 10;

function rowKey(id: string, number: number): string {
  return `${id}:${String(number).padStart(NUMBER_DIGITS, "0")}`;
}
