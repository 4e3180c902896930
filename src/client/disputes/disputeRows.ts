import { decode, encode } from "../../lib/codec.ts";
import { encodeUtf8 } from "../../lib/utf8.ts";
import type { Verdict } from "../../lib/verdict.ts";
import { readOptional, writeOptional } from "../bookParts.ts";
import type { StoreOperation, WalletStore } from "../ports.ts";
import { oneOf, readText } from "../rows.ts";
import { DISPUTE_KINDS, type Dispute } from "./dispute.ts";

/**
 * A dispute that was answered, as it is kept.
 *
 * - `answer`: hash of what was sent. - `doneAt`: main-chain height at which its effect stands; undefined while it does not.
 * - `isConfirmed`: under the stated confirmations, once.
 */
export type AnsweredDispute = Omit<Dispute, "rehearsal" | "answer"> & {
  readonly answer: Uint8Array;
  readonly doneAt: number | undefined;
  readonly isConfirmed: boolean;
};

/** Answered disputes that are kept; the oldest go first. */
const ANSWERED_MAX = 128;
const TEXT_BYTES_MAX = 512;

/** Encode: kind u8, id and words bytes, chain 32, on-chain chain 32, contract (flag) 32, result key 32, claimant bytes, until u32, answer 32, done at (flag) u32, confirmed flag. */
function encodeAnswered(row: AnsweredDispute): Uint8Array {
  return encode((writer) => {
    writer.u8(DISPUTE_KINDS.indexOf(row.kind));
    writer.bytes(encodeUtf8(row.id), TEXT_BYTES_MAX).bytes(encodeUtf8(row.words), TEXT_BYTES_MAX);
    writer.fixed(row.chainId, 32).fixed(row.topId, 32);
    writeOptional(writer, row.contractId, (each, id) => each.fixed(id, 32));
    writer.fixed(row.resultKey, 32).bytes(row.claimant, 33).u32(row.until).fixed(row.answer, 32);
    writeOptional(writer, row.doneAt, (each, height) => each.u32(height));
    writer.flag(row.isConfirmed);
  });
}

function decodeAnswered(bytes: Uint8Array): Verdict<AnsweredDispute> {
  return decode(bytes, (reader) => {
    const kind = oneOf(DISPUTE_KINDS, reader.u8());
    const id = readText(reader, TEXT_BYTES_MAX);
    const words = readText(reader, TEXT_BYTES_MAX);
    const chainId = reader.fixed(32);
    const topId = reader.fixed(32);
    const contractId = readOptional(reader, (each) => each.fixed(32));
    const resultKey = reader.fixed(32);
    const claimant = reader.bytes(33);
    const until = reader.u32();
    const answer = reader.fixed(32);
    const doneAt = readOptional(reader, (each) => each.u32());
    const about = { id, kind, words, chainId, topId, contractId, resultKey, claimant, until };
    return { ...about, answer, doneAt, isConfirmed: reader.flag() };
  });
}

/** The disputes that this wallet has answered, in the order of their answers. */
export type DisputeRows = {
  list(): readonly AnsweredDispute[];
  keep(row: AnsweredDispute): Promise<void>;
};

export async function openDisputeRows(store: WalletStore): Promise<DisputeRows> {
  const rows = new Map<string, AnsweredDispute>();
  for (const [key, bytes] of await store.rows("disputes")) {
    const row = decodeAnswered(bytes);
    if (row.ok) rows.set(key, row.value);
  }
  return {
    list: () => [...rows.values()],
    async keep(row) {
      const oldest =
        rows.size < ANSWERED_MAX || rows.has(row.id) ? [] : [...rows.keys()].slice(0, 1);
      const operations: StoreOperation[] = [
        { kind: "put", table: "disputes", key: row.id, value: encodeAnswered(row) },
        ...oldest.map((key) => ({ kind: "delete", table: "disputes", key }) as const),
      ];
      await store.commit(operations);
      for (const key of oldest) rows.delete(key);
      rows.set(row.id, row);
    },
  };
}
