import { buy, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
const WIDTH = 100n * VEO;

/** In a chain inside another, which posts there, a sold contract is shown under the post in which it still stood. */
export const olderPost: Attack = {
  name: "older-post",
  title: "A line shown from an older post",
  idea:
    "Inside a chain inside the exchange Mallory sold her contract to the user. She shows the whole line under an older post of that " +
    "chain, in which her contract still stands.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const inside = await stage.startInside(["--buy", String(WIDTH)]);
    const mallory = await stage.open("Mallory", false, inside);
    const user = await stage.open("the user", true, inside);
    const own = await buy(stage, mallory, WIDTH, inside);
    await sellTo(stage, mallory, own, user, inside);
    tell("the contract two levels down is sold to the user");
    const claim = () => mallory.wallet.claim(own.leaf.id);
    return settle(stage, { user, chain: inside, cheats: [{ person: mallory, claim }], tell });
  },
};
