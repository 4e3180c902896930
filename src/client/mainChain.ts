import { isBetterTip } from "../chain/header/forkChoice.ts";
import { encodeHeader, type Header } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { computeUnixMs } from "../chain/header/headerTime.ts";
import type { Reader } from "../lib/codec.ts";
import type { Verdict } from "../lib/verdict.ts";
import type { StateMap } from "../protocol/factEvidence.ts";
import {
  type Branch,
  countShared,
  growBranch,
  type HeaderBook,
  startBranch,
  takeBranch,
  tipOf,
} from "./headerBook.ts";
import { createHeaderWalk, type WalkEnd } from "./headerWalk.ts";
import {
  type Clock,
  type MainChainSource,
  SourceError,
  type StoreOperation,
  type WalletStore,
} from "./ports.ts";
import { readState } from "./readState.ts";

/**
 * How a node stands with us. `behind`: what it serves holds, but ours has more work. `refused`: it served
 * something that breaks a rule, or that proves nothing; `note` says what.
 */
export type NodeStatus = {
  readonly url: string;
  readonly state: "connecting" | "live" | "behind" | "down" | "refused";
  readonly height: number;
  readonly note: string;
};

/**
 * A tip older than this many block periods is stale: honest blocks are so far apart for `e^-8` of the
 * time, which is 0.03 %.
 */
const STALE_PERIODS = 8;
/** Below a minute of silence a busy machine looks like one. */
const STALE_MS_MIN = 60_000;

/** Read a record with its proof under a header; undefined where the key is proven absent. */
type ReadAt = <Record>(
  at: HeaderState,
  map: StateMap,
  key: Uint8Array,
  read: (reader: Reader) => Record,
) => Promise<Record | undefined>;

/**
 * The main chain as this client has checked it: several nodes, the branch with the most work of
 * those whose every header holds, and reads that come with proofs.
 */
export type MainChain = {
  book(): HeaderBook;
  tip(): HeaderState;
  /** The checked header at a height of our best chain; undefined above its tip. */
  headerAt(height: number): Promise<Header | undefined>;
  nodes(): readonly NodeStatus[];
  isStale(): boolean;
  /** Take new headers from every node. True if our best chain changed. */
  sync(): Promise<boolean>;
  /** Read a value with its proof under our tip; rejects with the last node's `SourceError` if none can. */
  read<Record>(
    map: StateMap,
    key: Uint8Array,
    read: (reader: Reader) => Record,
  ): Promise<Record | undefined>;
  /** The same under a header of our own choice. */
  readAt: ReadAt;
  /** Hand a transaction to every node. Refused only if all who answer refuse; undefined if none answers. */
  send(transaction: Uint8Array): Promise<Verdict<null> | undefined>;
  /** Ask one node after another until one accepts; else the last refusal, undefined if none answers. */
  ask<Answer>(
    question: (source: MainChainSource) => Promise<Verdict<Answer>>,
  ): Promise<Verdict<Answer> | undefined>;
};

/** One node: its walk over the headers, what that showed last, and how its other answers were. */
type Node = {
  readonly source: MainChainSource;
  readonly walk: () => Promise<WalkEnd>;
  running: Promise<void> | undefined;
  shown: WalkEnd | undefined;
  /** Reads that failed since the last one that did not. */
  failures: number;
  /** What it served that proves nothing; until a proof of its holds again. */
  badProof: string;
};

