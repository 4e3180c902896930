import type { Rank } from "../../blocks/anchoredProof.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { demand, Refusal } from "../../lib/verdict.ts";
import { LEAF_BYTES, type Leaf, readLeaf, writeLeaf } from "../../protocol/leaf.ts";
import { LINE_MAX } from "../../protocol/limits.ts";
import { type ContractRun, readContractRun, writeContractRun } from "./contractRun.ts";
import { computeResultKey } from "./line.ts";

/** A leaf as a claim or a close has shown it, with the place on the main chain of that showing. */
export type ShownLeaf = { readonly leaf: Leaf; readonly rank: Rank };

/**
 * That a close took a result away. Its record stays until the timeout, so that the line cannot come back.
 *
 * - `successor`: what the close made over the winning point; undefined if nothing there holds.
 * - `openTo`: the last main-chain height at which the successor may be claimed by right of the removal.
 */
export type Removal = {
  readonly successor: ShownLeaf | undefined;
  readonly openTo: number;
};

/**
 * What the main chain keeps of a claimed line, in the `results` map under `resultKeyOf`.
 *
 * - `leaf`, `rank`: the last leaf, and the best place that this very line was shown at.
 * - `carrier`: 33 bytes, the account that paid `deposit` and `fee` (satoshi) and gets the deposit back.
 * - `writtenAt`: height of the claim. `changedAt`: of the last change of run, or of the order of ranks.
 * - `ownerMoves`, `operatorMoves`: how many each side has left.
 * - `lastMoverAgainst`: account that carried the operator's last move.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type ResultRecord = ShownLeaf & {
  readonly chainId: Uint8Array;
  readonly run: ContractRun;
  readonly carrier: Uint8Array;
  readonly deposit: bigint;
  readonly fee: bigint;
  readonly writtenAt: number;
  readonly changedAt: number;
  readonly ownerMoves: number;
  readonly operatorMoves: number;
  readonly lastMoverAgainst: Uint8Array | undefined;
  readonly removal: Removal | undefined;
};

/** Moves that each side may make against or for a result; the claim itself is not counted. */
export const MOVES_MAX = 2;

/** The 32-byte key of a result in the `results` map. */
export function resultKeyOf(result: Pick<ResultRecord, "chainId" | "leaf">): Uint8Array {
  return computeResultKey(result.chainId, [result.leaf]);
}

/** Encode: chain id 32, leaves (u8 count, one), rank, run, carrier 33, deposit u64, fee u64, written u32, changed u32, moves u8 u8, mover (flag), removal (flag). */
export function writeResultRecord(writer: Writer, record: ResultRecord): void {
  writer.fixed(record.chainId, 32);
  writeShownLeaf(writer, record);
  writeContractRun(writer, record.run);
  writer.fixed(record.carrier, 33).u64(record.deposit).u64(record.fee);
  writer.u32(record.writtenAt).u32(record.changedAt);
  writer.u8(record.ownerMoves).u8(record.operatorMoves);
  writer.flag(record.lastMoverAgainst !== undefined);
  if (record.lastMoverAgainst !== undefined) writer.fixed(record.lastMoverAgainst, 33);
  writer.flag(record.removal !== undefined);
  if (record.removal === undefined) return;
  const { successor, openTo } = record.removal;
  writer.u32(openTo).flag(successor !== undefined);
  if (successor !== undefined) writeShownLeaf(writer, successor);
}

export function readResultRecord(reader: Reader): ResultRecord {
  const chainId = reader.fixed(32);
  const { leaf, rank } = readShownLeaf(reader);
  const run = readContractRun(reader);
  const carrier = reader.fixed(33);
  const deposit = reader.u64();
  const fee = reader.u64();
  const writtenAt = reader.u32();
  const changedAt = reader.u32();
  const ownerMoves = readMoves(reader);
  const operatorMoves = readMoves(reader);
  const lastMoverAgainst = reader.flag() ? reader.fixed(33) : undefined;
  const removal = reader.flag() ? readRemoval(reader) : undefined;
  return {
    chainId,
    leaf,
    rank,
    run,
    carrier,
    deposit,
    fee,
    writtenAt,
    changedAt,
    ownerMoves,
    operatorMoves,
    lastMoverAgainst,
    removal,
  };
}

export function encodeResultRecord(record: ResultRecord): Uint8Array {
  return encode((writer) => writeResultRecord(writer, record));
}

function readMoves(reader: Reader): number {
  const moves = reader.u8();
  demand(moves <= MOVES_MAX, "TOO_MANY", `expected at most ${MOVES_MAX} moves, got ${moves}`);
  return moves;
}

function readRemoval(reader: Reader): Removal {
  const openTo = reader.u32();
  return { openTo, successor: reader.flag() ? readShownLeaf(reader) : undefined };
}

/** Encode: leaf count u8 (one at depth one), the leaf, then height u32, index u32, place u8 of its rank. */
function writeShownLeaf(writer: Writer, { leaf, rank }: ShownLeaf): void {
  writer.u8(1);
  writeLeaf(writer, leaf);
  writer.u32(rank.height).u32(rank.index).u8(rank.place);
}

function readShownLeaf(reader: Reader): ShownLeaf {
  const count = reader.u8();
  demand(
    count >= 1 && count <= LINE_MAX && count * LEAF_BYTES <= reader.remaining,
    "WRONG_LINE_LENGTH",
    `expected 1 to ${LINE_MAX} leaves, got ${count}`,
  );
  if (count > 1) throw new Refusal("NOT_SERVED", "results of nested lines are not served yet");
  const leaf = readLeaf(reader);
  return { leaf, rank: { height: reader.u32(), index: reader.u32(), place: reader.u8() } };
}
