import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { taggedHash } from "../../lib/hash.ts";
import { type Leaf, writeLeaf } from "../../protocol/leaf.ts";
import { TAGS } from "../../protocol/tags.ts";

/**
 * Whose data is meant: the chain `chainId` of `operator`, inside the on-chain chain `topId`, which is
 * the same for a chain on the main chain. The operator is part of it, so that nobody can be held to
 * posts that he has not signed.
 */
export type DataTarget = {
  readonly topId: Uint8Array;
  readonly chainId: Uint8Array;
  readonly operator: Uint8Array;
};

/** Encode: top id 32, chain id 32, operator 33. */
export function writeDataTarget(writer: Writer, target: DataTarget): void {
  writer.fixed(target.topId, 32).fixed(target.chainId, 32).fixed(target.operator, 33);
}

export function readDataTarget(reader: Reader): DataTarget {
  return { topId: reader.fixed(32), chainId: reader.fixed(32), operator: reader.fixed(33) };
}

/** Key in the `requests` map of a chain's `DataRecord`. */
export function computeDataKey(target: DataTarget): Uint8Array {
  return taggedHash(
    TAGS.data,
    encode((writer) => writeDataTarget(writer, target)),
  );
}

/** Key in the `requests` map of where the answer with a sortition-block stands on the main chain. */
export function computeAnswerKey(blockHash: Uint8Array): Uint8Array {
  return taggedHash(TAGS.data, blockHash);
}

/** Key in the `requests` map of a leaf that an answer has shown in the state after post number `sequence`. */
export function computeShownKey(target: DataTarget, sequence: number, leaf: Leaf): Uint8Array {
  return taggedHash(
    TAGS.data,
    encode((writer) => {
      writeDataTarget(writer, target);
      writeLeaf(writer.u32(sequence), leaf);
    }),
  );
}

/** The 32-byte id of the request that an account makes with its transaction number `nonce`. */
export function computeRequestId(asker: Uint8Array, nonce: number): Uint8Array {
  return taggedHash(
    TAGS.data,
    encode((writer) => writer.fixed(asker, 33).u32(nonce)),
  );
}
