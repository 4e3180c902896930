import { encodeHeader } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { computeUnixMs } from "../chain/header/headerTime.ts";
import type { Reader } from "../lib/codec.ts";
import type { StateMap } from "../protocol/factEvidence.ts";
import { extendBook, type HeaderBook, tipOf } from "./headerBook.ts";
import { type Clock, type MainChainSource, SourceError, type WalletStore } from "./ports.ts";
import { readState } from "./readState.ts";

/** How a node stands with us. `refused`: it served something that breaks a rule. */
export type NodeStatus = {
  readonly url: string;
  readonly state: "connecting" | "live" | "down" | "refused";
  readonly height: number;
  readonly note: string;
};

/** Headers asked for in one request. */
const HEADERS_AT_ONCE = 2_000;
/** How far below our tip a node is asked from, so that a reorg of this depth is seen at once. */
const OVERLAP = 50;
/** A tip older than this many block periods is stale: nothing new is accepted. */
const STALE_PERIODS = 30;

/**
 * The main chain as this client has checked it: several nodes, the branch with the most work of
 * those whose every header holds, and reads that come with proofs.
 */
export type MainChain = {
  book(): HeaderBook;
  tip(): HeaderState;
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
  /** The first node that answers a question; undefined if none does. */
  ask<Answer>(question: (source: MainChainSource) => Promise<Answer>): Promise<Answer | undefined>;
  /** A node that has our tip. */
  source(): MainChainSource;
};

export async function createMainChain(
  start: HeaderBook,
  sources: readonly MainChainSource[],
  store: WalletStore,
  clock: Clock,
): Promise<MainChain> {
  let book = await loadBook(start, store, clock);
  const statuses = new Map<string, NodeStatus>(
    sources.map(({ url }) => [url, { url, state: "connecting", height: 0, note: "" }]),
  );

  async function syncWith(source: MainChainSource): Promise<void> {
    try {
      let from = Math.max(1, tipOf(book).header.height - OVERLAP);
      for (;;) {
        const served = await source.headers(from, HEADERS_AT_ONCE);
        const extended = extendBook(book, served, clock());
        if (!extended.ok) {
          if (extended.code === "NOT_LINKED" && from > 1) {
            from = Math.max(1, from - HEADERS_AT_ONCE / 4);
            continue;
          }
          // Too new a header is no lie: one of the two clocks is off, and time mends it.
          const state = extended.code === "FROM_THE_FUTURE" ? "down" : "refused";
          setStatus(source, state, `${extended.code}: ${extended.message}`);
          return;
        }
        book = extended.value;
        if (served.length < HEADERS_AT_ONCE) {
          setStatus(source, "live", "", from + served.length - 1);
          return;
        }
        from += served.length;
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      setStatus(source, "down", error.message);
    }
  }

  function setStatus(
    { url }: MainChainSource,
    state: NodeStatus["state"],
    note: string,
    height = 0,
  ): void {
    statuses.set(url, { url, state, height, note });
  }

  function usable(): MainChainSource[] {
    const rank = { live: 0, connecting: 1, down: 2, refused: 3 } as const;
    const state = (source: MainChainSource) => statuses.get(source.url)?.state ?? "connecting";
    const honest = sources.filter((source) => state(source) !== "refused");
    return honest.toSorted((a, b) => rank[state(a)] - rank[state(b)]);
  }

  return {
    book: () => book,
    tip: () => tipOf(book),
    nodes: () => [...statuses.values()],
    source: () => usable()[0] ?? (sources[0] as MainChainSource),

    isStale() {
      const ageMs = clock() - computeUnixMs(tipOf(book).header.time);
      return ageMs > STALE_PERIODS * book.parameters.periodTenths * 100;
    },

    async sync() {
      const before = book;
      for (const source of sources) await syncWith(source);
      if (book === before) return false;
      await saveBook(before, book, store);
      return true;
    },

    async read(map, key, read) {
      let failure: unknown = new SourceError("DOWN", "no main-chain node is known");
      for (const source of usable()) {
        try {
          return await readState(source, tipOf(book), map, key, read);
        } catch (error) {
          if (!(error instanceof SourceError)) throw error;
          failure = error;
        }
      }
      throw failure;
    },

    async ask(question) {
      for (const source of usable()) {
        try {
          return await question(source);
        } catch (error) {
          if (!(error instanceof SourceError)) throw error;
        }
      }
      return undefined;
    },
  };
}

const HEIGHT_DIGITS = 10;

function headerKey(height: number): string {
  return String(height).padStart(HEIGHT_DIGITS, "0");
}

/** Kept headers are checked again like a stranger's: what the disk lost or changed is asked for anew. */
async function loadBook(start: HeaderBook, store: WalletStore, clock: Clock): Promise<HeaderBook> {
  const rows = await store.rows("headers");
  const sorted = rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes);
  const loaded = extendBook(start, sorted, clock());
  return loaded.ok ? loaded.value : start;
}

async function saveBook(before: HeaderBook, after: HeaderBook, store: WalletStore): Promise<void> {
  let parted = Math.min(before.states.length, after.states.length);
  while (parted > 0 && before.states[parted - 1] !== after.states[parted - 1]) parted -= 1;
  await store.commit(
    after.states.slice(Math.max(parted, 1)).map(({ header }) => ({
      kind: "put" as const,
      table: "headers" as const,
      key: headerKey(header.height),
      value: encodeHeader(header),
    })),
  );
}
