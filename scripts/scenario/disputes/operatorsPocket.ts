import { buy, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** The operator himself held the space, under another key, and is gone when he claims it. */
export const operatorsPocket: Attack = {
  name: "operator",
  title: "A stale exit by the operator",
  idea:
    "The operator bought the space of himself under a second key, sold it to the user, and shuts down: nobody serves a block any " +
    "more. After the draw he claims with the contract that he sold.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const pocket = await stage.open("the operator's second key", false);
    const user = await stage.open("the user", true);
    const own = await buy(stage, pocket, 100n * VEO);
    await sellTo(stage, pocket, own, user);
    // As long as the operator is there, a wallet can still ask him for what it has not kept.
    await stage.mine(2);
    await stage.exchange.kill();
    tell("the operator sold the space to the user, and is gone since");
    const claim = () => pocket.wallet.claim(own.leaf.id);
    return settle(stage, { user, cheats: [{ person: pocket, claim }], tell });
  },
};
