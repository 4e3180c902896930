import { listOwn } from "../../../src/agents/ownSpace.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { buy, chainOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
const WIDTH = 100n * VEO;

/** Main-chain blocks after which everything inside is recorded. */
const BLOCKS_TO_REST = 4;

/** Who sold the contract that a chain is made of claims it, past all who bought inside. */
export const ancestor: Attack = {
  name: "ancestor",
  title: "A claim with a wrong ancestor",
  idea:
    "Mallory owned a contract and handed it over to an operator, who runs a chain inside it; the user bought all of that chain's " +
    "space. Mallory claims with the contract as it was before: a level above the user's, where he never had anything.",
  isCostly: true,
  yesBps: undefined,
  async play(stage, tell) {
    const mallory = await stage.open("Mallory", false);
    const own = await buy(stage, mallory, WIDTH);
    const starting = stage.startInside(["--range", `${own.leaf.lo},${own.leaf.hi}`]);
    insist(await stage.act(mallory.wallet.handOver(own.leaf.id, stage.insideSigner.publicKey)));
    const inside = await starting;
    const user = await stage.open("the user", true, inside);
    await buy(stage, user, WIDTH, inside);
    if (listOwn(chainOf(inside, user)).length !== 1) throw new Error("the space was not bought");
    // He has the same to lose, and would answer first.
    await stage.mine(BLOCKS_TO_REST);
    await inside.kill();
    tell(
      "the contract was handed over and sealed, and the user holds all of the chain inside it, whose operator is gone since",
    );
    const claim = () => mallory.wallet.claim(own.leaf.id);
    return settle(stage, { user, chain: inside, cheats: [{ person: mallory, claim }], tell });
  },
};
