import type { AnchoredChain, Lineage } from "../../blocks/lineage.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { demand, Refusal } from "../../lib/verdict.ts";
import { readPostPlace, writeAnchor } from "../../protocol/anchor.ts";
import { LINE_MAX } from "../../protocol/limits.ts";

/**
 * A sortition chain with its money, in the main chain's `chains` map under its id, until its timeout.
 *
 * - `id`: of the record. A chain made by a sortition-new has it in its posts and blocks too; one that a
 *   timeout made has there the id of the contract that won, the last of `won.lineage`.
 * - `lo`, `hi`: its space `[lo, hi)`. - `amount`: the prize in satoshi.
 * - `expiry`: main-chain height; only posts below it count. - `depositBps`: the operator's deposit share.
 * - `claimDelay`, `disputeDelay`: in main-chain blocks. - `startHeight`: where it was made.
 * - `won`: for a chain that a timeout made: the point that was drawn before, and what it is inside of, down to itself.
 */
export type ChainRecord = {
  readonly id: Uint8Array;
  readonly operator: Uint8Array;
  readonly lo: bigint;
  readonly hi: bigint;
  readonly amount: bigint;
  readonly expiry: number;
  readonly depositBps: number;
  readonly claimDelay: number;
  readonly disputeDelay: number;
  readonly startHeight: number;
  readonly won: { readonly point: bigint; readonly lineage: Lineage } | undefined;
};

const MADE_BY_TRANSACTION = 0;
const MADE_BY_TIMEOUT = 1;

/** Bytes of a chain in a lineage: id, operator, range, anchor. */
const ANCHORED_CHAIN_BYTES = 32 + 33 + 8 + 8 + 33;

/** The chain as its posts and blocks name it, under all that it is inside of. */
export function lineageOf({ id, operator, lo, hi, expiry, won }: ChainRecord): Lineage {
  return won?.lineage ?? [{ id, operator, lo, hi, expiry, anchor: { kind: "mainChain" } }];
}

/** Encode: kind u8, id 32; 0 (made by a sortition-new): operator 33, lo u64, hi u64; 1 (made by a timeout): point u64, lineage (u8 count); then amount u64, expiry u32, deposit bps u16, claim delay u32, dispute delay u32, start height u32. */
export function writeChainRecord(writer: Writer, record: ChainRecord): void {
  const { won } = record;
  writer.u8(won === undefined ? MADE_BY_TRANSACTION : MADE_BY_TIMEOUT).fixed(record.id, 32);
  if (won === undefined) {
    writer.fixed(record.operator, 33).u64(record.lo).u64(record.hi);
  } else {
    writer.u64(won.point).u8(won.lineage.length);
    for (const { id, operator, lo, hi, anchor } of won.lineage) {
      writer.fixed(id, 32).fixed(operator, 33).u64(lo).u64(hi);
      writeAnchor(writer, anchor);
    }
  }
  writer.u64(record.amount).u32(record.expiry).u16(record.depositBps);
  writer.u32(record.claimDelay).u32(record.disputeDelay).u32(record.startHeight);
}

export function readChainRecord(reader: Reader): ChainRecord {
  const kind = reader.u8();
  const id = reader.fixed(32);
  switch (kind) {
    case MADE_BY_TRANSACTION: {
      const chain = { id, operator: reader.fixed(33), ...readRange(reader) };
      return { ...chain, ...readTerms(reader), won: undefined };
    }
    case MADE_BY_TIMEOUT: {
      const point = reader.u64();
      const above = readLineage(reader);
      const terms = readTerms(reader);
      const [first, ...rest] = above.map((chain) => ({ ...chain, expiry: terms.expiry }));
      const lineage: Lineage = [first as AnchoredChain, ...rest];
      const { operator, lo, hi } = lineage.at(-1) ?? lineage[0];
      return { id, operator, lo, hi, ...terms, won: { point, lineage } };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected chain kind 0 or 1, got ${kind}`);
  }
}

function readRange(reader: Reader): Pick<ChainRecord, "lo" | "hi"> {
  const lo = reader.u64();
  const hi = reader.u64();
  demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
  return { lo, hi };
}

function readLineage(reader: Reader): Omit<AnchoredChain, "expiry">[] {
  const count = reader.u8();
  demand(
    count > 1 && count <= LINE_MAX + 1 && count * ANCHORED_CHAIN_BYTES <= reader.remaining,
    "WRONG_LINE_LENGTH",
    `expected a lineage of 2 to ${LINE_MAX + 1} chains, got ${count}`,
  );
  return Array.from({ length: count }, () => ({
    id: reader.fixed(32),
    operator: reader.fixed(33),
    ...readRange(reader),
    anchor: readPostPlace(reader),
  }));
}

function readTerms(reader: Reader) {
  return {
    amount: reader.u64(),
    expiry: reader.u32(),
    depositBps: reader.u16(),
    claimDelay: reader.u32(),
    disputeDelay: reader.u32(),
    startHeight: reader.u32(),
  };
}

export function encodeChainRecord(record: ChainRecord): Uint8Array {
  return encode((writer) => writeChainRecord(writer, record));
}
