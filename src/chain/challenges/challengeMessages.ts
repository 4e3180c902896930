import {
  type AnchoredProof,
  readAnchoredProof,
  writeAnchoredProof,
} from "../../blocks/anchoredProof.ts";
import {
  type PostedClose,
  readPostedClose,
  readShownClose,
  type ShownClose,
  writePostedClose,
  writeShownClose,
} from "../../blocks/closeProof.ts";
import { type Hop, type PostingChain, readHops, writeHops } from "../../blocks/hops.ts";
import type { Reader, Writer } from "../../lib/codec.ts";
import { demand, Refusal } from "../../lib/verdict.ts";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  readBlockHeader,
  writeBlockHeader,
} from "../../protocol/blockHeader.ts";
import { type Condition, readCondition, writeCondition } from "../../protocol/condition.ts";
import { CONDITIONS_MAX, RUN_MAX } from "../../protocol/limits.ts";
import { readConditionSides, writeConditionSides } from "../../protocol/place.ts";
import type { AskedPath } from "../../space/tree.ts";
import { type DataTarget, readDataTarget, writeDataTarget } from "../requests/dataTarget.ts";
import { type NamedPost, readPostPath, writePostPath } from "../requests/postPath.ts";

/** The range `[lo, hi)` of a chain that the main chain has no record of. */
export type NamedSpace = { readonly lo: bigint; readonly hi: bigint };

/** A state of the challenged chain. `isSwitched`: the chain whose record the proof begins at posts there after a switch. */
export type ShownState = AnchoredProof & { readonly isSwitched: boolean };

/**
 * A `challenge` transaction: a contract stood in one state of a chain, and in a later one it does not stand any more. Its
 * operator is to show by whose word it is gone.
 *
 * - `topId`: the on-chain chain that is, or holds, the chain challenged.
 * - `path`: the chains that its posts go through, down to itself: for the state with the most hops.
 * - `space`: the chain's own, if it is inside another.
 * - `first`: the contract in the earlier state. - `second`: what stands in the later one on `asked`, in its range.
 *
 * @see docs/PROTOCOL.md section 6, double sales
 */
export type Challenge = {
  readonly topId: Uint8Array;
  readonly path: readonly PostingChain[];
  readonly space: NamedSpace | undefined;
  readonly first: ShownState;
  readonly second: ShownState;
  readonly asked: AskedPath;
};

/**
 * Why a contract is rightly gone.
 *
 * - `close`: its owner's close, or order, in a block that was posted. `headers`: from that block to the posted one.
 * - `condition`: number `index` on its path has come out against it.
 * - `late`: it never counted. In its place a contract had been closed before, too late for the record.
 */
export type ChallengeAnswer =
  | ({
      readonly kind: "close";
      readonly hops: readonly Hop[];
      readonly headers: readonly BlockHeader[];
      readonly close: ShownClose;
    } & NamedPost)
  | { readonly kind: "condition"; readonly index: number; readonly condition: Condition }
  | ({
      readonly kind: "late";
      readonly space: NamedSpace | undefined;
      readonly posted: PostedClose;
    } & Pick<NamedPost, "path" | "isSwitched">);

/** A `challenge-response` transaction, by anyone. */
export type ChallengeResponse = {
  readonly target: DataTarget;
  readonly challengeId: Uint8Array;
  readonly answer: ChallengeAnswer;
};

/** A `challenge-timeout` transaction: nobody has answered in time. */
export type ChallengeTimeout = { readonly target: DataTarget; readonly challengeId: Uint8Array };

const ANSWER = { close: 0, condition: 1, late: 2 } as const;

/** Encode: top id 32, path, space (flag; lo u64, hi u64), first and second (each switched flag, anchored proof), asked (coordinate u64, conditions). */
export function writeChallenge(writer: Writer, challenge: Challenge): void {
  writer.fixed(challenge.topId, 32);
  writePostPath(writer, challenge.path);
  writeSpace(writer, challenge.space);
  for (const state of [challenge.first, challenge.second]) {
    writeAnchoredProof(writer.flag(state.isSwitched), state);
  }
  const { at, conditions } = challenge.asked;
  writeConditionSides(writer.u64(at), conditions, CONDITIONS_MAX);
}

