import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { SCRIPT_BYTES_MAX } from "./limits.ts";
import { isSignedBy, type Rules } from "./rules.ts";
import { readSignature, writeSignature } from "./signature.ts";

/**
 * The terms of an unsealed contract, changed without any block: the higher nonce replaces the lower.
 * Without any state the leaf's own script counts, with nonce 0, so a state's nonce starts at 1.
 *
 * @see docs/PROTOCOL.md section 5
 */
export type ContractState = {
  readonly contractId: Uint8Array;
  readonly nonce: number;
  readonly script: Uint8Array;
};

/** A state that counts: both have signed it. `operator` is the operator of the contract's chain. */
export type SignedState = {
  readonly state: ContractState;
  readonly ownerSignature: Uint8Array;
  readonly operatorSignature: Uint8Array;
};

/** Encode: contract id 32, nonce u32, script bytes. This body is what both sign (`signState`). */
export function writeContractState(writer: Writer, state: ContractState): void {
  writer.fixed(state.contractId, 32).u32(state.nonce).bytes(state.script, SCRIPT_BYTES_MAX);
}

export function readContractState(reader: Reader): ContractState {
  const contractId = reader.fixed(32);
  const nonce = reader.u32();
  return { contractId, nonce, script: reader.bytes(SCRIPT_BYTES_MAX) };
}

export function encodeContractState(state: ContractState): Uint8Array {
  return encode((writer) => writeContractState(writer, state));
}

/** Encode: the state, the owner's signature 65, the operator's 65. */
export function writeSignedState(writer: Writer, signed: SignedState): void {
  writeContractState(writer, signed.state);
  writeSignature(writer, signed.ownerSignature);
  writeSignature(writer, signed.operatorSignature);
}

export function readSignedState(reader: Reader): SignedState {
  const state = readContractState(reader);
  const ownerSignature = readSignature(reader);
  return { state, ownerSignature, operatorSignature: readSignature(reader) };
}

/** Whether both have signed: the owner of the leaf and the operator of the chain it stands in. */
export function isSignedState(
  rules: Rules,
  signed: SignedState,
  owner: Uint8Array,
  operator: Uint8Array,
): boolean {
  const body = encodeContractState(signed.state);
  return (
    isSignedBy(rules, "signState", body, signed.ownerSignature, owner) &&
    isSignedBy(rules, "signState", body, signed.operatorSignature, operator)
  );
}
