import { HEADERS_AT_ONCE_MAX } from "../api/mainChainApi.ts";
import { isBetterTip } from "../chain/header/forkChoice.ts";
import { decodeHeader } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { type Failure, refuse } from "../lib/verdict.ts";
import {
  type Branch,
  growBranch,
  type HeaderBook,
  isWhole,
  startBranch,
  tipOf,
  trimBranch,
} from "./headerBook.ts";
import { type Clock, type MainChainSource, SourceError } from "./ports.ts";

/** How far below our tip a node is asked from first; twice as far each time that its chain parts below. */
const OVERLAP = 50;
/** Headers of a branch that are held while it is worse than ours; of a longer one only the work is kept. */
const HELD_MAX = 2 * HEADERS_AT_ONCE_MAX;
/** What one node may take of one sync: after that it goes on with the next. */
const PAGES_MAX = 500;
const BUDGET_MS = 5_000;

/** What a node showed: how far its chain holds, and what it did wrong or not at all. */
export type WalkEnd = {
  readonly tip: HeaderState | undefined;
  readonly trouble:
    | { readonly kind: "down" | "slow"; readonly note: string }
    | { readonly kind: "fault"; readonly fault: Failure }
    | undefined;
};

/** The best book known so far, which every walk may better. */
export type BestBook = { book(): HeaderBook; take(branch: Branch): void };

/**
 * Follow the headers of one node, every one checked, from where its chain meets ours to its end. Memory
 * is bounded whatever the node serves: a long branch is weighed before it is held, and asked for once
 * more only when it was seen to be better.
 *
 * @returns a function that takes what is new; a walk that was too slow goes on where it stopped.
 */
export function createHeaderWalk(
  source: MainChainSource,
  best: BestBook,
  clock: Clock,
): () => Promise<WalkEnd> {
  let paused: Branch | undefined;
  let heldMax = HELD_MAX;

  async function ask(from: number): Promise<Uint8Array[]> {
    const served = await source.headers(from, HEADERS_AT_ONCE_MAX);
    if (served.length <= HEADERS_AT_ONCE_MAX) return served;
    throw new SourceError("BAD_ANSWER", `${source.url} served more headers than it was asked for`);
  }

  /** Where the node's chain meets ours, and its headers from there on. */
  async function meet(): Promise<{ readonly branch: Branch; readonly served: Uint8Array[] }> {
    const book = best.book();
    for (let back = OVERLAP; ; back *= 2) {
      const from = Math.max(1, tipOf(book).header.height + 1 - back);
      const served = await ask(from);
      if (from === 1 || isLinked(book, from, served[0])) {
        return { branch: startBranch(book, from - 1), served };
      }
    }
  }

  /** What another node has shown meanwhile need not be checked again. */
  function rebase(branch: Branch): Branch {
    const { height } = branch.tip.header;
    const ours = best.book().states[height];
    const isOurs = ours !== undefined && equalBytes(ours.hash, branch.tip.hash);
    return isOurs ? startBranch(best.book(), height) : branch;
  }

  /** Hold no more of a branch than it may take; take it once it is better than what we have. */
  function settle(branch: Branch): Branch {
    if (!isBetterTip(branch.tip, tipOf(best.book()))) {
      if (branch.states.length <= heldMax) return branch;
      heldMax = HELD_MAX;
      return trimBranch(branch);
    }
    if (isWhole(branch)) {
      best.take(branch);
      heldMax = HELD_MAX;
      return startBranch(best.book(), branch.tip.header.height);
    }
    heldMax = branch.tip.header.height - branch.forkHeight;
    return startBranch(branch.book, branch.forkHeight);
  }

  async function walk(): Promise<WalkEnd> {
    const untilMs = clock() + BUDGET_MS;
    const resumed = paused;
    paused = undefined;
    let { branch, served } =
      resumed === undefined
        ? await meet()
        : { branch: resumed, served: await ask(resumed.tip.header.height + 1) };
    for (let pages = 1; ; pages++) {
      const before = rebase(branch);
      const grown = growBranch(before, served, clock());
      const { tip } = grown.branch;
      branch = settle(grown.branch);
      const isEnd = branch.tip.header.height === tip.header.height;
      if (isEnd && grown.fault !== undefined) {
        const isCut = grown.fault.code === "UNKNOWN_PARENT" && tip === before.tip;
        if (isCut && (pages > 1 || resumed !== undefined)) {
          return { tip, trouble: { kind: "down", note: "its chain changed while it was read" } };
        }
        return { tip, trouble: { kind: "fault", fault: nameFault(grown.fault, tip) } };
      }
      if (isEnd && served.length < HEADERS_AT_ONCE_MAX) return { tip, trouble: undefined };
      if (clock() > untilMs || pages >= PAGES_MAX) {
        paused = branch;
        return { tip, trouble: { kind: "slow", note: `its headers come slowly` } };
      }
      served = await ask(branch.tip.header.height + 1);
    }
  }

  return async () => {
    try {
      return await walk();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const { code, message } = error;
      if (code !== "BAD_ANSWER")
        return { tip: undefined, trouble: { kind: "down", note: message } };
      return { tip: undefined, trouble: { kind: "fault", fault: refuse(code, message) } };
    }
  };
}

function isLinked(book: HeaderBook, from: number, first: Uint8Array | undefined): boolean {
  const header = first && decodeHeader(first);
  const parent = book.states[from - 1];
  if (header === undefined || !header.ok || parent === undefined) return false;
  return equalBytes(header.value.previousHash, parent.hash);
}

/** A chain that does not even begin with our genesis is another network's. */
function nameFault(fault: Failure, tip: HeaderState): Failure {
  if (fault.code !== "UNKNOWN_PARENT" || tip.header.height > 0) return fault;
  return refuse("OTHER_GENESIS", "its chain begins at another genesis");
}
