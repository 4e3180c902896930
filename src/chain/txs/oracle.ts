import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, judge, type Verdict } from "../../lib/verdict.ts";
import { type OracleRecord, readOracleRecord, writeOracleRecord } from "../../protocol/facts.ts";
import { computeOracleId } from "../../protocol/keys.ts";
import { getRecord, type MainState, putRecord } from "../state/mainState.ts";
import type { TransactionBody } from "../transaction.ts";
import type { TxContext, TxOutcome } from "./txContext.ts";

/** Open an oracle: a question, and the one key that may answer it. */
export function applyOracleNew(
  state: MainState,
  { reporter, question }: TransactionBody & { kind: "oracle-new" },
  { from, nonce }: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    demand(question.length > 0, "EMPTY_QUESTION", "expected a question");
    const record = { reporter, question, result: "open", resultHeight: 0 } as const;
    return putOracle(state, computeOracleId(from, nonce), record);
  });
}

/** Answer an oracle: its reporter, once. */
export function applyOracleReport(
  state: MainState,
  { oracleId, result }: TransactionBody & { kind: "oracle-report" },
  { from, height }: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    const record = getRecord(state, "oracles", oracleId, readOracleRecord);
    demand(record !== undefined, "NO_SUCH_ORACLE", "no oracle has this id");
    demand(record.result === "open", "ANSWERED_ALREADY", `the oracle says ${record.result}`);
    demand(
      equalBytes(from, record.reporter),
      "NOT_THE_REPORTER",
      "only the oracle's reporter may answer it",
    );
    return putOracle(state, oracleId, { ...record, result, resultHeight: height });
  });
}

function putOracle(state: MainState, id: Uint8Array, record: OracleRecord): TxOutcome {
  const value = encode((writer) => writeOracleRecord(writer, record));
  return { state: putRecord(state, "oracles", id, value), minerFee: 0n };
}
