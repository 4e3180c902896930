import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { type PostPlace, readPostPlace, writeAnchor } from "./anchor.ts";

/**
 * What an owner signs (`signSeal`) to turn his contract into a chain, for ever: its script becomes the
 * constant true, he becomes its operator, and its posts stand in `anchor` from then on. Bound to the
 * last block he has checked, so it is good in the next one only.
 *
 * - `contractId`, `seenBlock`: 32 bytes.
 *
 * @see docs/PROTOCOL.md section 4
 */
export type Seal = {
  readonly contractId: Uint8Array;
  readonly seenBlock: Uint8Array;
  readonly anchor: PostPlace;
};

/** Encode: contract id 32, seen block 32, anchor 33. This body is what is signed. */
export function writeSeal(writer: Writer, seal: Seal): void {
  writer.fixed(seal.contractId, 32).fixed(seal.seenBlock, 32);
  writeAnchor(writer, seal.anchor);
}

export function readSeal(reader: Reader): Seal {
  const contractId = reader.fixed(32);
  const seenBlock = reader.fixed(32);
  return { contractId, seenBlock, anchor: readPostPlace(reader) };
}

export function encodeSeal(seal: Seal): Uint8Array {
  return encode((writer) => writeSeal(writer, seal));
}
