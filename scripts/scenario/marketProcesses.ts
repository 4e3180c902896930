import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openAgent } from "../../src/agents/openAgent.ts";
import { marketsForm } from "../../src/api/marketsForm.ts";
import { DrivenNetwork, keyOf } from "./drivenNetwork.ts";
import { type MarketPlot, playMarket } from "./market.ts";
import type { Telling } from "./story.ts";
import type { Outcome } from "./telling.ts";

/** The market with a node and an exchange in processes of their own; everybody who trades has a wallet and a store on disk. */
export async function playMarketProcesses(
  telling: Telling & Pick<MarketPlot, "traders" | "batches">,
): Promise<Outcome> {
  const { seed, data, say } = telling;
  const network = new DrivenNetwork(seed, data);
  const closers = [() => network.stop()];
  try {
    say(`Seed ${seed}. Starting a node.`);
    await network.start();
    const stage = {
      height: () => network.height,
      now: () => network.nowMs,
      mine: (count: number) => network.mine(count),
      async act<Value>(work: Promise<Value>): Promise<Value> {
        const done = await network.during(work);
        await network.settle();
        return done;
      },
      async openWallet(name: string) {
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
      async startExchange(expiry: number, markets: Parameters<typeof marketsForm.write>[0]) {
        const file = join(data, "markets.json");
        await writeFile(file, JSON.stringify(marketsForm.write(markets)));
        await network.startExchange(expiry, ["--label", "Exchange", "--markets", file]);
        return network.operatorUrl;
      },
    };
    return await playMarket(stage, telling);
  } finally {
    for (const close of closers) await close();
  }
}
