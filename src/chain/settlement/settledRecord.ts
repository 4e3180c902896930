import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { taggedHash } from "../../lib/hash.ts";
import { Refusal } from "../../lib/verdict.ts";
import { TAGS } from "../../protocol/tags.ts";

/**
 * What stays of a chain after its timeout, so that a wallet can prove how it ended.
 *
 * - `point`: what was drawn. - `winner`: the leaf's owner and the leaf's contract id; undefined if
 *   no result was true and the operator got the prize.
 * - `paid`, `operatorPaid`, `burnt`: satoshi of the prize; deposits are not counted.
 */
export type SettledRecord = {
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly point: bigint;
  readonly winner: { readonly owner: Uint8Array; readonly contractId: Uint8Array } | undefined;
  readonly paid: bigint;
  readonly operatorPaid: bigint;
  readonly burnt: bigint;
};

/** What the `results` map holds for a chain beside its results: how many there are, or how it ended. */
export type SettlementRecord =
  | { readonly kind: "open"; readonly count: number }
  | { readonly kind: "settled"; readonly settled: SettledRecord };

const KIND_OPEN = 0;
const KIND_SETTLED = 1;

/** Key in the `results` map of a chain's `SettlementRecord`; absent before its first claim. */
export function computeSettlementKey(chainId: Uint8Array): Uint8Array {
  return taggedHash(TAGS.settlement, chainId);
}

/** Key in the `results` map of the 32-byte key of a chain's result number `slot`, from 0: so all can be listed with proofs. */
export function computeResultSlotKey(chainId: Uint8Array, slot: number): Uint8Array {
  return taggedHash(
    TAGS.settlement,
    encode((writer) => writer.fixed(chainId, 32).u32(slot)),
  );
}

/** Encode: kind u8 (0 open: count u32; 1 settled: chain id 32, height u32, point u64, winner (flag: owner 33, contract id 32), paid u64, operator u64, burnt u64). */
export function writeSettlementRecord(writer: Writer, record: SettlementRecord): void {
  if (record.kind === "open") {
    writer.u8(KIND_OPEN).u32(record.count);
    return;
  }
  const { chainId, height, point, winner, paid, operatorPaid, burnt } = record.settled;
  writer.u8(KIND_SETTLED).fixed(chainId, 32).u32(height).u64(point);
  writer.flag(winner !== undefined);
  if (winner !== undefined) writer.fixed(winner.owner, 33).fixed(winner.contractId, 32);
  writer.u64(paid).u64(operatorPaid).u64(burnt);
}

export function readSettlementRecord(reader: Reader): SettlementRecord {
  const kind = reader.u8();
  switch (kind) {
    case KIND_OPEN:
      return { kind: "open", count: reader.u32() };
    case KIND_SETTLED:
      return { kind: "settled", settled: readSettled(reader) };
    default:
      throw new Refusal("UNKNOWN_KIND", `expected settlement kind 0 or 1, got ${kind}`);
  }
}

function readSettled(reader: Reader): SettledRecord {
  const chainId = reader.fixed(32);
  const height = reader.u32();
  const point = reader.u64();
  const winner = reader.flag()
    ? { owner: reader.fixed(33), contractId: reader.fixed(32) }
    : undefined;
  const paid = reader.u64();
  const operatorPaid = reader.u64();
  return { chainId, height, point, winner, paid, operatorPaid, burnt: reader.u64() };
}
