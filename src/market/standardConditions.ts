import { assemble } from "../chalang/assemble.ts";
import { assert } from "../lib/assert.ts";
import type { Condition } from "../protocol/condition.ts";
import { MARKET_LEVEL } from "../protocol/limits.ts";

/** Levels that wallets use, so that conditions near the leaves come last: PROTOCOL section 3. */
export const LEVELS = { buyIn: 0, market: MARKET_LEVEL } as const;

/** Leaves the value of the first fact: the stack holds the list of facts, each `[tree id, key, value]`. */
const FIRST_VALUE = "car drop car swap drop car swap drop car drop";

/** True if the payment is made. Its fact's value is 1 then, 0 otherwise. */
const PAID_SCRIPT = assembleOwn(FIRST_VALUE);
/** True if the oracle says true (1). */
const TRUE_RESULT_SCRIPT = assembleOwn(`${FIRST_VALUE} int 1 =2`);
/** True if the oracle says true (1) or bad (3). */
const TRUE_OR_BAD_SCRIPT = assembleOwn(`${FIRST_VALUE} dup int 1 =2 swap int 3 =2 or`);

/**
 * The condition that at least `amount` satoshi were paid under `paymentKey` below main-chain height
 * `height`. The reference inside the key makes it unique, so it needs no salt of its own.
 */
export function createPaidCondition(
  level: number,
  paymentKey: Uint8Array,
  amount: bigint,
  height: number,
): Condition {
  const facts = [{ kind: "payment", key: paymentKey, height, amount }] as const;
  return { level, salt: new Uint8Array(32), facts, script: PAID_SCRIPT };
}

/** The condition that an oracle says true. The bad case is on the `no` side. */
export function createTrueCondition(oracleId: Uint8Array): Condition {
  return oracleCondition(oracleId, TRUE_RESULT_SCRIPT);
}

/** The condition that an oracle says true or bad. */
export function createTrueOrBadCondition(oracleId: Uint8Array): Condition {
  return oracleCondition(oracleId, TRUE_OR_BAD_SCRIPT);
}

function oracleCondition(key: Uint8Array, script: Uint8Array): Condition {
  return {
    level: LEVELS.market,
    salt: new Uint8Array(32),
    facts: [{ kind: "oracle", key }],
    script,
  };
}

function assembleOwn(source: string): Uint8Array {
  const assembled = assemble(source);
  assert(assembled.ok, `our own script assembles: ${source}`);
  return assembled.value;
}
