import { claimKept } from "./cheat.ts";
import { buy, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** The user's wallet is killed before the cheat claims, and twice more while it answers. */
export const killed: Attack = {
  name: "killed",
  title: "The victim's wallet killed and reopened",
  idea:
    "The user's wallet is killed; then Mallory claims with what she sold, and waits. When the wallet is opened again it must answer from what it had kept, " +
    "and it is killed again as soon as it has.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true);
    const own = await buy(stage, mallory, 100n * VEO);
    await sellTo(stage, mallory, own, user);
    return settle(stage, {
      user,
      cheats: [],
      tell,
      async strike() {
        await stage.close(user);
        const first = await stage.leaveAlone(user);
        await stage.mine(1);
        await first();
        const claimed = await stage.act(claimKept(mallory, exchange.chainId, exchange, own));
        tell(
          `the user's process is killed, and Mallory's claim is ${claimed.ok ? "taken" : claimed.code}`,
        );
        await stage.mine(5);
        const second = await stage.leaveAlone(user);
        await stage.mine(1);
        await second();
        tell("it was started again five blocks later, and killed after one turn");
        const third = await stage.leaveAlone(user);
        await stage.mine(2);
        await third();
        return stage.reopen(user);
      },
    });
  },
};