export async function createMainChain(
  start: HeaderBook,
  sources: readonly MainChainSource[],
  store: WalletStore,
  clock: Clock,
): Promise<MainChain> {
  let book = await loadBook(start, store, clock);
  let saved = book;
  const best = {
    book: () => book,
    take(branch: Branch) {
      book = takeBranch(book, branch);
    },
  };
  const nodes = sources.map((source): Node => {
    const walk = createHeaderWalk(source, best, clock);
    return { source, walk, running: undefined, shown: undefined, failures: 0, badProof: "" };
  });

  function statusOf(node: Node): NodeStatus {
    const { url } = node.source;
    const { shown, badProof } = node;
    if (shown === undefined) return { url, state: "connecting", height: 0, note: "" };
    const height = shown.tip?.header.height ?? 0;
    const { trouble } = shown;
    if (badProof !== "") return { url, state: "refused", height, note: badProof };
    if (trouble?.kind === "down") return { url, state: "down", height, note: trouble.note };
    if (trouble?.kind === "slow") return { url, state: "behind", height, note: trouble.note };
    if (trouble?.kind === "fault") {
      const { code, message } = trouble.fault;
      // Too new a header is no lie: one of the two clocks is off, and time mends it.
      const state = code === "FROM_THE_FUTURE" ? "behind" : "refused";
      return { url, state, height, note: `${code}: ${message}` };
    }
    if (shown.tip !== undefined && isBetterTip(tipOf(book), shown.tip)) {
      const ours = tipOf(book).header.height;
      const note = `its chain ends at block ${height} with less work than ours at block ${ours}`;
      return { url, state: "behind", height, note };
    }
    return { url, state: "live", height, note: "" };
  }

  /** Whether a sync waits for this node: who was slow or down the last time holds nobody up. */
  function isPrompt({ shown }: Node): boolean {
    return shown?.trouble?.kind !== "down" && shown?.trouble?.kind !== "slow";
  }

  function startWalk(node: Node): Promise<void> {
    node.running ??= node
      .walk()
      .then((shown) => {
        node.shown = shown;
      })
      .finally(() => {
        node.running = undefined;
      });
    return node.running;
  }

  /** All nodes, those first that are likeliest to answer. Nobody is left out: what counts is proven. */
  function ranked(): Node[] {
    const rank = { live: 0, connecting: 1, behind: 2, down: 3, refused: 4 } as const;
    return nodes.toSorted((a, b) => {
      const [one, other] = [statusOf(a).state, statusOf(b).state];
      if ((one === "refused") !== (other === "refused")) return one === "refused" ? 1 : -1;
      return a.failures - b.failures || rank[one] - rank[other];
    });
  }

  const readAt: ReadAt = async (at, map, key, read) => {
    let failure: unknown = new SourceError("DOWN", "no main-chain node is known");
    for (const node of ranked()) {
      try {
        const record = await readState(node.source, at, map, key, read);
        node.failures = 0;
        node.badProof = "";
        return record;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        node.failures += 1;
        if (error.code === "BAD_ANSWER") node.badProof = error.message;
        failure = error;
      }
    }
    throw failure;
  };

  return {
    book: () => book,
    tip: () => tipOf(book),
    headerAt: async (height) => book.states[height]?.header,
    nodes: () => nodes.map(statusOf),

    isStale() {
      const ageMs = clock() - computeUnixMs(tipOf(book).header.time);
      const periodMs = book.parameters.periodTenths * 100;
      return ageMs > Math.max(STALE_PERIODS * periodMs, STALE_MS_MIN);
    },

    async sync() {
      const prompt = nodes.filter(isPrompt);
      for (const node of nodes) void startWalk(node);
      await Promise.all((prompt.length === 0 ? nodes : prompt).map(({ running }) => running));
      const [before, after] = [saved, book];
      if (before === after) return false;
      saved = after;
      await saveBook(before, after, store);
      return true;
    },

    read: (map, key, read) => readAt(tipOf(book), map, key, read),
    readAt,

    async send(transaction) {
      const answers = nodes.map(({ source }) => answerOf(source.send(transaction)));
      const accepted = answers.map(async (answer) => {
        if ((await answer)?.ok !== true) throw new Error("not accepted");
        return answer;
      });
      // Whoever takes it is enough; a node that is slow or lies holds nobody up.
      const first = await Promise.any(accepted).catch(() => undefined);
      return first ?? (await Promise.all(answers)).find((answer) => answer !== undefined);
    },

    async ask(question) {
      let refusal: Awaited<ReturnType<typeof question>> | undefined;
      for (const { source } of ranked()) {
        const answer = await answerOf(question(source));
        if (answer?.ok === true) return answer;
        refusal = answer ?? refusal;
      }
      return refusal;
    },
  };
}

/** What a node answers; undefined if it does not. */
async function answerOf<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof SourceError) return undefined;
    throw error;
  }
}

const HEIGHT_DIGITS = 10;

function headerKey(height: number): string {
  return String(height).padStart(HEIGHT_DIGITS, "0");
}

/** Kept headers are checked again like a stranger's: what the disk lost or changed is asked for anew. */
async function loadBook(start: HeaderBook, store: WalletStore, clock: Clock): Promise<HeaderBook> {
  const rows = await store.rows("headers");
  const sorted = rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
  return takeBranch(start, growBranch(startBranch(start, 0), sorted, clock()).branch);
}

async function saveBook(before: HeaderBook, after: HeaderBook, store: WalletStore): Promise<void> {
  const shared = countShared(before, after.states);
  const put = after.states.slice(shared).map(
    ({ header }): StoreOperation => ({
      kind: "put",
      table: "headers",
      key: headerKey(header.height),
      value: encodeHeader(header),
    }),
  );
  // The better chain may be the shorter one: nothing of the other may stand above it.
  const above = before.states.slice(after.states.length).map(
    ({ header }): StoreOperation => ({
      kind: "delete",
      table: "headers",
      key: headerKey(header.height),
    }),
  );
  await store.commit([...put, ...above]);
}
