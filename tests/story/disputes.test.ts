import { describe, expect, it } from "vitest";
import { counterparty } from "../../scripts/scenario/disputes/counterparty.ts";
import { doubleSaleEarly } from "../../scripts/scenario/disputes/doubleSale.ts";
import { flood } from "../../scripts/scenario/disputes/flood.ts";
import { orderLoser } from "../../scripts/scenario/disputes/orderLoser.ts";
import type { Attack, Judgement } from "../../scripts/scenario/disputes/stage.ts";
import { slippedBlock } from "../../scripts/scenario/disputes/stolenClose.ts";
import { isMadeGood } from "../../scripts/scenario/disputes/table.ts";
import { unpaid } from "../../scripts/scenario/disputes/unpaid.ts";
import { openDisputeStage } from "./disputeStage.ts";
import { VEO } from "./localWorld.ts";

async function play(attack: Attack, isDefended: boolean): Promise<Judgement & { told: string }> {
  const told: string[] = [];
  const stage = await openDisputeStage(attack, `disputes ${attack.name}`, isDefended);
  const judgement = await attack.play(stage, (words) => told.push(words));
  expect(judgement.isIdle).toBe(false);
  return { ...judgement, told: told.join("\n") };
}

describe("an attack on a holder whose wallet answers by itself", () => {
  it("that floods the queue with old contracts pays for all of them", async () => {
    const judgement = await play(flood, true);
    const { court } = judgement;
    expect(court.filter((words) => words.includes("is removed"))).toHaveLength(6);
    expect(isMadeGood(judgement)).toBe(true);
  });

  it("by who lost a trade of orders, with the cash that the match used up, is slashed", async () => {
    const judgement = await play(orderLoser, true);
    expect(judgement.court[0]).toContain("is removed");
    expect(isMadeGood(judgement)).toBe(true);
  });

  it("by an operator who sells twice costs him his deposit, part of which is the holder's who asked", async () => {
    const judgement = await play(doubleSaleEarly, true);
    expect(judgement.ended - judgement.shown).toBeGreaterThan(VEO);
  });

  it("of a buyer who never paid is not taken", async () => {
    const judgement = await play(unpaid, true);
    expect(judgement.told).toContain("CONDITION_AGAINST");
    expect(isMadeGood(judgement)).toBe(true);
  });

  it("by a block that was slipped in before his close is not taken", async () => {
    const judgement = await play(slippedBlock, true);
    expect(judgement.told).toContain("refused (OTHER_BLOCK_SEEN)");
    expect(isMadeGood(judgement)).toBe(true);
  });
});

describe("an attack on a holder who only claims", () => {
  it("takes all from him where it is the counterparty's, with the cash that he staked", async () => {
    expect(isMadeGood(await play(counterparty, false))).toBe(false);
  });
});
