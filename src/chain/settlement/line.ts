import {
  type AnchoredProof,
  readAnchoredProof,
  writeAnchoredProof,
} from "../../blocks/anchoredProof.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { taggedHash } from "../../lib/hash.ts";
import { demand } from "../../lib/verdict.ts";
import {
  CONDITION_BYTES_MIN,
  type Condition,
  readCondition,
  writeCondition,
} from "../../protocol/condition.ts";
import { type Leaf, writeLeaf } from "../../protocol/leaf.ts";
import { CONDITIONS_MAX, LINE_MAX } from "../../protocol/limits.ts";
import { TAGS } from "../../protocol/tags.ts";

/**
 * One level of a line: the proof of its leaf, in the chain that the leaf above it is.
 *
 * - `conditions`: every condition on the path, whole, in the path's order.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type LineLevel = {
  readonly proof: AnchoredProof;
  readonly conditions: readonly Condition[];
};

/** Encode: count u8, then for each level the anchored proof and the conditions (u16 count). */
export function writeLine(writer: Writer, levels: readonly LineLevel[]): void {
  writer.u8(levels.length);
  for (const level of levels) {
    writeAnchoredProof(writer, level.proof);
    writer.list(level.conditions, CONDITIONS_MAX, writeCondition);
  }
}

/** Decode a line of 1 to `LINE_MAX` levels. */
export function readLine(reader: Reader): LineLevel[] {
  const count = reader.u8();
  demand(
    count >= 1 && count <= LINE_MAX,
    "WRONG_LINE_LENGTH",
    `expected 1 to ${LINE_MAX} levels, got ${count}`,
  );
  const levels: LineLevel[] = [];
  while (levels.length < count) {
    const proof = readAnchoredProof(reader);
    levels.push({
      proof,
      conditions: reader.list(CONDITIONS_MAX, CONDITION_BYTES_MIN, readCondition),
    });
  }
  return levels;
}

/** The 32-byte hash of a line: `H(line ‖ every byte of its leaves, top first)`. */
export function hashLine(leaves: readonly Leaf[]): Uint8Array {
  return taggedHash(
    TAGS.line,
    encode((writer) => {
      for (const leaf of leaves) writeLeaf(writer, leaf);
    }),
  );
}

/** The key of a line's result in the `results` map: `H(line ‖ on-chain chain id ‖ line hash)`. */
export function computeResultKey(chainId: Uint8Array, leaves: readonly Leaf[]): Uint8Array {
  return taggedHash(TAGS.line, chainId, hashLine(leaves));
}
