import { type CloseProof, readCloseProof, writeCloseProof } from "../../blocks/closeProof.ts";
import { decode, encode, type Reader, type Writer } from "../../lib/codec.ts";
import type { Verdict } from "../../lib/verdict.ts";
import { type Leaf, readLeaf, writeLeaf } from "../../protocol/leaf.ts";
import { type Place, readPlace, writePlace } from "../../protocol/place.ts";
import { LIST_MAX } from "../bookParts.ts";

/** A contract and where it stood, or stands. */
export type Stood = { readonly leaf: Leaf; readonly place: Place };

/**
 * A close, or match, of a chain's history that counts, with its proof.
 *
 * - `height`, `index`: of the chain's block, and of the transaction in it.
 * - `closed`: what it closed. `successors`: what it made.
 * - `recordHeight`, `under`: height and hash of the main-chain block with the record over it: it counts as long as that stands.
 */
export type KeptClose = {
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly index: number;
  readonly closed: readonly Stood[];
  readonly successors: readonly Stood[];
  readonly recordHeight: number;
  readonly under: Uint8Array;
  readonly proof: CloseProof;
};

/** Encode: chain 32, height u32, index u32, closed, successors, record height u32, main-chain block 32, close proof. */
export function encodeKeptClose(kept: KeptClose): Uint8Array {
  return encode((writer) => {
    writer.fixed(kept.chainId, 32).u32(kept.height).u32(kept.index);
    writer.list(kept.closed, LIST_MAX, writeStood).list(kept.successors, LIST_MAX, writeStood);
    writer.u32(kept.recordHeight).fixed(kept.under, 32);
    writeCloseProof(writer, kept.proof);
  });
}

export function decodeKeptClose(bytes: Uint8Array): Verdict<KeptClose> {
  return decode(bytes, (reader) => ({
    chainId: reader.fixed(32),
    height: reader.u32(),
    index: reader.u32(),
    closed: reader.list(LIST_MAX, 1, readStood),
    successors: reader.list(LIST_MAX, 1, readStood),
    recordHeight: reader.u32(),
    under: reader.fixed(32),
    proof: readCloseProof(reader),
  }));
}

function writeStood(writer: Writer, { leaf, place }: Stood): void {
  writeLeaf(writer, leaf);
  writePlace(writer, place);
}

function readStood(reader: Reader): Stood {
  return { leaf: readLeaf(reader), place: readPlace(reader) };
}
