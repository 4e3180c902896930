import { insist } from "../../../src/lib/verdict.ts";
import { balanceOf } from "../story.ts";
import { claimKept } from "./cheat.ts";
import { buy, chainOf, finish, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** A buyer who never pays claims with the leaf that waits for his payment. */
export const unpaid: Attack = {
  name: "unpaid",
  title: "An unpaid leaf that claims",
  idea:
    "Mallory agrees to buy the user's space, has the sale recorded, and never pays. After the draw she claims with the leaf that would " +
    "be hers if she had paid.",
  isCostly: false,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true);
    const own = await buy(stage, user, 100n * VEO);
    const dealing = await stage.deal(mallory, exchange, { space: 0n, yesBps: 0n, spreadBps: 0n });
    const offer = insist(await stage.act(user.wallet.quoteSale(own.leaf.id)));
    // Her wallet would pay by itself: so she has nothing to pay with any more.
    const amount = balanceOf(mallory.wallet) - 2n * VEO;
    const away = { kind: "spend", to: exchange.operator, amount } as const;
    insist(await stage.act(handsOf(mallory).outbox.send(away)));
    insist(await stage.act(user.wallet.sell(exchange.chainId, offer)));
    dealing.close();
    await finish(stage, [user]);
    const [leaf] = chainOf(exchange, mallory).book.own.values();
    if (leaf === undefined) throw new Error("the sale is not recorded");
    tell("the sale is recorded, and Mallory has let the time go by without paying");
    const claim = () => claimKept(mallory, exchange.chainId, exchange, leaf);
    return settle(stage, { user, cheats: [{ person: mallory, claim }], tell });
  },
};
