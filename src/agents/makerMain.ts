import { readAgentFlags } from "./agentFlags.ts";
import { createBelief } from "./belief.ts";
import { createMaker, type MakerStand } from "./maker.ts";
import { readTraderFlags, runTrader, TRADER_FLAGS } from "./runTrader.ts";

/**
 * The market maker: buys space, and quotes both sides of every book of an operator around what it believes.
 * `maker --data DIR --node URL --operator URL [--until HEIGHT] [--seed TEXT] [--belief 500] [--step 5] [--half-spread 20]
 * [--skew 5] [--levels 3] [--size 100000000] [--loss 1500000000] [--pieces 6] [--width 500000000]`
 *
 * Prices in thousandths, amounts in satoshi. It believes the same of every book at first, and goes a step up or down with
 * each block. It quotes no more from the main-chain height `--until` on.
 */
const OWN = ["belief", "step", "half-spread", "skew", "levels", "loss"];
const flags = readAgentFlags(process.argv.slice(2), [...TRADER_FLAGS, ...OWN]);
const seed = flags.text("seed", "maker");
const start = Number(flags.amount("belief", "500"));
const step = Number(flags.amount("step", "5"));
const policy = {
  ...readTraderFlags(flags),
  levels: Number(flags.amount("levels", "3")),
  halfSpread: Number(flags.amount("half-spread", "20")),
  skew: Number(flags.amount("skew", "5")),
  size: flags.amount("size", "100000000"),
  lossMax: flags.amount("loss", "1500000000"),
};

await runTrader(flags, policy.stock, ({ wallet, chainId, now }) => {
  const maker = createMaker(
    wallet,
    chainId,
    (market, outcome) => createBelief(`${seed}:${market}:${outcome}`, start, step),
    policy,
    now,
  );
  let told = "";
  return {
    prepare: maker.prepare,
    async work() {
      await maker.work();
      const words = maker.stands().map(describe).join("");
      if (words !== told) process.stdout.write(words);
      told = words;
    },
  };
});

/** A line for each book: what is offered there, and what was filled. */
function describe({ book, quotes, inventory: { yes, no, paid } }: MakerStand): string {
  const offers = quotes.map(
    ({ side, limit, quantity }) => `${side} ${quantity} at ${limit} thousandths`,
  );
  const offered = offers.length === 0 ? "no quotes" : offers.join(", ");
  const word = book.market.outcomes[book.outcome];
  return `${word}: ${offered}; holds ${yes} yes and ${no} no for ${paid} satoshi\n`;
}
