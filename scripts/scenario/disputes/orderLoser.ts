import { listOwn } from "../../../src/agents/ownSpace.ts";
import { listBooks } from "../../../src/client/orders/offeredBooks.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { OrderSide } from "../../../src/protocol/order.ts";
import { claimKept } from "./cheat.ts";
import { buy, chainOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack, Person } from "./stage.ts";

const VEO = 100_000_000n;
const QUANTITY = 100n * VEO;
/** Thousandths: what a `yes` costs; the rest is what a `no` does. */
const PRICE = 10;
const HOUR_MS = 3_600_000;
/** Main-chain blocks in which orders are matched, and the match is recorded under its confirmations. */
const PATIENCE = 12;

/** Who lost what he bought by an order claims with the cash that the order used up. */
export const orderLoser: Attack = {
  name: "order-loser",
  title: "A stale exit by who lost a trade",
  idea:
    "The user and Mallory trade by orders, which a match of the operator's fills: he buys yes for 1 VEO, she no for 99. The answer is yes. She " +
    "claims with the cash that her order used up: she never signed a close of it.",
  isCostly: true,
  yesBps: 100,
  async play(stage, tell) {
    const { exchange, market } = stage;
    if (market === undefined) throw new Error("nothing is asked");
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true);
    const cash = await buy(stage, mallory, 99n * VEO);
    await buy(stage, user, VEO);
    const [book] = listBooks([market]);
    if (book === undefined) throw new Error("no book is offered");
    const place = async ({ wallet }: Person, side: OrderSide, limit: number) => {
      const goodUntilMs = stage.nowMs() + HOUR_MS;
      const wanted = { side, limit, quantity: QUANTITY, goodUntilMs, contractIds: [] };
      insist(await stage.act(wallet.placeOrder(exchange.chainId, book.id, wanted)));
    };
    await place(mallory, "buyNo", 1_000 - PRICE);
    await place(user, "buyYes", PRICE);
    const isFilled = () =>
      listOwn(chainOf(exchange, user)).some(({ place: { conditions } }) => conditions.length > 0);
    for (let blocks = 0; !isFilled(); blocks++) {
      if (blocks === PATIENCE) throw new Error("the orders are not matched");
      await stage.mine(1);
    }
    await stage.mine(4);
    await stage.answer("true");
    tell("the orders are matched and recorded, and the answer is yes: the user is right");
    const claim = (point: bigint) =>
      cash.leaf.lo <= point && point < cash.leaf.hi
        ? claimKept(mallory, exchange.chainId, exchange, cash)
        : undefined;
    return settle(stage, { user, cheats: [{ person: mallory, claim }], tell });
  },
};
