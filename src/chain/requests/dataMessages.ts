import { type Hop, readHops, writeHops } from "../../blocks/hops.ts";
import type { ServedProof } from "../../blocks/servedData.ts";
import type { Reader, Writer } from "../../lib/codec.ts";
import { demand, Refusal } from "../../lib/verdict.ts";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  readBlockHeader,
  writeBlockHeader,
} from "../../protocol/blockHeader.ts";
import { BLOCK_BYTES_MAX, PATH_BYTES_MAX, RUN_MAX } from "../../protocol/limits.ts";
import type { AskedPath } from "../../space/tree.ts";
import { readAskedPath, writeAskedPath } from "./askedPath.ts";
import { type DataTarget, readDataTarget, writeDataTarget } from "./dataTarget.ts";
import { type NamedPost, readPostPath, writePostPath } from "./postPath.ts";

/**
 * What is asked for under a post.
 *
 * - `blocks`: the blocks from the posted one back to `have`, which the asker knows: the hash of a block, or the
 *   chain's id. `after`: headers from the first block that is not asked for to the posted one, none to begin
 *   with the posted one itself.
 * - `proof`: what stands on a path in the state after the posted block.
 */
export type DataSubject =
  | {
      readonly kind: "blocks";
      readonly after: readonly BlockHeader[];
      readonly have: Uint8Array;
    }
  | { readonly kind: "proof"; readonly asked: AskedPath };

/**
 * A `data-request` transaction: anyone asks for what is posted and not served.
 *
 * - `topId`: the on-chain chain that is, or holds, the chain asked for.
 * - `hops`: what shows the last one's post under the record named.
 *
 * @see docs/PROTOCOL.md section 6, withheld data
 */
export type DataRequest = NamedPost & {
  readonly topId: Uint8Array;
  readonly hops: readonly Hop[];
  readonly subject: DataSubject;
};

/**
 * A `data-response` transaction: the bytes asked for, on chain. Of a chain inside another only its own
 * operator answers, and names its `space` `[lo, hi)`, as the main chain knows no leaf.
 */
export type DataResponse = {
  readonly target: DataTarget;
  readonly requestId: Uint8Array;
  readonly space: { readonly lo: bigint; readonly hi: bigint } | undefined;
  readonly answer: DataAnswer;
};

export type DataAnswer =
  | { readonly kind: "block"; readonly bytes: Uint8Array }
  | ({ readonly kind: "proof" } & ServedProof);

/** A `data-slash` transaction: nobody has answered in time. */
export type DataSlash = { readonly target: DataTarget; readonly requestId: Uint8Array };

const SUBJECT = { blocks: 0, proof: 1 } as const;
const ANSWER = { block: 0, proof: 1 } as const;

/** Encode: top id 32, sequence u32, switched flag, path (u8 count; chain id 32, operator 33), hops, subject. */
export function writeDataRequest(writer: Writer, request: DataRequest): void {
  writer.fixed(request.topId, 32).u32(request.sequence).flag(request.isSwitched);
  writePostPath(writer, request.path);
  writeHops(writer, request.hops);
  writeSubject(writer, request.subject);
}

export function readDataRequest(reader: Reader): DataRequest {
  const topId = reader.fixed(32);
  const sequence = reader.u32();
  const isSwitched = reader.flag();
  const path = readPostPath(reader);
  const hops = readHops(reader);
  return { topId, sequence, isSwitched, path, hops, subject: readSubject(reader) };
}

/** Encode: kind u8; 0 blocks: headers (u16 count), have 32; 1 proof: asked path. */
function writeSubject(writer: Writer, subject: DataSubject): void {
  writer.u8(SUBJECT[subject.kind]);
  if (subject.kind === "blocks") {
    writer.list(subject.after, RUN_MAX - 1, writeBlockHeader).fixed(subject.have, 32);
  } else {
    writeAskedPath(writer, subject.asked);
  }
}

function readSubject(reader: Reader): DataSubject {
  const kind = reader.u8();
  switch (kind) {
    case SUBJECT.blocks:
      return {
        kind: "blocks",
        after: reader.list(RUN_MAX - 1, BLOCK_HEADER_BYTES, readBlockHeader),
        have: reader.fixed(32),
      };
    case SUBJECT.proof:
      return { kind: "proof", asked: readAskedPath(reader) };
    default:
      throw new Refusal("UNKNOWN_KIND", `expected subject kind 0 or 1, got ${kind}`);
  }
}

/** Encode: target 97, request id 32, space (flag; lo u64, hi u64), answer. */
export function writeDataResponse(writer: Writer, response: DataResponse): void {
  writeDataTarget(writer, response.target);
  writer.fixed(response.requestId, 32).flag(response.space !== undefined);
  if (response.space !== undefined) writer.u64(response.space.lo).u64(response.space.hi);
  writeDataAnswer(writer, response.answer);
}

export function readDataResponse(reader: Reader): DataResponse {
  const target = readDataTarget(reader);
  const requestId = reader.fixed(32);
  const space = reader.flag() ? { lo: reader.u64(), hi: reader.u64() } : undefined;
  demand(
    space === undefined || space.lo < space.hi,
    "EMPTY_RANGE",
    "expected lo below hi in the space named",
  );
  return { target, requestId, space, answer: readAnswer(reader) };
}

/** Encode: kind u8; 0 block: bytes; 1 proof: header, roots root 32, path bytes. */
export function writeDataAnswer(writer: Writer, answer: DataAnswer): void {
  writer.u8(ANSWER[answer.kind]);
  if (answer.kind === "block") {
    writer.bytes(answer.bytes, BLOCK_BYTES_MAX);
  } else {
    writeBlockHeader(writer, answer.header);
    writer.fixed(answer.rootsRoot, 32).bytes(answer.path, PATH_BYTES_MAX);
  }
}

function readAnswer(reader: Reader): DataAnswer {
  const kind = reader.u8();
  switch (kind) {
    case ANSWER.block:
      return { kind: "block", bytes: reader.bytes(BLOCK_BYTES_MAX) };
    case ANSWER.proof: {
      const header = readBlockHeader(reader);
      const rootsRoot = reader.fixed(32);
      return { kind: "proof", header, rootsRoot, path: reader.bytes(PATH_BYTES_MAX) };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected answer kind 0 or 1, got ${kind}`);
  }
}

/** Encode: target 97, request id 32. */
export function writeDataSlash(writer: Writer, { target, requestId }: DataSlash): void {
  writeDataTarget(writer, target);
  writer.fixed(requestId, 32);
}

export function readDataSlash(reader: Reader): DataSlash {
  return { target: readDataTarget(reader), requestId: reader.fixed(32) };
}
