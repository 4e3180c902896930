import { type CloseProof, writeCloseProof } from "../../blocks/closeProof.ts";
import { isSameContract } from "../../chain/settlement/shownLine.ts";
import { CLOSES_MAX } from "../../chain/settlement/slash.ts";
import { joinBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { areApart, type Place } from "../../protocol/place.ts";
import type { KeptClose, Stood } from "../disputes/keptClose.ts";

/** A close that counts, as it is kept for a contract: what it closed, what it made, and the proof. */
export type ProvedClose = Pick<KeptClose, "closed" | "successors" | "proof">;

/** A contract, and the closes by which those gave theirs up who stood on its place before it. */
export type DefendedContract = Stood & { readonly closes: readonly ProvedClose[] };

/** Closes in a row against a contract that was given up, the first of them its own. */
export type CloseRow = { readonly given: Leaf; readonly closes: readonly CloseProof[] };

/** Bytes of a row: a tower keeps so many for a client; the first close is in it however long it is. */
const ROW_BYTES_MAX = 32 * 1024;

/**
 * What is held against everybody who gave up a contract on the place of one that is defended: the close of his, and those that
 * lead on to the one that is defended, as far as its whole place went from one contract to another.
 */
export function listCloseRows({ leaf, place, closes }: DefendedContract): CloseRow[] {
  return closes.flatMap((close) =>
    close.closed
      .filter((stood) => !areApart(stood.place, place))
      .map(({ leaf: given }) => ({ given, closes: growRow(close, { leaf, place, closes }) })),
  );
}

function growRow(
  first: ProvedClose,
  { leaf, place, closes }: DefendedContract,
): readonly CloseProof[] {
  const row = [first];
  let bytes = printOf(first.proof).length;
  while (row.length < CLOSES_MAX) {
    const over = row.at(-1)?.successors.filter((each) => leadsTo(each.place, place)) ?? [];
    if (over.some((each) => isSameContract(each.leaf, leaf))) break;
    const closing = closes.find(
      (each) =>
        !row.includes(each) &&
        each.closed.some(({ leaf: gone }) => over.some((made) => isSameContract(made.leaf, gone))),
    );
    if (closing === undefined) break;
    bytes += printOf(closing.proof).length;
    if (bytes > ROW_BYTES_MAX) break;
    row.push(closing);
  }
  return row.map(({ proof }) => proof);
}

type Print = { readonly length: number; readonly hash: Uint8Array };

const prints = new WeakMap<CloseProof, Print>();

/** Length and SHA-256 of an encoded close proof: computed once, as proofs are long and never change. */
function printOf(proof: CloseProof): Print {
  const known = prints.get(proof);
  if (known !== undefined) return known;
  const bytes = encode((writer) => writeCloseProof(writer, proof));
  const print = { length: bytes.length, hash: sha256(bytes) };
  prints.set(proof, print);
  return print;
}

/** 32 bytes that are others where the row is another. */
export function hashRow(closes: readonly CloseProof[]): Uint8Array {
  return sha256(joinBytes(closes.map((proof) => printOf(proof).hash)));
}

/** Whether who stood on `outer` had the whole range of `inner`, and nothing has set the two apart. */
function leadsTo(outer: Place, inner: Place): boolean {
  return outer.lo <= inner.lo && inner.hi <= outer.hi && !areApart(outer, inner);
}
