import { afterEach, describe, expect, it } from "vitest";
import type * as AnchoredProofs from "../../../src/blocks/anchoredProof.ts";
import type * as ApplyTransactions from "../../../src/blocks/applyTransactions.ts";
import type * as BetOracles from "../../../src/blocks/betOracles.ts";
import type * as CloseProofs from "../../../src/blocks/closeProof.ts";
import type * as ConditionOutcome from "../../../src/blocks/conditionOutcome.ts";
import type * as ContractRuns from "../../../src/chain/settlement/contractRun.ts";
import type * as Deposits from "../../../src/chain/settlement/deposits.ts";
import type * as Draw from "../../../src/chain/settlement/draw.ts";
import type * as Brought from "../../../src/chain/settlement/judgeBrought.ts";
import type * as PathConditions from "../../../src/chain/settlement/pathConditions.ts";
import type * as ResultOrder from "../../../src/chain/settlement/resultOrder.ts";
import type { ResultRecord } from "../../../src/chain/settlement/resultRecord.ts";
import { accept } from "../../../src/lib/verdict.ts";
import type * as SpaceTrees from "../../../src/space/tree.ts";
import { type Bug, changeEffects, findFirstWrong, replace, restoreAll } from "./plantBug.ts";

/** A planted bug must fall within this many histories: a tenth of what the property plays. */
const HISTORIES = 200;

