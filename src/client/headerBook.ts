import { decodeHeader, encodeHeader } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { computeHeaderTime } from "../chain/header/headerTime.ts";
import { validateHeader } from "../chain/header/validateHeader.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, type Failure, insist, judge, type Verdict } from "../lib/verdict.ts";
import type { NetworkParameters } from "../protocol/network.ts";

/**
 * The best chain of main-chain headers that this client has checked itself: one entry a height,
 * from the genesis. Immutable to its users; a better branch gives a new book.
 */
export type HeaderBook = {
  readonly parameters: NetworkParameters;
  readonly states: readonly HeaderState[];
  readonly heights: ReadonlyMap<string, number>;
};

/**
 * A chain that somebody serves, as far as it was checked: it parts from `book` above `forkHeight`.
 *
 * - `states`: the headers above, oldest first; of a branch that grew too long to be held only the last.
 * - `tip`: the last header, the book's own where the branch has none yet.
 */
export type Branch = {
  readonly book: HeaderBook;
  readonly forkHeight: number;
  readonly states: readonly HeaderState[];
  readonly tip: HeaderState;
};

/** How far ahead of our clock a header's time may be, in tenths of a second: AMOVEO.md section 3. */
const AHEAD_TENTHS_MAX = 20;

/** A book that holds the genesis alone. `genesis` is trusted: it is part of what a network is. */
export function createHeaderBook(parameters: NetworkParameters, genesis: HeaderState): HeaderBook {
  return { parameters, states: [genesis], heights: new Map([[formatHex(genesis.hash), 0]]) };
}

export function tipOf(book: HeaderBook): HeaderState {
  return book.states.at(-1) as HeaderState;
}

/** The checked header of this hash on the best chain, if there is one. */
export function findHeader(book: HeaderBook, hash: Uint8Array): HeaderState | undefined {
  const height = book.heights.get(formatHex(hash));
  return height === undefined ? undefined : book.states[height];
}

/** The branch that has all of a book up to a height, and nothing yet of its own. */
export function startBranch(book: HeaderBook, forkHeight: number): Branch {
  const tip = book.states[forkHeight] as HeaderState;
  return { book, forkHeight, states: [], tip };
}

/**
 * Check the headers that follow on a branch, one after another; those that the book has are not checked
 * again. What holds is taken, whoever serves it; the first that breaks a rule ends it.
 *
 * @param nowMs - a header may not be more than two seconds ahead of it.
 * @returns the branch as far as it holds, and the rule that broke after that.
 */
export function growBranch(
  branch: Branch,
  served: readonly Uint8Array[],
  nowMs: number,
): { readonly branch: Branch; readonly fault: Failure | undefined } {
  const { book } = branch;
  const states = [...branch.states];
  let { forkHeight, tip } = branch;
  for (const bytes of served) {
    const known = tip === book.states[forkHeight] ? book.states[forkHeight + 1] : undefined;
    if (known !== undefined && equalBytes(encodeHeader(known.header), bytes)) {
      forkHeight += 1;
      tip = known;
      continue;
    }
    const checked = judgeNext({ book, forkHeight, states, tip }, bytes, nowMs);
    if (!checked.ok) return { branch: { book, forkHeight, states, tip }, fault: checked };
    tip = checked.value;
    states.push(tip);
  }
  return { branch: { book, forkHeight, states, tip }, fault: undefined };
}

function judgeNext(branch: Branch, bytes: Uint8Array, nowMs: number): Verdict<HeaderState> {
  return judge(() => {
    const header = insist(decodeHeader(bytes));
    demand(
      header.time < computeHeaderTime(nowMs) + AHEAD_TENTHS_MAX,
      "FROM_THE_FUTURE",
      `header ${header.height} is ahead of this machine's clock`,
    );
    const { states, book, forkHeight, tip } = branch;
    return insist(
      validateHeader(header, tip, book.parameters, (hash) => {
        const own = states.findLast((state) => equalBytes(state.hash, hash));
        if (own !== undefined) return own.header;
        const shared = findHeader(book, hash)?.header;
        return shared !== undefined && shared.height <= forkHeight ? shared : undefined;
      }),
    );
  });
}

/** Whether every header of the branch above the book is held. */
export function isWhole({ forkHeight, states, tip }: Branch): boolean {
  return states.length === tip.header.height - forkHeight;
}

/** The branch with no more than its last headers, as many as the rules may ask for. */
export function trimBranch(branch: Branch): Branch {
  return { ...branch, states: branch.states.slice(-branch.book.parameters.retargetFrequency) };
}

/** The book in which a whole branch has taken the place of what `book` had above the fork. */
export function takeBranch(book: HeaderBook, branch: Branch): HeaderBook {
  const states = [...branch.book.states.slice(0, branch.forkHeight + 1), ...branch.states];
  const kept = countShared(book, states);
  const heights = new Map(book.heights);
  for (const orphan of book.states.slice(kept)) heights.delete(formatHex(orphan.hash));
  states.slice(kept).forEach((state, index) => {
    heights.set(formatHex(state.hash), kept + index);
  });
  return { ...book, states, heights };
}

/** How many headers from the genesis on a book shares with another chain. */
export function countShared(book: HeaderBook, states: readonly HeaderState[]): number {
  let shared = Math.min(book.states.length, states.length);
  while (shared > 0) {
    const [ours, theirs] = [book.states[shared - 1], states[shared - 1]];
    // Headers name their parents: where two agree, all below do.
    if (ours && theirs && equalBytes(ours.hash, theirs.hash)) break;
    shared -= 1;
  }
  return shared;
}
