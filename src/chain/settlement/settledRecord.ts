import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { taggedHash } from "../../lib/hash.ts";
import { Refusal } from "../../lib/verdict.ts";
import { TAGS } from "../../protocol/tags.ts";

/**
 * Who won: owner and contract id of the line's last leaf, and, where it was sealed, the id of the on-chain
 * chain that it became.
 */
export type Winner = {
  readonly owner: Uint8Array;
  readonly contractId: Uint8Array;
  readonly becameChain: Uint8Array | undefined;
};

/**
 * What stays of a chain after its timeout, so that a wallet can prove how it ended.
 *
 * - `point`: what was drawn. - `winner`: undefined if no result was true and the operator got the prize.
 * - `paid`: satoshi of the prize for the winner, in money or as the prize of his chain.
 * - `operatorPaid`: for the operators on the line. - `askersPaid`: out of their shares, for who asked in vain for
 *   what they had posted. - `burnt`: for nobody. Deposits of claims are not counted.
 */
export type SettledRecord = {
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly point: bigint;
  readonly winner: Winner | undefined;
  readonly paid: bigint;
  readonly operatorPaid: bigint;
  readonly askersPaid: bigint;
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

/** Encode: kind u8 (0 open: count u32; 1 settled: chain id 32, height u32, point u64, winner (flag: owner 33, contract id 32, flag and chain id 32 if it became a chain), paid u64, operator u64, askers u64, burnt u64). */
export function writeSettlementRecord(writer: Writer, record: SettlementRecord): void {
  if (record.kind === "open") {
    writer.u8(KIND_OPEN).u32(record.count);
    return;
  }
  const { chainId, height, point, winner, paid, operatorPaid, askersPaid, burnt } = record.settled;
  writer.u8(KIND_SETTLED).fixed(chainId, 32).u32(height).u64(point);
  writer.flag(winner !== undefined);
  if (winner !== undefined) writeWinner(writer, winner);
  writer.u64(paid).u64(operatorPaid).u64(askersPaid).u64(burnt);
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
  const winner = reader.flag() ? readWinner(reader) : undefined;
  const paid = reader.u64();
  const operatorPaid = reader.u64();
  const askersPaid = reader.u64();
  const burnt = reader.u64();
  return { chainId, height, point, winner, paid, operatorPaid, askersPaid, burnt };
}

function writeWinner(writer: Writer, { owner, contractId, becameChain }: Winner): void {
  writer
    .fixed(owner, 33)
    .fixed(contractId, 32)
    .flag(becameChain !== undefined);
  if (becameChain !== undefined) writer.fixed(becameChain, 32);
}

function readWinner(reader: Reader): Winner {
  const owner = reader.fixed(33);
  const contractId = reader.fixed(32);
  return { owner, contractId, becameChain: reader.flag() ? reader.fixed(32) : undefined };
}
