import type { Reader, Writer } from "../../lib/codec.ts";
import {
  readSignedState,
  type SignedState,
  writeSignedState,
} from "../../protocol/contractState.ts";
import { SCRIPT_BYTES_MAX, SCRIPT_SIG_BYTES_MAX } from "../../protocol/limits.ts";
import { readSignature, writeSignature } from "../../protocol/signature.ts";
import { type LineLevel, readLine, writeLine } from "./line.ts";

/**
 * A `sortition-contract` transaction: the line down to the leaf over the winning point.
 *
 * - `script`: the last leaf's own; empty where a state takes its place, or nothing is run.
 * - `state`: the last terms both signed; undefined where the leaf's own script counts.
 * - `scriptSig`: evidence, run before the script. Where the last leaf is sealed, and to show a result
 *   that is there at an earlier place, script, state and evidence all stay empty: nothing is run.
 * - `signature`: `signClaim` by the owner of the last leaf over `writeClaimBody`.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type Claim = {
  readonly chainId: Uint8Array;
  readonly line: readonly LineLevel[];
  readonly script: Uint8Array;
  readonly state: SignedState | undefined;
  readonly scriptSig: Uint8Array;
  readonly signature: Uint8Array;
};

/** What the owner signs: this line with these terms, this evidence, and who carries it and gets the deposit back. */
export type ClaimBody = {
  readonly chainId: Uint8Array;
  readonly lineHash: Uint8Array;
  readonly stateNonce: number;
  /** SHA-256 of the evidence. */
  readonly scriptSigHash: Uint8Array;
  readonly carrier: Uint8Array;
};

/** Encode: chain id 32, line, script bytes, state (flag), script-sig bytes, signature 65. */
export function writeClaim(writer: Writer, claim: Claim): void {
  writer.fixed(claim.chainId, 32);
  writeLine(writer, claim.line);
  writer.bytes(claim.script, SCRIPT_BYTES_MAX);
  writeOptionalState(writer, claim.state);
  writer.bytes(claim.scriptSig, SCRIPT_SIG_BYTES_MAX);
  writeSignature(writer, claim.signature);
}

export function readClaim(reader: Reader): Claim {
  const chainId = reader.fixed(32);
  const line = readLine(reader);
  const script = reader.bytes(SCRIPT_BYTES_MAX);
  const state = readOptionalState(reader);
  const scriptSig = reader.bytes(SCRIPT_SIG_BYTES_MAX);
  return { chainId, line, script, state, scriptSig, signature: readSignature(reader) };
}

/** Encode: chain id 32, line hash 32, state nonce u32, SHA-256 of the script-sig, carrier 33. */
export function writeClaimBody(writer: Writer, body: ClaimBody): void {
  writer.fixed(body.chainId, 32).fixed(body.lineHash, 32).u32(body.stateNonce);
  writer.fixed(body.scriptSigHash, 32).fixed(body.carrier, 33);
}

export function readClaimBody(reader: Reader): ClaimBody {
  const chainId = reader.fixed(32);
  const lineHash = reader.fixed(32);
  const stateNonce = reader.u32();
  const scriptSigHash = reader.fixed(32);
  return { chainId, lineHash, stateNonce, scriptSigHash, carrier: reader.fixed(33) };
}

/** Encode: a flag, then the signed state if there is one. */
export function writeOptionalState(writer: Writer, state: SignedState | undefined): void {
  writer.flag(state !== undefined);
  if (state !== undefined) writeSignedState(writer, state);
}

export function readOptionalState(reader: Reader): SignedState | undefined {
  return reader.flag() ? readSignedState(reader) : undefined;
}