export function readChallenge(reader: Reader): Challenge {
  const topId = reader.fixed(32);
  const path = readPostPath(reader);
  const space = readSpace(reader);
  const first = readShownState(reader);
  const second = readShownState(reader);
  const at = reader.u64();
  const asked = { at, conditions: readConditionSides(reader, CONDITIONS_MAX) };
  return { topId, path, space, first, second, asked };
}

function readShownState(reader: Reader): ShownState {
  const isSwitched = reader.flag();
  return { isSwitched, ...readAnchoredProof(reader) };
}

/** Encode: target 97, challenge id 32, answer. */
export function writeChallengeResponse(writer: Writer, response: ChallengeResponse): void {
  writeDataTarget(writer, response.target);
  writeChallengeAnswer(writer.fixed(response.challengeId, 32), response.answer);
}

export function readChallengeResponse(reader: Reader): ChallengeResponse {
  const target = readDataTarget(reader);
  const challengeId = reader.fixed(32);
  return { target, challengeId, answer: readAnswer(reader) };
}

/**
 * Encode: kind u8; 0 close: sequence u32, switched flag, path, hops, headers, shown close; 1 condition: index u8, condition;
 * 2 late: switched flag, path, space, posted close.
 */
export function writeChallengeAnswer(writer: Writer, answer: ChallengeAnswer): void {
  writer.u8(ANSWER[answer.kind]);
  switch (answer.kind) {
    case "close":
      writePostPath(writer.u32(answer.sequence).flag(answer.isSwitched), answer.path);
      writeHops(writer, answer.hops);
      writer.list(answer.headers, RUN_MAX, writeBlockHeader);
      writeShownClose(writer, answer.close);
      return;
    case "condition":
      writeCondition(writer.u8(answer.index), answer.condition);
      return;
    case "late":
      writePostPath(writer.flag(answer.isSwitched), answer.path);
      writeSpace(writer, answer.space);
      writePostedClose(writer, answer.posted);
  }
}

function readAnswer(reader: Reader): ChallengeAnswer {
  const kind = reader.u8();
  switch (kind) {
    case ANSWER.close: {
      const sequence = reader.u32();
      const isSwitched = reader.flag();
      const path = readPostPath(reader);
      const hops = readHops(reader);
      const headers = reader.list(RUN_MAX, BLOCK_HEADER_BYTES, readBlockHeader);
      const close = readShownClose(reader);
      return { kind: "close", sequence, isSwitched, path, hops, headers, close };
    }
    case ANSWER.condition:
      return { kind: "condition", index: reader.u8(), condition: readCondition(reader) };
    case ANSWER.late: {
      const isSwitched = reader.flag();
      const path = readPostPath(reader);
      const space = readSpace(reader);
      return { kind: "late", isSwitched, path, space, posted: readPostedClose(reader) };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected answer kind 0 to 2, got ${kind}`);
  }
}

/** Encode: target 97, challenge id 32. */
export function writeChallengeTimeout(writer: Writer, timeout: ChallengeTimeout): void {
  writeDataTarget(writer, timeout.target);
  writer.fixed(timeout.challengeId, 32);
}

export function readChallengeTimeout(reader: Reader): ChallengeTimeout {
  return { target: readDataTarget(reader), challengeId: reader.fixed(32) };
}

function writeSpace(writer: Writer, space: NamedSpace | undefined): void {
  writer.flag(space !== undefined);
  if (space !== undefined) writer.u64(space.lo).u64(space.hi);
}

function readSpace(reader: Reader): NamedSpace | undefined {
  if (!reader.flag()) return undefined;
  const space = { lo: reader.u64(), hi: reader.u64() };
  demand(space.lo < space.hi, "EMPTY_RANGE", "expected lo below hi in the space named");
  return space;
}
