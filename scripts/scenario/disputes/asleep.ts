import { claimKept } from "./cheat.ts";
import { buy, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** The user's wallet is closed for good, and the tower that he has handed his evidence to is killed on top of it. */
export const asleep: Attack = {
  name: "asleep",
  title: "The victim asleep, with a watchtower",
  idea:
    "The user's wallet is closed once he has claimed; then Mallory claims with what she sold. Only a watchtower knows what to hold against her, sealed under what her claim shows, " +
    "and it is killed just then, and started again.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const tower = await stage.startTower();
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true, exchange, [tower]);
    const own = await buy(stage, mallory, 100n * VEO);
    await sellTo(stage, mallory, own, user);
    await stage.mine(2);
    const [standing] = user.wallet.towers();
    if (standing !== undefined) {
      tell(
        `the tower has signed for ${standing.receipts} of ${standing.appointments} pieces of evidence`,
      );
    }
    return settle(stage, {
      user,
      cheats: [],
      tell,
      async strike() {
        await stage.close(user);
        const claimed = await stage.act(claimKept(mallory, exchange.chainId, exchange, own));
        await tower.kill();
        tell(
          `the user sleeps; Mallory's claim is ${claimed.ok ? "taken" : claimed.code}, and the tower is killed`,
        );
        await stage.mine(3);
        await tower.restart();
        await stage.mine(4);
        tell("three blocks later the tower was started again, and four after that the user wakes");
        return stage.reopen(user);
      },
    });
  },
};
