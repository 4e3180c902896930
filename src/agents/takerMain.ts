import { readAgentFlags } from "./agentFlags.ts";
import { createChance } from "./chance.ts";
import { readTraderFlags, runTrader, TRADER_FLAGS } from "./runTrader.ts";
import { createTaker } from "./taker.ts";

/**
 * A taker: buys space, and takes what others offer in an operator's books, by chance.
 * `taker --data DIR --node URL --operator URL [--until HEIGHT] [--seed TEXT] [--busy 50] [--size 100000000] [--pieces 6]
 * [--width 500000000]`
 *
 * Amounts in satoshi. `--busy` is how often it trades in each book, in a hundred main-chain blocks.
 */
const flags = readAgentFlags(process.argv.slice(2), [...TRADER_FLAGS, "busy"]);
const policy = {
  ...readTraderFlags(flags),
  busy: Number(flags.amount("busy", "50")) / 100,
  sizeMax: flags.amount("size", "100000000"),
};
const chance = createChance(flags.text("seed", "taker"));

await runTrader(flags, policy.stock, ({ wallet, chainId, now }) =>
  createTaker(wallet, chainId, chance, policy, now),
);
