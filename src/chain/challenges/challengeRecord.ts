import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { taggedHash } from "../../lib/hash.ts";
import { LEAF_BYTES, type Leaf, readLeaf, writeLeaf } from "../../protocol/leaf.ts";
import { CONDITIONS_MAX, OPEN_REQUESTS_MAX } from "../../protocol/limits.ts";
import {
  type ConditionSide,
  readConditionSides,
  writeConditionSides,
} from "../../protocol/place.ts";
import type { ExistenceRecord } from "../../protocol/post.ts";
import { TAGS } from "../../protocol/tags.ts";
import { type DataTarget, writeDataTarget } from "../requests/dataTarget.ts";

/** Where a state was shown: the height of its block in its own chain, and the main chain's record above it. */
export type ShownAt = {
  readonly block: number;
  readonly height: number;
  readonly index: number;
};

/** Whether a record stands no later than the one under which a state was shown: nothing is made up afterwards. */
export function isRecordedBy(
  record: Pick<ExistenceRecord, "height" | "index">,
  shown: ShownAt,
): boolean {
  return (record.height - shown.height || record.index - shown.index) <= 0;
}

/**
 * A challenge that is not answered yet.
 *
 * - `leaf`, `conditions`: the contract that is gone, and the sides it stood on. - `first`, `second`: where it stood, and where it
 *   does not any more.
 * - `challenger`: 33 bytes, who gets back what is left of `deposit`. - `fee`: what he paid.
 * - `due`: the last main-chain height at which an answer counts.
 */
export type OpenChallenge = {
  readonly id: Uint8Array;
  readonly leaf: Leaf;
  readonly conditions: readonly ConditionSide[];
  readonly first: ShownAt;
  readonly second: ShownAt;
  readonly challenger: Uint8Array;
  readonly deposit: bigint;
  readonly fee: bigint;
  readonly due: number;
};

/** That an operator has not answered a challenge: when the first one ran out, and whose it was. */
export type LostChallenge = Pick<OpenChallenge, "due" | "challenger" | "fee">;

/** What the main chain keeps of the challenges to a chain, in the `requests` map under `computeChallengeKey`. */
export type ChallengeRecord = {
  readonly open: readonly OpenChallenge[];
  readonly lost: LostChallenge | undefined;
};

/** A chain that nobody has ever challenged. */
export const NO_CHALLENGES: ChallengeRecord = { open: [], lost: undefined };

/** The challenge that a chain's operator has lost first, in a block at `height`; whether or not anybody has sent its timeout. */
export function findLost(
  { open, lost }: ChallengeRecord,
  height: number,
): LostChallenge | undefined {
  const missed: LostChallenge[] = open.filter(({ due }) => due < height);
  const all = lost === undefined ? missed : [lost, ...missed];
  const first = all.toSorted((a, b) => a.due - b.due)[0];
  if (first === undefined) return undefined;
  const { due, challenger, fee } = first;
  return { due, challenger, fee };
}

/** Key in the `requests` map of a chain's `ChallengeRecord`. */
export function computeChallengeKey(target: DataTarget): Uint8Array {
  return taggedHash(
    TAGS.challenge,
    encode((writer) => writeDataTarget(writer, target)),
  );
}

/** The 32-byte id of the challenge that an account makes with its transaction number `nonce`. */
export function computeChallengeId(challenger: Uint8Array, nonce: number): Uint8Array {
  return taggedHash(
    TAGS.challenge,
    encode((writer) => writer.fixed(challenger, 33).u32(nonce)),
  );
}

const SHOWN_AT_BYTES = 4 + 4 + 4;
const OPEN_BYTES_MIN = 32 + LEAF_BYTES + 2 + 2 * SHOWN_AT_BYTES + 33 + 8 + 8 + 4;

/** Encode: open challenges (u16 count), lost (flag; due u32, challenger 33, fee u64). */
export function writeChallengeRecord(writer: Writer, { open, lost }: ChallengeRecord): void {
  writer.list(open, OPEN_REQUESTS_MAX, writeOpenChallenge).flag(lost !== undefined);
  if (lost !== undefined) writer.u32(lost.due).fixed(lost.challenger, 33).u64(lost.fee);
}

export function readChallengeRecord(reader: Reader): ChallengeRecord {
  const open = reader.list(OPEN_REQUESTS_MAX, OPEN_BYTES_MIN, readOpenChallenge);
  if (!reader.flag()) return { open, lost: undefined };
  const due = reader.u32();
  const challenger = reader.fixed(33);
  return { open, lost: { due, challenger, fee: reader.u64() } };
}

export function encodeChallengeRecord(record: ChallengeRecord): Uint8Array {
  return encode((writer) => writeChallengeRecord(writer, record));
}

/** Encode: id 32, Leaf, conditions, first and second (each block u32, height u32, index u32), challenger 33, deposit u64, fee u64, due u32. */
function writeOpenChallenge(writer: Writer, challenge: OpenChallenge): void {
  writeLeaf(writer.fixed(challenge.id, 32), challenge.leaf);
  writeConditionSides(writer, challenge.conditions, CONDITIONS_MAX);
  for (const { block, height, index } of [challenge.first, challenge.second]) {
    writer.u32(block).u32(height).u32(index);
  }
  writer.fixed(challenge.challenger, 33).u64(challenge.deposit).u64(challenge.fee);
  writer.u32(challenge.due);
}

function readOpenChallenge(reader: Reader): OpenChallenge {
  const id = reader.fixed(32);
  const leaf = readLeaf(reader);
  const conditions = readConditionSides(reader, CONDITIONS_MAX);
  const first = readShownAt(reader);
  const second = readShownAt(reader);
  const challenger = reader.fixed(33);
  const deposit = reader.u64();
  const fee = reader.u64();
  return { id, leaf, conditions, first, second, challenger, deposit, fee, due: reader.u32() };
}

function readShownAt(reader: Reader): ShownAt {
  return { block: reader.u32(), height: reader.u32(), index: reader.u32() };
}
