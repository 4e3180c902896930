import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { demand, Refusal } from "../../lib/verdict.ts";

/**
 * A sortition chain with its money, in the main chain's `chains` map under its id, until its timeout.
 *
 * - `lo`, `hi`: its space `[lo, hi)`. - `amount`: the prize in satoshi, one for each unit of space.
 * - `expiry`: main-chain height; only posts below it count. - `depositBps`: the operator's deposit share.
 * - `claimDelay`, `disputeDelay`: in main-chain blocks. - `startHeight`: where it was made.
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
};

const MADE_BY_TRANSACTION = 0;

/** Encode: kind u8 (0: made by a sortition-new), id 32, operator 33, lo u64, hi u64, amount u64, expiry u32, deposit bps u16, claim delay u32, dispute delay u32, start height u32. */
export function writeChainRecord(writer: Writer, record: ChainRecord): void {
  writer.u8(MADE_BY_TRANSACTION).fixed(record.id, 32).fixed(record.operator, 33);
  writer.u64(record.lo).u64(record.hi).u64(record.amount);
  writer.u32(record.expiry).u16(record.depositBps);
  writer.u32(record.claimDelay).u32(record.disputeDelay).u32(record.startHeight);
}

/** Decode; a chain made by another chain's timeout is refused as `NOT_SERVED`. */
export function readChainRecord(reader: Reader): ChainRecord {
  const kind = reader.u8();
  if (kind !== MADE_BY_TRANSACTION) {
    throw new Refusal("NOT_SERVED", "chains made by a timeout are not served yet");
  }
  const id = reader.fixed(32);
  const operator = reader.fixed(33);
  const lo = reader.u64();
  const hi = reader.u64();
  demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
  const amount = reader.u64();
  const expiry = reader.u32();
  const depositBps = reader.u16();
  const claimDelay = reader.u32();
  const disputeDelay = reader.u32();
  const startHeight = reader.u32();
  const terms = { amount, expiry, depositBps, claimDelay, disputeDelay, startHeight };
  return { id, operator, lo, hi, ...terms };
}

export function encodeChainRecord(record: ChainRecord): Uint8Array {
  return encode((writer) => writeChainRecord(writer, record));
}
