import { sha256 } from "../../../src/lib/hash.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { encodePost } from "../../../src/protocol/post.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { claimAnyway } from "./cheat.ts";
import { Forger, plainContract } from "./forger.ts";
import { buy, chainOf, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
/** Sequences that are squatted: those of all that happens while it is tried. */
const SQUATTED = 12;

/** A stranger records posts of the chain's id before its operator does. */
export const squatter: Attack = {
  name: "squatter",
  title: "A sequence squatted",
  idea:
    "Mallory makes a block of her own in which all of the exchange's space is hers, and records it under the exchange's id, as one post after " +
    "another, before the operator comes to them: either his posts find no place, or hers are taken for his.",
  isCostly: false,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const mallory = await stage.open("Mallory", false);
    const user = await stage.open("the user", true);
    const { signer, outbox } = handsOf(mallory);
    const { facts } = chainOf(exchange, mallory).followed;
    const forger = new Forger(createRules(LOCAL_NETWORK), facts, sha256(signer.publicKey));
    const contract = plainContract(facts, signer.publicKey);
    const time = { mainHeight: stage.height(), nowMs: 0 };
    const forged = forger.make([{ kind: "contract-new", contract }], time);
    for (let sequence = 1; sequence <= SQUATTED; sequence++) {
      const { id: chainId } = facts;
      const post = {
        place: { kind: "mainChain" },
        chainId,
        sequence,
        blockHash: forger.tip.hash,
      } as const;
      const signature = await signer.sign("signPost", encodePost(post));
      const entry = { kind: "post", post, signer: signer.publicKey, signature } as const;
      insist(await stage.act(outbox.send({ kind: "existence", entry })));
    }
    await stage.mine(2);
    tell(`Mallory has recorded posts 1 to ${SQUATTED} of the exchange, signed by herself`);
    await buy(stage, user, 100n * VEO);
    tell(
      `the operator's own posts were recorded all the same: the user has bought and checked his space`,
    );
    const line = [forger.prove(forged, contract, 1)];
    const claim = () => claimAnyway(mallory, { chainId: exchange.chainId, line });
    return settle(stage, { user, cheats: [{ person: mallory, claim }], tell });
  },
};
