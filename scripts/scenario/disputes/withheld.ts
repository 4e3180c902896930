import { insist } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { claimAnyway } from "./cheat.ts";
import { plainContract } from "./forger.ts";
import { buy, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack, DisputeStage, Exchange } from "./stage.ts";

const VEO = 100_000_000n;
const WIDTH = 100n * VEO;

/** An operator records a block and shows it to nobody; the user asks for it on the main chain. */
function withhold(
  terms: Pick<Attack, "name" | "title" | "idea">,
  findChain: (stage: DisputeStage) => Promise<Exchange>,
): Attack {
  return {
    ...terms,
    isCostly: false,
    yesBps: undefined,
    depositBps: 1_000,
    async play(stage, tell) {
      const chain = await findChain(stage);
      const user = await stage.open("the user", true, chain);
      const mallory = await stage.open("Mallory", false);
      await buy(stage, user, WIDTH, chain);
      const liar = await stage.corrupt(user, chain);
      const contract = plainContract(liar.forger.chain, handsOf(mallory).signer.publicKey);
      const forged = liar.forge([{ kind: "contract-new", contract }], {
        from: liar.forger.emptied,
        isHidden: true,
      });
      const sequence = await liar.post();
      await stage.mine(4);
      insist(await stage.act(user.wallet.requestData(chain.chainId)));
      tell("a recorded block is served by nobody; the user asks for it on the main chain");
      await stage.mine(LOCAL_NETWORK.dataResponseDelay + 2);
      insist(await stage.act(user.wallet.punishWithholding(chain.chainId)));
      await stage.mine(2);
      tell("nobody answered in time: the block is void, and the user has his deposit back");
      const line = [liar.forger.prove(forged, contract, sequence)];
      const claim = () => claimAnyway(mallory, { chainId: chain.chainId, line });
      const cheats = chain === stage.exchange ? [{ person: mallory, claim }] : [];
      return settle(stage, { user, chain, cheats, tell });
    },
  };
}

export const withheldTop = withhold(
  {
    name: "withheld",
    title: "Withholding by the exchange",
    idea: "The operator records a block that gives the user's space to Mallory, and shows it to nobody, so that nobody can say what is in it.",
  },
  async ({ exchange }) => exchange,
);

export const withheldInside = withhold(
  {
    name: "withheld-inside",
    title: "Withholding by the operator of a chain inside",
    idea: "The same by the operator of a chain inside the exchange, whose posts the honest exchange takes as they come.",
  },
  (stage) => stage.startInside(["--buy", String(WIDTH)]),
);
