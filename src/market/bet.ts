import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { formatVeo } from "../protocol/amountWords.ts";
import { type Condition, conditionRef } from "../protocol/condition.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { TRUE_SCRIPT_HASH } from "../protocol/script.ts";
import { createTrueCondition, createTrueOrBadCondition } from "./standardConditions.ts";

/** What one side brings: a cash contract, and how much of it, from its low end, is staked. */
export type BetSide = { readonly cash: Leaf; readonly stake: bigint };

/**
 * A bet by two exact closes in one block. Each range stays where it is and is branched: true gives
 * both to `yes`, false both to `no`, and a bad question gives each back what he brought.
 *
 * - `contracts`: every contract-new of the block, in order. - `yesSuccessors`, `noSuccessors`: what each side's close names.
 */
export type Bet = {
  readonly contracts: readonly ContractNew[];
  readonly conditions: readonly Condition[];
  readonly yesSuccessors: readonly ContractNew[];
  readonly noSuccessors: readonly ContractNew[];
};

/**
 * Lay out a bet on an oracle. Only cash backs a bet: plain space without conditions.
 *
 * @returns the contracts, or a refusal where a side brings less than its stake.
 * @see docs/PROTOCOL.md section 7
 */
export function createBet(
  oracleId: Uint8Array,
  yes: BetSide,
  no: BetSide,
  depositBps: number,
): Verdict<Bet> {
  return judge(() => {
    for (const { cash, stake } of [yes, no]) {
      const width = cash.hi - cash.lo;
      demand(stake > 0n, "NO_STAKE", "expected a stake above zero");
      if (stake > width) {
        const [most, asked] = [formatVeo(width), formatVeo(stake)];
        throw new Refusal("STAKE_TOO_HIGH", `expected a stake of at most ${most}, got ${asked}`);
      }
    }
    const onYes = createTrueOrBadCondition(oracleId);
    const onNo = createTrueCondition(oracleId);
    const leaf = (range: BetSide, condition: Condition, side: boolean): ContractNew => ({
      place: {
        lo: range.cash.lo,
        hi: range.cash.lo + range.stake,
        conditions: [{ ...conditionRef(condition), side }],
      },
      owner: (side ? yes : no).cash.owner,
      depositBps,
      scriptHash: TRUE_SCRIPT_HASH,
    });
    const yesOnYes = leaf(yes, onYes, true);
    const noOnYes = leaf(yes, onYes, false);
    const yesOnNo = leaf(no, onNo, true);
    const noOnNo = leaf(no, onNo, false);
    const yesRest = rest(yes);
    const noRest = rest(no);
    return {
      contracts: [yesOnYes, noOnYes, yesOnNo, noOnNo, ...yesRest, ...noRest],
      conditions: [onYes, onNo],
      yesSuccessors: [yesOnYes, noOnYes, yesOnNo, ...yesRest],
      noSuccessors: [yesOnNo, noOnNo, noOnYes, ...noRest],
    };
  });
}

/** What is left of a side's cash above its stake: one cash contract, or none. */
function rest({ cash, stake }: BetSide): ContractNew[] {
  const lo = cash.lo + stake;
  if (lo === cash.hi) return [];
  return [
    {
      place: { lo, hi: cash.hi, conditions: [] },
      owner: cash.owner,
      depositBps: cash.depositBps,
      scriptHash: cash.scriptHash,
    },
  ];
}
