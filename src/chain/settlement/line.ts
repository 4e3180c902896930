import {
  type AnchoredProof,
  readAnchoredProof,
  writeAnchoredProof,
} from "../../blocks/anchoredProof.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { taggedHash } from "../../lib/hash.ts";
import { demand, Refusal } from "../../lib/verdict.ts";
import {
  CONDITION_BYTES_MIN,
  type Condition,
  readCondition,
  writeCondition,
} from "../../protocol/condition.ts";
import { type Leaf, writeLeaf } from "../../protocol/leaf.ts";
import { CONDITIONS_MAX, LINE_MAX, SCRIPT_BYTES_MAX } from "../../protocol/limits.ts";
import { TAGS } from "../../protocol/tags.ts";

/**
 * One level of a line: the proof of its leaf, and whole what the leaf and its path name by hash.
 *
 * - `conditions`: every condition on the path, in the path's order.
 * - `script`: the leaf's own; empty where a state takes its place, or nothing is run.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type LineLevel = {
  readonly proof: AnchoredProof;
  readonly conditions: readonly Condition[];
  readonly script: Uint8Array;
};

/** Encode: count u8, then for each level the anchored proof, conditions (u16 count), script bytes. */
export function writeLine(writer: Writer, levels: readonly LineLevel[]): void {
  writer.u8(levels.length);
  for (const level of levels) {
    writeAnchoredProof(writer, level.proof);
    writer.list(level.conditions, CONDITIONS_MAX, writeCondition);
    writer.bytes(level.script, SCRIPT_BYTES_MAX);
  }
}

/** Decode a line. The format has up to `LINE_MAX` levels; more than one is refused as `NOT_SERVED`. */
export function readLine(reader: Reader): readonly [LineLevel] {
  const count = reader.u8();
  demand(
    count >= 1 && count <= LINE_MAX,
    "WRONG_LINE_LENGTH",
    `expected 1 to ${LINE_MAX} levels, got ${count}`,
  );
  if (count > 1) {
    throw new Refusal(
      "NOT_SERVED",
      `lines of more than one level are not served yet, got ${count}`,
    );
  }
  const proof = readAnchoredProof(reader);
  const conditions = reader.list(CONDITIONS_MAX, CONDITION_BYTES_MIN, readCondition);
  return [{ proof, conditions, script: reader.bytes(SCRIPT_BYTES_MAX) }];
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
