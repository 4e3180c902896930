import { encode, hashEncoded, type Reader, type Writer } from "../lib/codec.ts";
import { demand } from "../lib/verdict.ts";
import type { Leaf } from "./leaf.ts";
import { DEPOSIT_BPS_MAX } from "./limits.ts";
import { type Place, readPlace, writePlace } from "./place.ts";
import { TAGS } from "./tags.ts";

/**
 * A sortition-block transaction that gives free space to an owner. Also what a close names as a
 * successor: there, as everywhere, without an id, which follows from the block that makes it.
 *
 * @see docs/PROTOCOL.md section 4
 */
export type ContractNew = {
  readonly place: Place;
  readonly owner: Uint8Array;
  readonly depositBps: number;
  readonly scriptHash: Uint8Array;
};

/** Fewest bytes of an encoded contract-new: no conditions. */
export const CONTRACT_NEW_BYTES_MIN = 8 + 8 + 2 + 33 + 2 + 32;

/** Encode: place, owner 33, depositBps u16, scriptHash 32. */
export function writeContractNew(writer: Writer, contract: ContractNew): void {
  writePlace(writer, contract.place);
  writer.fixed(contract.owner, 33).u16(contract.depositBps).fixed(contract.scriptHash, 32);
}

export function readContractNew(reader: Reader): ContractNew {
  const place = readPlace(reader);
  const owner = reader.fixed(33);
  const depositBps = reader.u16();
  demand(
    depositBps <= DEPOSIT_BPS_MAX,
    "DEPOSIT_TOO_HIGH",
    `expected at most ${DEPOSIT_BPS_MAX} basis points, got ${depositBps}`,
  );
  return { place, owner, depositBps, scriptHash: reader.fixed(32) };
}

export function encodeContractNew(contract: ContractNew): Uint8Array {
  return encode((writer) => writeContractNew(writer, contract));
}

/**
 * The 32-byte id of the contract that `contract` makes as transaction `index` of the block after
 * `previousBlock` (a block hash, or the chain's id for the first block).
 */
export function computeContractId(
  chainId: Uint8Array,
  previousBlock: Uint8Array,
  index: number,
  contract: ContractNew,
): Uint8Array {
  return hashEncoded(TAGS.contractId, (writer) => {
    writer.fixed(chainId, 32).fixed(previousBlock, 32).u32(index);
    writeContractNew(writer, contract);
  });
}

/** The unsealed leaf that `contract` becomes under `id` in its chain's block at height `madeIn`. */
export function createLeaf(id: Uint8Array, contract: ContractNew, madeIn: number): Leaf {
  return {
    id,
    owner: contract.owner,
    lo: contract.place.lo,
    hi: contract.place.hi,
    depositBps: contract.depositBps,
    scriptHash: contract.scriptHash,
    madeIn,
    sealed: false,
    anchor: { kind: "none" },
  };
}
