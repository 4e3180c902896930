import { insist } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { claimAnyway } from "./cheat.ts";
import { plainContract } from "./forger.ts";
import { buy, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack, DisputeStage, Person } from "./stage.ts";

const VEO = 100_000_000n;

/** Two contracts over one range, by an operator who sold it twice. */
function sellTwice(
  terms: Pick<Attack, "name" | "title" | "idea">,
  { isHidden }: { readonly isHidden: boolean },
): Attack {
  return {
    ...terms,
    isCostly: false,
    yesBps: undefined,
    depositBps: 1_000,
    async play(stage, tell) {
      const { exchange } = stage;
      const user = await stage.open("the user", true);
      const mallory = await stage.open("Mallory", false);
      await buy(stage, user, 100n * VEO);
      const liar = await stage.corrupt(user);
      const contract = plainContract(liar.forger.chain, handsOf(mallory).signer.publicKey);
      const forged = liar.forge([{ kind: "contract-new", contract }], {
        from: liar.forger.emptied,
        isHidden,
      });
      const sequence = await liar.post();
      await stage.mine(3);
      tell(
        `the operator sold all of the user's space again, and ${isHidden ? "shows nobody the block" : "serves the block"}`,
      );
      if (!isHidden) {
        await challenge(stage, user, tell);
        return settle(stage, { user, cheats: [], tell });
      }
      const line = [liar.forger.prove(forged, contract, sequence)];
      const claim = () => claimAnyway(mallory, { chainId: exchange.chainId, line });
      return settle(stage, { user, cheats: [{ person: mallory, claim }], tell });
    },
  };
}

/** The user asks on the main chain by whose word his contract is gone, as his wallet offers him to. */
async function challenge(stage: DisputeStage, user: Person, tell: (words: string) => void) {
  const offered = user.wallet
    .watcher()
    ?.disputes()
    .find(({ kind }) => kind === "challenge");
  if (offered === undefined) throw new Error("the wallet offers no challenge");
  insist(await stage.act(user.wallet.actOnDispute(offered.id)));
  await stage.mine(LOCAL_NETWORK.dataResponseDelay + 4);
  tell(
    "the user has asked by whose word his contract is gone, and nobody has an answer: the operator's deposit is lost",
  );
}

export const doubleSaleEarly = sellTwice(
  {
    name: "double-sale-early",
    title: "A double sale, found early",
    idea:
      "The operator makes a second contract over the user's space, for Mallory, and serves the block that does: whoever checks it sees " +
      "that it breaks the rules, and can have the operator's deposit taken before the draw.",
  },
  { isHidden: false },
);

export const doubleSaleLate = sellTwice(
  {
    name: "double-sale-late",
    title: "A double sale, found late",
    idea:
      "The operator makes a second contract over the user's space, for Mallory, records the block and serves it to nobody: the user learns of it " +
      "when Mallory claims.",
  },
  { isHidden: true },
);
