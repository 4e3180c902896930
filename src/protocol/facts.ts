import type { Reader, Writer } from "../lib/codec.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/utf8.ts";
import { demand, Refusal } from "../lib/verdict.ts";

/** What an oracle says; the number is what chalang gets. */
export const ORACLE_RESULTS = { open: 0, true: 1, false: 2, bad: 3 } as const;

export type OracleResult = keyof typeof ORACLE_RESULTS;

/** The trees a fact may be read from, by the id that chalang gets. */
export const FACT_TREES = { oracle: 5, payment: 7, secret: 8 } as const;

/**
 * One thing a condition reads from the main chain. Written once there, and final once known.
 *
 * - oracle: `key` is the oracle's id. - payment: `key` is `paymentKey`; at least `amount` satoshi,
 *   recorded below `height`. - secret: `key` is `secretKey`; recorded below `height`.
 *
 * @see docs/PROTOCOL.md section 3, conditions
 */
export type FactKey =
  | { readonly kind: "oracle"; readonly key: Uint8Array }
  | {
      readonly kind: "payment";
      readonly key: Uint8Array;
      readonly height: number;
      readonly amount: bigint;
    }
  | { readonly kind: "secret"; readonly key: Uint8Array; readonly height: number };

/** Fewest bytes of an encoded fact key: tree id and key. */
export const FACT_BYTES_MIN = 33;

/** Encode: tree id u8, key 32; then height u32 for payments and secrets, amount u64 for payments. */
export function writeFactKey(writer: Writer, fact: FactKey): void {
  writer.u8(FACT_TREES[fact.kind]).fixed(fact.key, 32);
  if (fact.kind !== "oracle") writer.u32(fact.height);
  if (fact.kind === "payment") writer.u64(fact.amount);
}

/** Decode a fact key; a tree that is not on the closed list is refused. */
export function readFactKey(reader: Reader): FactKey {
  const tree = reader.u8();
  const key = reader.fixed(32);
  switch (tree) {
    case FACT_TREES.oracle:
      return { kind: "oracle", key };
    case FACT_TREES.payment:
      return { kind: "payment", key, height: reader.u32(), amount: reader.u64() };
    case FACT_TREES.secret:
      return { kind: "secret", key, height: reader.u32() };
    default:
      throw new Refusal("UNKNOWN_FACT_TREE", `expected tree 5, 7 or 8, got ${tree}`);
  }
}

/** An oracle in the main chain's state: the question, who may answer, and the answer with its height (0 while open). */
export type OracleRecord = {
  readonly reporter: Uint8Array;
  readonly question: string;
  readonly result: OracleResult;
  readonly resultHeight: number;
};

/** Most bytes of a question, UTF-8. */
const QUESTION_BYTES_MAX = 1_024;

const RESULT_NAMES = ["open", "true", "false", "bad"] as const;

/** Decode a result code; 0 to 3. */
export function readOracleResult(reader: Reader): OracleResult {
  const code = reader.u8();
  const result = RESULT_NAMES[code];
  if (result === undefined) throw new Refusal("UNKNOWN_RESULT", `expected 0 to 3, got ${code}`);
  return result;
}

/** Encode: reporter 33, question bytes, result u8, result height u32. */
export function writeOracleRecord(writer: Writer, record: OracleRecord): void {
  writer.fixed(record.reporter, 33);
  writeQuestion(writer, record.question);
  writer.u8(ORACLE_RESULTS[record.result]).u32(record.resultHeight);
}

export function readOracleRecord(reader: Reader): OracleRecord {
  const reporter = reader.fixed(33);
  const question = readQuestion(reader);
  const result = readOracleResult(reader);
  const resultHeight = reader.u32();
  demand(
    (result === "open") === (resultHeight === 0),
    "NOT_CANONICAL",
    "an open oracle has height 0",
  );
  return { reporter, question, result, resultHeight };
}

export function writeQuestion(writer: Writer, question: string): void {
  writer.bytes(encodeUtf8(question), QUESTION_BYTES_MAX);
}

/** Decode a question; must be well-formed UTF-8. */
export function readQuestion(reader: Reader): string {
  const bytes = reader.bytes(QUESTION_BYTES_MAX);
  const question = decodeUtf8(bytes);
  if (question === undefined) throw new Refusal("NOT_UTF8", "expected a question in UTF-8");
  return question;
}

/** A payment in the main chain's state: satoshi paid, and the height it was recorded at. */
export type PaymentRecord = { readonly amount: bigint; readonly height: number };

export function writePaymentRecord(writer: Writer, record: PaymentRecord): void {
  writer.u64(record.amount).u32(record.height);
}

export function readPaymentRecord(reader: Reader): PaymentRecord {
  return { amount: reader.u64(), height: reader.u32() };
}

/** A revealed secret in the main chain's state: the height it was recorded at. */
export type SecretRecord = { readonly height: number };

export function writeSecretRecord(writer: Writer, record: SecretRecord): void {
  writer.u32(record.height);
}

export function readSecretRecord(reader: Reader): SecretRecord {
  return { height: reader.u32() };
}
