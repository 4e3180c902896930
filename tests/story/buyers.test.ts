import { describe, expect, it } from "vitest";
import { insist } from "../../src/lib/verdict.ts";
import { beginStory } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";
import { find } from "./nestedStory.ts";

describe("who buys while others trade", () => {
  it("is served though a block was made that he had not checked when he asked", async () => {
    const { world, user, chainId } = await beginStory("buyers-1");
    const other = await world.openWallet("other");
    await world.during(other.sync());
    insist(await world.during(other.follow(OPERATOR_URL)));
    insist(await world.during(other.requestCoins()));
    await world.mine(2);

    // He hears of the other's block only after he has asked.
    world.wallets.splice(world.wallets.indexOf(user), 1);
    insist(await world.during(other.buySpace(chainId, 5n * VEO)));
    await world.settle();
    const { tip } = world.operator.state;
    expect(find(user, chainId).book.tip.height).toBeLessThan(tip.height);
    insist(await world.during(user.buySpace(chainId, 7n * VEO)));
    world.wallets.push(user);
    await world.mine(12);
    for (const [wallet, width] of [
      [other, 5n * VEO],
      [user, 7n * VEO],
    ] as const) {
      const { own } = find(wallet, chainId).book;
      const bought = [...own.values()].filter(
        ({ leaf, place, closedIn }) =>
          leaf.hi - leaf.lo === width && place.conditions.length === 0 && closedIn === undefined,
      );
      expect(bought).toHaveLength(1);
    }
  });
});
