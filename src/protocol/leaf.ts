import { encode, hashEncoded, type Reader, type Writer } from "../lib/codec.ts";
import { demand } from "../lib/verdict.ts";
import { ANCHOR_BYTES, type Anchor, readAnchor, writeAnchor } from "./anchor.ts";
import { DEPOSIT_BPS_MAX } from "./limits.ts";
import { TAGS } from "./tags.ts";

/**
 * A contract as it stands in its chain's space tree.
 *
 * - `id`: 32 bytes, section 2. - `owner`: 33-byte compressed key. - `lo`, `hi`: `[lo, hi)` in
 *   satoshi, the same absolute coordinates at every depth.
 * - `depositBps`: what its owner, as operator of it, leaves as deposit share if the line goes on below.
 * - `scriptHash`: 32 bytes. - `madeIn`: height of its chain's block that made it. - `sealed`: it is a chain, for ever, and `anchor` says where it posts.
 *
 * @see docs/PROTOCOL.md section 3
 */
export type Leaf = {
  readonly id: Uint8Array;
  readonly owner: Uint8Array;
  readonly lo: bigint;
  readonly hi: bigint;
  readonly depositBps: number;
  readonly scriptHash: Uint8Array;
  readonly madeIn: number;
  readonly sealed: boolean;
  readonly anchor: Anchor;
};

/** Bytes of every encoded leaf. */
export const LEAF_BYTES = 32 + 33 + 8 + 8 + 2 + 32 + 4 + 1 + ANCHOR_BYTES;

/** Encode: id 32, owner 33, lo u64, hi u64, depositBps u16, scriptHash 32, made in u32, sealed flag, anchor kind u8, anchor id 32 (zeros unless a chain). */
export function writeLeaf(writer: Writer, leaf: Leaf): void {
  writer.fixed(leaf.id, 32).fixed(leaf.owner, 33).u64(leaf.lo).u64(leaf.hi);
  writer.u16(leaf.depositBps).fixed(leaf.scriptHash, 32).u32(leaf.madeIn).flag(leaf.sealed);
  writeAnchor(writer, leaf.anchor);
}

/** Decode a leaf; refuses an empty range, a share over the maximum, and a seal that its anchor denies. */
export function readLeaf(reader: Reader): Leaf {
  const id = reader.fixed(32);
  const owner = reader.fixed(33);
  const lo = reader.u64();
  const hi = reader.u64();
  demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
  const depositBps = reader.u16();
  demand(
    depositBps <= DEPOSIT_BPS_MAX,
    "DEPOSIT_TOO_HIGH",
    `expected at most ${DEPOSIT_BPS_MAX} basis points, got ${depositBps}`,
  );
  const scriptHash = reader.fixed(32);
  const madeIn = reader.u32();
  const sealed = reader.flag();
  const anchor = readAnchor(reader);
  demand(
    sealed === (anchor.kind !== "none"),
    "SEAL_WITHOUT_ANCHOR",
    `expected an anchor exactly for a sealed leaf, got ${anchor.kind}`,
  );
  return { id, owner, lo, hi, depositBps, scriptHash, madeIn, sealed, anchor };
}

export function encodeLeaf(leaf: Leaf): Uint8Array {
  return encode((writer) => writeLeaf(writer, leaf));
}

/** The leaf's node hash in the space tree. */
export function hashLeaf(leaf: Leaf): Uint8Array {
  return hashEncoded(TAGS.spaceLeaf, (writer) => writeLeaf(writer, leaf));
}
