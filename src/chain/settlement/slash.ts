import { type CloseProof, readCloseProof, writeCloseProof } from "../../blocks/closeProof.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { demand, Refusal } from "../../lib/verdict.ts";
import type { SignedState } from "../../protocol/contractState.ts";
import { LINE_MAX, SCRIPT_BYTES_MAX, SCRIPT_SIG_BYTES_MAX } from "../../protocol/limits.ts";
import { readSignature, writeSignature } from "../../protocol/signature.ts";
import { readOptionalState, writeOptionalState } from "./claim.ts";

/** Whom a move serves: the owner of the line's last leaf, or the operator of its chain. */
export type Side = "owner" | "operator";

/**
 * Newer terms, or newer evidence, for a result.
 *
 * - `state`: newer terms both signed; undefined where the standing terms only get newer evidence.
 * - `script`: the standing terms' script, whole; empty beside a state.
 * - `signature`: `signMove` by the side served, over `encodeMoveBody`.
 */
export type Move = {
  readonly kind: "move";
  readonly chainId: Uint8Array;
  readonly resultKey: Uint8Array;
  readonly side: Side;
  readonly state: SignedState | undefined;
  readonly script: Uint8Array;
  readonly scriptSig: Uint8Array;
  readonly signature: Uint8Array;
};

/**
 * Closes by which a contract on a result's line was given up, each of the successor that the one before made.
 *
 * - `level`: which contract of the line, from 0, the top.
 */
export type CloseSlash = {
  readonly kind: "close";
  readonly chainId: Uint8Array;
  readonly resultKey: Uint8Array;
  readonly level: number;
  readonly closes: readonly CloseProof[];
};

/** A `sortition-slash` transaction. @see docs/PROTOCOL.md section 6 */
export type Slash = Move | CloseSlash;

/** What the side served signs: this result, these terms and evidence, and who carries them. */
export type MoveBody = {
  readonly resultKey: Uint8Array;
  readonly side: Side;
  readonly stateNonce: number;
  readonly scriptHash: Uint8Array;
  readonly scriptSig: Uint8Array;
  readonly carrier: Uint8Array;
};

/** Closes in a row that one slash may show. */
export const CLOSES_MAX = 16;

const KIND_MOVE = 0;
const KIND_CLOSE = 1;

/** Encode: chain id 32, result key 32, kind u8; 0 move: flag owner's, state (flag), script bytes, script-sig bytes, signature 65; 1 close: level u8, u8 count of close proofs. */
export function writeSlash(writer: Writer, slash: Slash): void {
  writer.fixed(slash.chainId, 32).fixed(slash.resultKey, 32);
  if (slash.kind === "move") {
    writer.u8(KIND_MOVE).flag(slash.side === "owner");
    writeOptionalState(writer, slash.state);
    writer.bytes(slash.script, SCRIPT_BYTES_MAX).bytes(slash.scriptSig, SCRIPT_SIG_BYTES_MAX);
    writeSignature(writer, slash.signature);
  } else {
    writer.u8(KIND_CLOSE).u8(slash.level).u8(slash.closes.length);
    for (const close of slash.closes) writeCloseProof(writer, close);
  }
}

export function readSlash(reader: Reader): Slash {
  const chainId = reader.fixed(32);
  const resultKey = reader.fixed(32);
  const kind = reader.u8();
  switch (kind) {
    case KIND_MOVE: {
      const side = reader.flag() ? "owner" : "operator";
      const state = readOptionalState(reader);
      const script = reader.bytes(SCRIPT_BYTES_MAX);
      const scriptSig = reader.bytes(SCRIPT_SIG_BYTES_MAX);
      const signature = readSignature(reader);
      return { kind: "move", chainId, resultKey, side, state, script, scriptSig, signature };
    }
    case KIND_CLOSE: {
      const level = readLevel(reader);
      return { kind: "close", chainId, resultKey, level, closes: readCloses(reader) };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected slash kind 0 or 1, got ${kind}`);
  }
}

/** Decode the number of a level on a line, from 0. */
export function readLevel(reader: Reader): number {
  const level = reader.u8();
  demand(level < LINE_MAX, "WRONG_LEVEL", `expected a level below ${LINE_MAX}, got ${level}`);
  return level;
}

function readCloses(reader: Reader): CloseProof[] {
  const count = reader.u8();
  demand(
    count >= 1 && count <= CLOSES_MAX,
    "WRONG_CLOSE_COUNT",
    `expected 1 to ${CLOSES_MAX} closes, got ${count}`,
  );
  const closes: CloseProof[] = [];
  while (closes.length < count) closes.push(readCloseProof(reader));
  return closes;
}

export function encodeMoveBody({ scriptSig, ...said }: MoveBody): Uint8Array {
  return encode((writer) => writeMoveBody(writer, { ...said, scriptSigHash: sha256(scriptSig) }));
}

/** What is signed of a move: of its evidence the hash alone. */
export type SignedMoveBody = Omit<MoveBody, "scriptSig"> & { readonly scriptSigHash: Uint8Array };

/** Encode: result key 32 (which binds the chain), flag owner's, state nonce u32, script hash 32, SHA-256 of the script-sig, carrier 33. */
export function writeMoveBody(writer: Writer, body: SignedMoveBody): void {
  writer
    .fixed(body.resultKey, 32)
    .flag(body.side === "owner")
    .u32(body.stateNonce);
  writer.fixed(body.scriptHash, 32).fixed(body.scriptSigHash, 32).fixed(body.carrier, 33);
}

export function readMoveBody(reader: Reader): SignedMoveBody {
  const resultKey = reader.fixed(32);
  const side = reader.flag() ? "owner" : "operator";
  const stateNonce = reader.u32();
  const scriptHash = reader.fixed(32);
  const scriptSigHash = reader.fixed(32);
  return { resultKey, side, stateNonce, scriptHash, scriptSigHash, carrier: reader.fixed(33) };
}