/** Each plants one bug; everything else stays the chain's own. */
const BUGS: Record<string, Bug> = {
  "the end of an interval is taken as inside": {
    mock: () =>
      replace<typeof Draw>("chain/settlement/draw.ts", () => ({
        coversPoint: ({ lo, hi }, point) => lo <= point && point <= hi,
      })),
  },
  "the side of a condition is not checked": {
    mock: () =>
      replace<typeof PathConditions>("chain/settlement/pathConditions.ts", () => ({
        judgeConditions: () => accept(null),
      })),
  },
  "a fact is read as of now, not of the expiry": {
    mock: () =>
      replace<typeof ConditionOutcome>("blocks/conditionOutcome.ts", (real) => ({
        computeFactValue: (fact, recorded, height) =>
          real.computeFactValue(fact, recorded, height, height),
      })),
  },
  "ranks are reversed": {
    mock: () =>
      replace<typeof ResultOrder>("chain/settlement/resultOrder.ts", (real) => ({
        createOrder: (shown) => {
          const outranks = real.createOrder(shown);
          return (a, b) => outranks(b, a);
        },
      })),
  },
  "a contract's rank is only its line's own": {
    mock: () =>
      replace<typeof ResultOrder>("chain/settlement/resultOrder.ts", (real) => ({
        createOrder: () => real.createOrder([]),
      })),
  },
  "blocks of one run all have one rank": {
    mock: () =>
      replace<typeof AnchoredProofs>("blocks/anchoredProof.ts", (real) => ({
        compareRanks: (a, b) => real.compareRanks({ ...a, place: 0 }, { ...b, place: 0 }),
      })),
  },
  "the pair of nonces is added": {
    mock: () =>
      replace<typeof ContractRuns>("chain/settlement/contractRun.ts", () => {
        const sum = ({ stateNonce, outcome }: ContractRuns.ContractRun) =>
          stateNonce + (outcome.kind === "ran" ? outcome.nonce : -1);
        return { compareRuns: (a, b) => sum(a) - sum(b) };
      }),
  },
  "a failed run is as high as nonce 0": {
    mock: () =>
      replace<typeof ContractRuns>("chain/settlement/contractRun.ts", () => {
        const nonce = ({ outcome }: ContractRuns.ContractRun) =>
          outcome.kind === "ran" ? outcome.nonce : 0;
        return { compareRuns: (a, b) => a.stateNonce - b.stateNonce || nonce(a) - nonce(b) };
      }),
  },
  "the draw leaves out its last height": {
    mock: () =>
      replace<typeof Draw>("chain/settlement/draw.ts", (real) => ({
        drawHeights: (...args) => real.drawHeights(...args).slice(0, -1),
      })),
  },
  "a claim is taken before D": {
    wrap: (judges) => ({
      ...judges,
      judgeClaim: (claim, carrier, view) =>
        judges.judgeClaim(claim, carrier, { ...view, height: view.height + 1 }),
    }),
  },
  "a late successor pays the ordinary price": {
    mock: () =>
      replace<typeof Draw>("chain/settlement/draw.ts", (real) => ({
        computeClaimStart: (...args) => real.computeClaimStart(...args) + 1,
      })),
  },
  "a late successor pays no more than the removed claim": {
    wrap: (judges) => ({
      ...judges,
      judgeClaim: (claim, carrier, view) =>
        judges.judgeClaim(claim, carrier, {
          ...view,
          results: (id) =>
            view
              .results(id)
              .map((each) =>
                each.removal === undefined
                  ? each
                  : { ...each, deposit: each.deposit / 2n, fee: each.fee / 2n },
              ),
        }),
    }),
  },
  "a successor may be claimed one height longer": {
    wrap: changeEffects((effect) => ({
      ...effect,
      put: effect.put.map((each) =>
        each.removal === undefined
          ? each
          : { ...each, removal: { ...each.removal, openTo: each.removal.openTo + 1 } },
      ),
    })),
  },
  "a removed result may come back": {
    wrap: (judges) => ({
      ...judges,
      judgeClaim: (claim, carrier, view) =>
        judges.judgeClaim(claim, carrier, {
          ...view,
          results: (id) => view.results(id).filter(({ removal }) => removal === undefined),
        }),
    }),
  },
  "an improved rank starts no new delay": {
    mock: () =>
      replace<typeof ResultOrder>("chain/settlement/resultOrder.ts", () => ({
        findRisen: () => [],
      })),
  },
  "a worse claim raises the fee": {
    mock: () =>
      replace<typeof Deposits>("chain/settlement/deposits.ts", (real) => ({
        computeClaimFee: (above, parameters) => real.computeClaimFee(above + 1, parameters),
      })),
  },
  "the burn share of a lost deposit is not taken": {
    wrap: changeEffects((effect) =>
      effect.settled !== undefined || effect.burn === 0n
        ? effect
        : {
            ...effect,
            burn: 0n,
            pay: effect.pay.map(({ to, amount }) => ({ to, amount: amount + effect.burn })),
          },
    ),
  },
  "an operator who sold twice keeps his share": {
    wrap: changeEffects((effect) => {
      const { settled } = effect;
      if (settled === undefined || settled.burnt === 0n) return effect;
      const [first, ...rest] = effect.pay;
      if (first === undefined) return effect;
      const back = { ...first, amount: first.amount + settled.burnt };
      return { ...effect, burn: effect.burn - settled.burnt, pay: [back, ...rest] };
    }),
  },
  "the budget of moves is not counted": {
    wrap: changeEffects((effect) => ({
      ...effect,
      put: effect.put.map((each) => ({ ...each, ownerMoves: 2, operatorMoves: 2 })),
    })),
  },
  "a move starts no new delay": {
    wrap: (judges) => ({
      ...judges,
      judgeSlash: (slash, carrier, view) => {
        const verdict = judges.judgeSlash(slash, carrier, view);
        if (!verdict.ok || slash.kind === "close") return verdict;
        const back = (each: ResultRecord) => ({ ...each, changedAt: each.writtenAt });
        return accept({ ...verdict.value, put: verdict.value.put.map(back) });
      },
    }),
  },
  "the timeout comes one height too early": {
    wrap: (judges) => ({
      ...judges,
      judgeTimeout: (timeout, view) =>
        judges.judgeTimeout(timeout, { ...view, height: view.height + 1 }),
    }),
  },
  "worse results hold up the timeout": {
    mock: () =>
      replace<typeof ContractRuns>("chain/settlement/contractRun.ts", () => ({
        isRunTrue: ({ outcome }) => outcome.kind === "ran",
      })),
  },
  "a close counts in a post above the height it names": {
    mock: () =>
      replace<typeof ApplyTransactions>("blocks/applyTransactions.ts", (real) => ({
        judgeExactAuthority: (close, leaf, context) =>
          real.judgeExactAuthority(close, leaf, { ...context, mainHeight: 0 }),
      })),
  },
  "a close counts whatever block it names": {
    mock: () =>
      replace<typeof ApplyTransactions>("blocks/applyTransactions.ts", (real) => ({
        judgeExactAuthority: (close, leaf, context) => {
          const by = close.authorisation;
          const previousHash = by.kind === "exact" ? by.close.seenBlock : context.previousHash;
          return real.judgeExactAuthority(close, leaf, { ...context, previousHash });
        },
      })),
  },
  "a bet counts at the height of its oracle's result": {
    mock: () =>
      replace<typeof BetOracles>("blocks/betOracles.ts", (real) => ({
        isBelowResults: (height, ...rest) => real.isBelowResults(height - 1, ...rest),
      })),
  },
  "a bet counts after its oracle's result": {
    mock: () =>
      replace<typeof BetOracles>("blocks/betOracles.ts", () => ({ isBelowResults: () => true })),
  },
  "a close counts in a run that does not link back": {
    mock: () =>
      replace<typeof CloseProofs>("blocks/closeProof.ts", (real) => ({
        verifyCloseProof: (proof, rules, lineage, record, before) => {
          const hash = proof.run[0]?.previousHash;
          const linked = before && hash && { ...before, hash };
          return real.verifyCloseProof(proof, rules, lineage, record, linked);
        },
      })),
  },
  "a bet counts though the other side's close does not": {
    mock: () =>
      replace<typeof Brought>("chain/settlement/judgeBrought.ts", () => ({
        judgeBrought: () => accept(null),
      })),
  },
  "space that nobody brought is given away by a bet": {
    mock: () => {
      replace<typeof SpaceTrees>("space/tree.ts", () => ({ isFree: () => accept(true) }));
      replace<typeof Brought>("chain/settlement/judgeBrought.ts", () => ({
        judgeBrought: () => accept(null),
      }));
    },
  },
};

const loadTrial = async () => (await import("./play.ts")).tryHistory;

describe("planted bugs", () => {
  afterEach(restoreAll);

  it.each(Object.entries(BUGS))("catches it when %s", async (_, bug) => {
    expect(await findFirstWrong(bug, HISTORIES, loadTrial)).toMatch(/^seed \d+: /);
  });

  it("has nothing to say where no bug is planted", async () => {
    expect(await findFirstWrong({}, HISTORIES, loadTrial)).toBeUndefined();
  });
});
