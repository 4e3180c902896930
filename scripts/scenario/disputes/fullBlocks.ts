import { claimKept } from "./cheat.ts";
import { buy, chainOf, handsOf, sellTo } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
/** Blocks that the cheat means to fill. */
const FILLED = 6;
/** Satoshi that she pays for each transaction of a kilobyte: more for a byte than a wallet pays for a slash at first. */
const FEE = 10_000n;

/** All blocks are full of transactions that pay more for each byte than the slash does. */
export const fullBlocks: Attack = {
  name: "full-blocks",
  title: "A deadline under full blocks",
  idea:
    "Mallory claims with what she sold, and has blocks filled to the last byte by transactions that pay more for a byte than the user's slash, so that " +
    "its time goes by.",
  isCostly: true,
  isRough: true,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true);
    const own = await buy(stage, mallory, 100n * VEO);
    await sellTo(stage, mallory, own, user);
    const spammer = await stage.openSpammer();
    return settle(stage, {
      user,
      cheats: [],
      tell,
      async strike() {
        const claimed = await stage.act(claimKept(mallory, exchange.chainId, exchange, own));
        tell(`Mallory's claim is ${claimed.ok ? "taken" : claimed.code}`);
        await stage.mine(1);
        const isRemoved = () =>
          chainOf(exchange, user).settlement?.results.some(
            ({ removal }) => removal !== undefined,
          ) === true;
        let filled = 0;
        for (; filled < FILLED && !isRemoved(); filled++) {
          await spammer.spam(FEE);
          await stage.mine(1);
        }
        const offered = handsOf(user).outbox.pending().length;
        tell(
          `${filled} blocks were full; ${isRemoved() ? "the slash is in nevertheless" : `${offered} of the user's transactions wait`}`,
        );
        return undefined;
      },
    });
  },
};
