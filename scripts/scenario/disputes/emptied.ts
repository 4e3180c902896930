import { computeResultKey } from "../../../src/chain/settlement/line.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { createHandOver } from "../../../src/market/handOver.ts";
import { encodeExactClose } from "../../../src/protocol/contractClose.ts";
import { contractsWithin } from "../../../src/space/tree.ts";
import { claimAnyway, slashAnyway } from "./cheat.ts";
import { showClose } from "./closeShown.ts";
import { buy, chainOf, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
const WIDTH = 100n * VEO;

/** Owner and operator of a sealed contract give it up together, though others hold what is inside. */
export const emptied: Attack = {
  name: "emptied",
  title: "A contract emptied after it was sealed",
  idea:
    "The owner of a sealed contract has sold all of the space inside it to the user. Now he signs a close of the contract itself, the exchange's " +
    "operator takes it as if it had never been sealed, and Mallory gets what comes after.",
  isCostly: false,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange, insideSigner } = stage;
    const inside = await stage.startInside(["--buy", String(WIDTH)]);
    const user = await stage.open("the user", true, inside);
    const mallory = await stage.open("Mallory", false);
    await buy(stage, user, WIDTH, inside);
    const liar = await stage.corrupt(user);
    const { forger } = liar;
    const postedBefore = forger.blocks.at(-1);
    // The state before the seal, in which the contract could still be given up.
    const sealedIn = forger.blocks.find(({ block }) =>
      block.transactions.some(({ kind }) => kind === "contract-seal"),
    );
    if (postedBefore === undefined || sealedIn === undefined) throw new Error("nothing is sealed");
    const from = sealedIn.before;
    const [contract] = insist(contractsWithin(from.tree, { lo: 0n, hi: WIDTH, conditions: [] }));
    if (contract === undefined) throw new Error("nothing stood before the seal");
    const { leaf, place } = contract;
    const successor = createHandOver(leaf, place, handsOf(mallory).signer.publicKey);
    const heightMax = exchange.expiry;
    const close = {
      contractId: leaf.id,
      seenBlock: forger.tip.hash,
      heightMax,
      successors: [successor],
    };
    const signature = await insideSigner.sign("signClose", encodeExactClose(close));
    const authorisation = { kind: "exact", close, signature } as const;
    const forged = liar.forge(
      [
        { kind: "contract-close", close: { contractId: leaf.id, place, authorisation } },
        { kind: "contract-new", contract: successor },
      ],
      { from, isHidden: true },
    );
    const sequence = await liar.post();
    await stage.mine(2);
    tell(
      "the contract around the user's chain is given up by its owner, and the operator has recorded it",
    );
    const line = [forger.prove(forged, successor, sequence, 1)];
    const sealed = chainOf(exchange, user).book.inside.get(formatHex(inside.chainId));
    if (sealed === undefined) throw new Error("the user has no proof of the sealed contract");
    return settle(stage, {
      user,
      chain: inside,
      cheats: [
        { person: mallory, claim: () => claimAnyway(mallory, { chainId: exchange.chainId, line }) },
      ],
      tell,
      async strike(own) {
        const shown = showClose(forger, forged, { close: 0, sequence, postedBefore });
        const resultKey = computeResultKey(exchange.chainId, [sealed.leaf, own.leaf]);
        const slash = { kind: "close", chainId: exchange.chainId, resultKey, level: 0 } as const;
        const struck = await stage.act(slashAnyway(mallory, { ...slash, closes: [shown] }));
        tell(
          `Mallory shows the close against the user's claim: ${struck.ok ? "taken" : `refused (${struck.code})`}`,
        );
        return undefined;
      },
    });
  },
};
