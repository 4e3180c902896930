import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { demand } from "../lib/verdict.ts";
import { readSignature, writeSignature } from "./signature.ts";
import { TAGS } from "./tags.ts";

/**
 * What the operator of a chain that posts in another one signs (`signSwitch`) to post on the main chain
 * itself from then on, for ever. What that other one shows of it under later records does not count.
 *
 * - `chainId`: 32 bytes. - `first`: sequence of the first post there, u32, from 1 to `FIRST_MAX`.
 *
 * @see docs/PROTOCOL.md section 4, the switch
 */
export type Switch = { readonly chainId: Uint8Array; readonly first: number };

/** A switch with the chain's operator, 33 bytes, and his signature. */
export type SignedSwitch = {
  readonly switch: Switch;
  readonly signer: Uint8Array;
  readonly signature: Uint8Array;
};

/** What the existence map keeps of a switch: where it stands on the main chain, and the first sequence there. */
export type SwitchRecord = {
  readonly height: number;
  readonly index: number;
  readonly first: number;
};

/** Sequences after the first one stay in a u32. */
const FIRST_MAX = 2 ** 31;

/** Encode: chain id 32, first sequence u32. This body is what is signed. */
export function writeSwitch(writer: Writer, { chainId, first }: Switch): void {
  writer.fixed(chainId, 32).u32(first);
}

export function readSwitch(reader: Reader): Switch {
  const chainId = reader.fixed(32);
  return { chainId, first: readFirst(reader) };
}

export function encodeSwitch(own: Switch): Uint8Array {
  return encode((writer) => writeSwitch(writer, own));
}

/** Encode: switch, signer 33, signature 65. */
export function writeSignedSwitch(writer: Writer, signed: SignedSwitch): void {
  writeSwitch(writer, signed.switch);
  writer.fixed(signed.signer, 33);
  writeSignature(writer, signed.signature);
}

export function readSignedSwitch(reader: Reader): SignedSwitch {
  const own = readSwitch(reader);
  const signer = reader.fixed(33);
  return { switch: own, signer, signature: readSignature(reader) };
}

/** Encode: height u32, index of the transaction in its block u32, first sequence u32. */
export function writeSwitchRecord(writer: Writer, { height, index, first }: SwitchRecord): void {
  writer.u32(height).u32(index).u32(first);
}

export function readSwitchRecord(reader: Reader): SwitchRecord {
  return { height: reader.u32(), index: reader.u32(), first: readFirst(reader) };
}

function readFirst(reader: Reader): number {
  const first = reader.u32();
  demand(
    first >= 1 && first <= FIRST_MAX,
    "BAD_SEQUENCE",
    `expected a first sequence of 1 to ${FIRST_MAX}, got ${first}`,
  );
  return first;
}

/** The key of a chain's switch in the main chain's existence map: there is one at most. `signer` is its operator. */
export function computeSwitchKey(signer: Uint8Array, chainId: Uint8Array): Uint8Array {
  return taggedHash(
    TAGS.switchKey,
    encode((writer) => writer.fixed(signer, 33).fixed(chainId, 32)),
  );
}

/**
 * The key of a post after the switch. It is another than that of a chain that was sealed to post on the
 * main chain, so that nothing recorded before the switch can stand in its place.
 */
export function computeSwitchedPostKey(
  signer: Uint8Array,
  chainId: Uint8Array,
  sequence: number,
): Uint8Array {
  return taggedHash(
    TAGS.switchedPostKey,
    encode((writer) => writer.fixed(signer, 33).fixed(chainId, 32).u32(sequence)),
  );
}
