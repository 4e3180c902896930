import { draftMove } from "../../../src/chain/settlement/draftMove.ts";
import { encodeContractState } from "../../../src/protocol/contractState.ts";
import { slashAnyway } from "./cheat.ts";
import { buy, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;

/** The operator keeps a state that the user has signed, and shows it when the user claims without it. */
export const halfSigned: Attack = {
  name: "half-signed",
  title: "A half-signed state used against its signer",
  idea:
    "The user signs the next state of his contract; the operator takes the signature and says that he is busy. When the user claims by the terms " +
    "before, the operator signs too, and shows the newer state.",
  isCostly: false,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const user = await stage.open("the user", true);
    const mallory = await stage.open("Mallory", false);
    const own = await buy(stage, user, 100n * VEO);
    const liar = await stage.corrupt(user);
    const asked = await stage.act(user.wallet.updateTerms(own.leaf.id));
    const [proposed] = liar.states;
    if (asked.ok || proposed === undefined) throw new Error("the state is not half signed");
    tell("the user has signed state 1, and got nothing back");
    const { state, ownerSignature } = proposed;
    return settle(stage, {
      user,
      cheats: [],
      tell,
      async strike({ leaf }) {
        const operatorSignature = liar.sign("signState", encodeContractState(state));
        const { move, body } = draftMove({
          chainId: exchange.chainId,
          leaves: [leaf],
          side: "operator",
          terms: { kind: "state", state: { state, ownerSignature, operatorSignature } },
          scriptSig: new Uint8Array(),
          carrier: handsOf(mallory).signer.publicKey,
        });
        const slash = { ...move, signature: liar.sign("signMove", body) };
        const moved = await stage.act(slashAnyway(mallory, slash));
        tell(
          `the operator shows state 1 against the user's claim: ${moved.ok ? "taken" : moved.code}`,
        );
        return undefined;
      },
    });
  },
};
