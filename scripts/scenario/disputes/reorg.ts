import { claimKept } from "./cheat.ts";
import { buy, chainOf, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** A branch without the slash comes to more work than the one that has it. */
export const reorg: Attack = {
  name: "reorg",
  title: "A reorg that removes the slash",
  idea:
    "Mallory claims with what she sold. The user's slash is mined and her claim removed; then a miner who went on by himself from the block before " +
    "has more work, and there is no slash in his blocks.",
  isCostly: true,
  isRough: true,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true);
    const own = await buy(stage, mallory, 100n * VEO);
    await sellTo(stage, mallory, own, user);
    const removed = () => {
      const { settlement } = chainOf(exchange, user);
      return settlement?.results.filter(({ removal }) => removal !== undefined).length ?? 0;
    };
    return settle(stage, {
      user,
      cheats: [],
      tell,
      async strike() {
        const claimed = await stage.act(claimKept(mallory, exchange.chainId, exchange, own));
        tell(`Mallory's claim is ${claimed.ok ? "taken" : claimed.code}`);
        await stage.mine(1);
        const overtake = await stage.fork();
        await stage.mine(1);
        const before = removed();
        await overtake(3);
        await stage.act(user.wallet.sync());
        tell(`removed claims before the reorg: ${before}, after it: ${removed()}`);
        return undefined;
      },
    });
  },
};
