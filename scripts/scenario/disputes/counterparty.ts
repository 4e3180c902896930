import { listOwn } from "../../../src/agents/ownSpace.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { buy, chainOf, finish } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
const STAKE = VEO / 10n;

/** Who lost a bet claims with the cash that he staked. */
export const counterparty: Attack = {
  name: "counterparty",
  title: "A stale exit by the counterparty",
  idea:
    "The user bets 0.1 VEO against 99.9 of the counterparty's, and is right. The counterparty claims with the cash that he gave up for the " +
    "bet, as if he had never signed it.",
  isCostly: true,
  yesBps: 10,
  async play(stage, tell) {
    const { market, exchange } = stage;
    if (market === undefined || market.ask.kind !== "binary") throw new Error("nothing is asked");
    const loser = await stage.open("the counterparty", false);
    const user = await stage.open("the user", true);
    const cash = await buy(stage, loser, 100n * VEO - STAKE);
    const dealing = await stage.deal(loser, exchange, { space: 0n, yesBps: 10n, spreadBps: 0n });
    insist(
      await stage.act(user.wallet.placeBet(exchange.chainId, market.ask.oracle, "yes", STAKE)),
    );
    await finish(stage, [user]);
    dealing.close();
    const held = listOwn(chainOf(exchange, user));
    if (held.length !== 2) throw new Error("the bet was not placed");
    await stage.answer("true");
    tell("the bet is placed and recorded, and the answer is yes: the user is right");
    const claim = (point: bigint) =>
      cash.leaf.lo <= point && point < cash.leaf.hi ? loser.wallet.claim(cash.leaf.id) : undefined;
    return settle(stage, { user, cheats: [{ person: loser, claim }], tell });
  },
};
