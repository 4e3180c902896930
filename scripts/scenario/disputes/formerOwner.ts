import { buy, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** The contract is sold on and on; who had it first kept the proof that it was his. */
export const formerOwner: Attack = {
  name: "former-owner",
  title: "A former owner, three sales ago",
  idea:
    "Mallory bought the space first, sold it to Ann, she to Bob, he to the user. Mallory claims with the proof of her first " +
    "contract: it is genuine, and its record is older than the user's, so it would be paid first.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const mallory = await stage.open("Mallory", false);
    const ann = await stage.open("Ann", false);
    const bob = await stage.open("Bob", false);
    const user = await stage.open("the user", true);
    const first = await buy(stage, mallory, 100n * VEO);
    const second = await sellTo(stage, mallory, first, ann);
    stage.rest(mallory);
    const third = await sellTo(stage, ann, second, bob);
    stage.rest(ann);
    await sellTo(stage, bob, third, user);
    stage.rest(bob);
    tell("the space was sold three times, paid for each time, and is the user's");
    const claim = () => mallory.wallet.claim(first.leaf.id);
    return settle(stage, { user, cheats: [{ person: mallory, claim }], tell });
  },
};
