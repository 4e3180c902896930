import { type DoRun, runScripts } from "../chalang/run.ts";
import { concatBytes } from "../lib/bytes.ts";
import { encode } from "../lib/codec.ts";
import type { Condition } from "../protocol/condition.ts";
import {
  FACT_TREES,
  type FactKey,
  ORACLE_RESULTS,
  type OracleRecord,
  type PaymentRecord,
  type SecretRecord,
} from "../protocol/facts.ts";
import { CHALANG_LIMITS } from "../protocol/limits.ts";

/** What the main chain's state holds under a fact's key; undefined where it is proven absent. */
export type RecordedFact =
  | { readonly kind: "oracle"; readonly record: OracleRecord | undefined }
  | { readonly kind: "payment"; readonly record: PaymentRecord | undefined }
  | { readonly kind: "secret"; readonly record: SecretRecord | undefined };

/** A fact's value for chalang, and whether it can never change any more. */
export type FactValue = { readonly value: number; readonly isFinal: boolean };

/**
 * Read a fact as of the on-chain chain's original expiry: what is recorded at or after that height
 * did not happen, and an oracle still open then is bad.
 *
 * @param height - main-chain height of the state that `recorded` was read from.
 * @see docs/PROTOCOL.md section 3, conditions
 */
export function computeFactValue(
  fact: FactKey,
  recorded: RecordedFact,
  height: number,
  expiry: number,
): FactValue {
  if (fact.kind === "oracle") {
    const record = recorded.kind === "oracle" ? recorded.record : undefined;
    if (record !== undefined && record.result !== "open" && record.resultHeight < expiry) {
      return { value: ORACLE_RESULTS[record.result], isFinal: true };
    }
    if (height >= expiry) return { value: ORACLE_RESULTS.bad, isFinal: true };
    return { value: ORACLE_RESULTS.open, isFinal: false };
  }
  const deadline = Math.min(fact.height, expiry);
  const record = recorded.kind === fact.kind ? recorded.record : undefined;
  if (record === undefined) return { value: 0, isFinal: height >= deadline };
  const amount = recorded.kind === "payment" ? recorded.record?.amount : undefined;
  const isEnough = fact.kind === "secret" || (amount !== undefined && amount >= fact.amount);
  const recordedHeight = recorded.kind === "oracle" ? undefined : recorded.record?.height;
  const isInTime = recordedHeight !== undefined && recordedHeight < deadline;
  return { value: isEnough && isInTime ? 1 : 0, isFinal: true };
}

/**
 * Whether the condition holds with these fact values, in the order of its facts: the facts' code
 * and the script in one run, true only if the top of the stack is the integer 1. Opcodes that read the height fail.
 */
export function evaluateCondition(
  condition: Condition,
  values: readonly number[],
  doRun: DoRun = (run) => run(),
): boolean {
  const script = concatBytes(encodeFactsCode(condition.facts, values), condition.script);
  const run = doRun(() => runScripts({ scriptSig: new Uint8Array(), script, ...CHALANG_LIMITS }));
  return run.kind === "ok" && run.stack[0] === 1;
}

const OPCODE = { int4: 0, binary: 2, swap: 22, cons: 130, nil: 132, reverse: 136 } as const;

/** Chalang that pushes the list of facts, each `[tree id, key, value]`: CHALANG.md section 8. */
function encodeFactsCode(facts: readonly FactKey[], values: readonly number[]): Uint8Array {
  return encode((writer) => {
    writer.u8(OPCODE.nil);
    facts.forEach((fact, index) => {
      writer.u8(OPCODE.nil);
      writer.u8(OPCODE.int4).u32(FACT_TREES[fact.kind]).u8(OPCODE.swap).u8(OPCODE.cons);
      writer.u8(OPCODE.binary).bytes(fact.key, 32).u8(OPCODE.swap).u8(OPCODE.cons);
      writer
        .u8(OPCODE.int4)
        .u32(values[index] ?? 0)
        .u8(OPCODE.swap)
        .u8(OPCODE.cons);
      writer.u8(OPCODE.reverse).u8(OPCODE.swap).u8(OPCODE.cons);
    });
    if (facts.length > 0) writer.u8(OPCODE.reverse);
  });
}
