import { describe, expect, it } from "vitest";
import { type MarketStage, playMarket } from "../../scripts/scenario/market.ts";
import { LocalWorld, OPERATOR_URL, VEO } from "./localWorld.ts";

/** The market in one process. */
async function openStage(seed: string): Promise<MarketStage> {
  const world = await LocalWorld.start(seed);
  world.areCollecting = true;
  return {
    height: () => world.node.tip().header.header.height,
    now: () => world.nowMs,
    mine: (count) => world.mine(count),
    async act(work) {
      const done = await world.during(work);
      await world.settle();
      return done;
    },
    openWallet: (name) => world.openWallet(name),
    async startExchange(expiry, markets) {
      const what = { oracleId: new Uint8Array(32), question: "" };
      await world.startOperator({ ...what, amount: 1_000n * VEO, expiry, markets });
      return OPERATOR_URL;
    },
  };
}

async function play(seed: string): Promise<string> {
  const lines: string[] = [];
  const say = (words: string) => {
    lines.push(words);
  };
  await playMarket(await openStage(seed), { seed, say, traders: 4, batches: 6, pieces: 4 });
  return lines.join("\n");
}

describe("a market of many traders", () => {
  it("balances to the satoshi after every batch, and pays one, whoever the point falls on", async () => {
    const told = await play("trade-1");
    expect(told).toMatch(/of “the reds win” at/);
    expect(told).toMatch(/the answers are in/);
    // What else has to hold is looked at while it is played, and ends it where it does not.
    expect(told).toMatch(/every other position is lost|nobody bought is the operator's/);
  });
});
