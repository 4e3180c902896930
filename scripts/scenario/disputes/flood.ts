import { listOwn } from "../../../src/agents/ownSpace.ts";
import type { OwnLeaf } from "../../../src/client/ownLeaves.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { claimKept } from "./cheat.ts";
import { buy, chainOf, handsOf, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
/** How often the space goes from one key of hers to the other before it is sold. */
const HANDED_OVER = 5;
/** Main-chain blocks in which a hand-over is recorded under its confirmations. */
const BLOCKS_TO_HAND_OVER = 4;

/** Many old contracts of one range, each of which is claimed. */
export const flood: Attack = {
  name: "flood",
  title: "A claim queue flooded with spam",
  idea:
    "Mallory moved the space back and forth between two keys of hers before she sold it. Now she claims with every contract that ever stood " +
    "there: each of them must be removed, and each makes the user's own claim dearer.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const keys = [
      await stage.open("Mallory", false),
      await stage.open("Mallory's second key", false),
    ] as const;
    const user = await stage.open("the user", true);
    const kept: { readonly person: (typeof keys)[number]; readonly own: OwnLeaf }[] = [];
    let [holder, other] = keys;
    let own = await buy(stage, holder, 100n * VEO);
    kept.push({ person: holder, own });
    for (let times = 0; times < HANDED_OVER; times++) {
      const to = handsOf(other).signer.publicKey;
      insist(await stage.act(holder.wallet.handOver(own.leaf.id, to)));
      await stage.mine(BLOCKS_TO_HAND_OVER);
      const [received] = listOwn(chainOf(exchange, other));
      if (received === undefined) throw new Error("the contract was not handed over");
      [own, holder, other] = [received, other, holder];
      kept.push({ person: holder, own });
    }
    await sellTo(stage, holder, own, user);
    tell(`the space went through ${kept.length} contracts of Mallory's before the user bought it`);
    const cheats = kept.map(({ person, own }) => ({
      person,
      claim: () => claimKept(person, exchange.chainId, exchange, own),
    }));
    return settle(stage, { user, cheats, tell });
  },
};
