import { decodeHeader, encodeHeader } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { computeHeaderTime } from "../chain/header/headerTime.ts";
import { validateHeader } from "../chain/header/validateHeader.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { NetworkParameters } from "../protocol/network.ts";

/**
 * The best chain of main-chain headers that this client has checked itself: one entry a height,
 * from the genesis. Immutable to its users; a heavier branch gives a new book.
 */
export type HeaderBook = {
  readonly parameters: NetworkParameters;
  readonly states: readonly HeaderState[];
  readonly heights: ReadonlyMap<string, number>;
};

/** How far back a heavier branch may part from ours in one answer of a node. */
const REORG_MAX = 500;

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

/**
 * Check consecutive headers from a node and take them if the branch they make has more work than
 * ours. The first must link to a header of the book; headers the book has already are skipped.
 *
 * @param nowMs - a header may not be more than two seconds ahead of it.
 * @returns the book with the heavier chain, or the same book if ours is as heavy; or the rule that broke.
 */
export function extendBook(
  book: HeaderBook,
  served: readonly Uint8Array[],
  nowMs: number,
): Verdict<HeaderBook> {
  const latest = computeHeaderTime(nowMs) + AHEAD_TENTHS_MAX;
  let branch: HeaderState[] | undefined;
  for (const bytes of served) {
    const decoded = decodeHeader(bytes);
    if (!decoded.ok) return decoded;
    const header = decoded.value;
    if (branch === undefined) {
      const known = book.states[header.height];
      if (known !== undefined && equalBytes(encodeHeader(known.header), bytes)) continue;
      const parent = book.states[header.height - 1];
      if (parent === undefined || !equalBytes(parent.hash, header.previousHash)) {
        return refuse("NOT_LINKED", `header ${header.height} does not link to ours`);
      }
      if (tipOf(book).header.height - parent.header.height > REORG_MAX) {
        return refuse("REORG_TOO_DEEP", `a branch parts more than ${REORG_MAX} headers back`);
      }
      branch = book.states.slice(0, header.height);
    }
    if (header.time >= latest) {
      return refuse("FROM_THE_FUTURE", `header ${header.height} is ahead of this machine's clock`);
    }
    const own = branch;
    const checked = validateHeader(header, own.at(-1) as HeaderState, book.parameters, (hash) => {
      return own.findLast((state) => equalBytes(state.hash, hash))?.header;
    });
    if (!checked.ok) return checked;
    branch.push(checked.value);
  }
  if (branch === undefined) return accept(book);
  if ((branch.at(-1) as HeaderState).work <= tipOf(book).work) return accept(book);
  return accept({ ...book, states: branch, heights: indexHeights(book, branch) });
}

function indexHeights(book: HeaderBook, branch: readonly HeaderState[]): Map<string, number> {
  const heights = new Map(book.heights);
  let parted = Math.min(branch.length, book.states.length);
  while (parted > 0 && branch[parted - 1] !== book.states[parted - 1]) parted -= 1;
  for (const orphan of book.states.slice(parted)) heights.delete(formatHex(orphan.hash));
  branch.slice(parted).forEach((state, index) => {
    heights.set(formatHex(state.hash), parted + index);
  });
  return heights;
}
