import type { Rank } from "../../blocks/anchoredProof.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { demand } from "../../lib/verdict.ts";
import { LEAF_BYTES, readLeaf, writeLeaf } from "../../protocol/leaf.ts";
import { LINE_MAX } from "../../protocol/limits.ts";
import { type ContractRun, readContractRun, writeContractRun } from "./contractRun.ts";
import { computeResultKey } from "./line.ts";
import { leavesOf, type ShownLeaf, type ShownLine } from "./shownLine.ts";
import { readLevel } from "./slash.ts";

/**
 * That a close took a result away. Its record stays until the timeout, so that the line cannot come back
 * unless it is shown that the close came too late.
 *
 * - `level`: of the contract on the line that was closed, from 0. - `closedAt`: place of the close.
 * - `successor`: what the close made over the winning point at that level; undefined if nothing there holds.
 * - `openTo`: the last main-chain height at which the successor may be claimed by right of the removal, and at
 *   which the removal may be undone.
 */
export type Removal = {
  readonly level: number;
  readonly closedAt: Rank;
  readonly successor: ShownLeaf | undefined;
  readonly openTo: number;
};

/**
 * What the main chain keeps of a claimed line, in the `results` map under `resultKeyOf`.
 *
 * - `line`: its leaves, each with the best place that this very line has shown it at.
 * - `carrier`: 33 bytes, the account that paid `deposit` and `fee` (satoshi) and gets the deposit back.
 * - `writtenAt`: height of the claim. `changedAt`: of the last change of run, or of the order of ranks.
 * - `ownerMoves`, `operatorMoves`: how many each side has left.
 * - `lastMoverAgainst`: account that carried the operator's last move.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type ResultRecord = {
  readonly chainId: Uint8Array;
  readonly line: ShownLine;
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
export function resultKeyOf({ chainId, line }: Pick<ResultRecord, "chainId" | "line">): Uint8Array {
  return computeResultKey(chainId, leavesOf(line));
}

/** The line that a removal shows in the place of the removed one; undefined if nothing there holds. */
export function successorLine({ line, removal }: ResultRecord): ShownLine | undefined {
  if (removal?.successor === undefined) return undefined;
  const [first, ...rest] = [...line.slice(0, removal.level), removal.successor];
  return [first as ShownLeaf, ...rest];
}

/** Encode: chain id 32, line (u8 count, each a leaf and its rank), run, carrier 33, deposit u64, fee u64, written u32, changed u32, moves u8 u8, mover (flag), removal (flag: level u8, rank of the close, open to u32, flag and shown successor). */
export function writeResultRecord(writer: Writer, record: ResultRecord): void {
  writer.fixed(record.chainId, 32);
  writer.u8(record.line.length);
  for (const shown of record.line) writeShownLeaf(writer, shown);
  writeContractRun(writer, record.run);
  writer.fixed(record.carrier, 33).u64(record.deposit).u64(record.fee);
  writer.u32(record.writtenAt).u32(record.changedAt);
  writer.u8(record.ownerMoves).u8(record.operatorMoves);
  writer.flag(record.lastMoverAgainst !== undefined);
  if (record.lastMoverAgainst !== undefined) writer.fixed(record.lastMoverAgainst, 33);
  writer.flag(record.removal !== undefined);
  if (record.removal === undefined) return;
  const { level, closedAt, successor, openTo } = record.removal;
  writer.u8(level);
  writeRank(writer, closedAt);
  writer.u32(openTo).flag(successor !== undefined);
  if (successor !== undefined) writeShownLeaf(writer, successor);
}

export function readResultRecord(reader: Reader): ResultRecord {
  const chainId = reader.fixed(32);
  const line = readShownLine(reader);
  const run = readContractRun(reader);
  const carrier = reader.fixed(33);
  const deposit = reader.u64();
  const fee = reader.u64();
  const writtenAt = reader.u32();
  const changedAt = reader.u32();
  const ownerMoves = readMoves(reader);
  const operatorMoves = readMoves(reader);
  const lastMoverAgainst = reader.flag() ? reader.fixed(33) : undefined;
  const removal = reader.flag() ? readRemoval(reader, line.length) : undefined;
  return {
    chainId,
    line,
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

function readRemoval(reader: Reader, levels: number): Removal {
  const level = readLevel(reader);
  demand(level < levels, "WRONG_LEVEL", `expected a level below ${levels}, got ${level}`);
  const closedAt = readRank(reader);
  const openTo = reader.u32();
  const successor = reader.flag() ? readShownLeaf(reader) : undefined;
  return { level, closedAt, successor, openTo };
}

function readShownLine(reader: Reader): ShownLine {
  const count = reader.u8();
  demand(
    count >= 1 && count <= LINE_MAX && count * LEAF_BYTES <= reader.remaining,
    "WRONG_LINE_LENGTH",
    `expected 1 to ${LINE_MAX} leaves, got ${count}`,
  );
  const first = readShownLeaf(reader);
  return [first, ...Array.from({ length: count - 1 }, () => readShownLeaf(reader))];
}

/** Encode: the leaf, then its rank: height u32, index u32, place u8. */
function writeShownLeaf(writer: Writer, { leaf, rank }: ShownLeaf): void {
  writeLeaf(writer, leaf);
  writeRank(writer, rank);
}

function readShownLeaf(reader: Reader): ShownLeaf {
  return { leaf: readLeaf(reader), rank: readRank(reader) };
}

function writeRank(writer: Writer, { height, index, place }: Rank): void {
  writer.u32(height).u32(index).u8(place);
}

function readRank(reader: Reader): Rank {
  return { height: reader.u32(), index: reader.u32(), place: reader.u8() };
}

/** The lines of results, removed ones too. */
export function linesOf(results: readonly ResultRecord[]): ShownLine[] {
  return results.map(({ line }) => line);
}
