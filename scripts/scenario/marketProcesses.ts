import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openAgent } from "../../src/agents/openAgent.ts";
import { marketsForm } from "../../src/api/marketsForm.ts";
import { DrivenNetwork, keyOf } from "./drivenNetwork.ts";
import { type MarketPlot, type MarketStage, playMarket } from "./market.ts";
import type { Telling } from "./story.ts";
import type { Outcome } from "./telling.ts";

/** Orders are collected until time moves, as it does with each main-chain block: who was faster changes nothing. */
const BATCH_MS = 1;

/** The whole story of the market in processes. */
export function playMarketProcesses(
  telling: Telling & Omit<MarketPlot, "seed" | "say">,
): Promise<Outcome> {
  return onProcesses(telling, (stage) => playMarket(stage, telling));
}

/** Play with a node and an exchange in processes of their own; everybody who trades has a wallet and a store on disk. */
export async function onProcesses<Result>(
  { seed, data, say }: Telling,
  play: (stage: MarketStage) => Promise<Result>,
): Promise<Result> {
  const network = new DrivenNetwork(seed, data);
  const closers = [() => network.stop()];
  try {
    say(`Seed ${seed}. Starting a node.`);
    await network.start();
    const stage: MarketStage = {
      height: () => network.height,
      now: () => network.nowMs,
      mine: (count) => network.mine(count),
      async act<Value>(work: Promise<Value>): Promise<Value> {
        const done = await network.during(work);
        await network.settle();
        return done;
      },
      async openWallet(name) {
        const { wallet, close } = await openAgent({
          data: join(data, name),
          node: network.nodeUrl,
          key: keyOf(seed, name),
          now: () => network.nowMs,
        });
        closers.unshift(close);
        network.join(wallet);
        await wallet.sync();
        return wallet;
      },
      async startExchange(expiry, markets) {
        const file = join(data, "markets.json");
        await writeFile(file, JSON.stringify(marketsForm.write(markets)));
        const collecting = ["--batch-ms", String(BATCH_MS)];
        const flags = ["--label", "Exchange", "--markets", file, ...collecting];
        await network.startExchange(expiry, flags);
        return network.operatorUrl;
      },
    };
    return await play(stage);
  } finally {
    for (const close of closers) await close();
  }
}
