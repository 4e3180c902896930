import { readAccountRecord } from "../../../src/chain/state/accountRecord.ts";

import { insist } from "../../../src/lib/verdict.ts";
import { computeAccountKey } from "../../../src/protocol/keys.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { claimKept } from "./cheat.ts";
import { buy, chainOf } from "./people.ts";
import { finishChain } from "./settle.ts";
import type { Attack } from "./stage.ts";

const VEO = 100_000_000n;
/** Assembly `int4 0 int4 0`: nonce 0, result 0. By these terms the holder is paid nothing. */
const FALSE_SCRIPT = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** A holder who has signed that nothing is his any more claims by the terms before. */
export const staleState: Attack = {
  name: "stale-state",
  title: "A stale state against an honest operator",
  idea:
    "Mallory and the operator signed two states of her contract: by the first all is hers, by the second nothing, for which she was paid " +
    "elsewhere. She claims with the first.",
  isCostly: true,
  isOperatorHonest: true,
  yesBps: undefined,
  async play(stage, tell) {
    const { exchange } = stage;
    const mallory = await stage.open("Mallory", false);
    const { wallet } = mallory;
    const own = await buy(stage, mallory, 100n * VEO);
    insist(await stage.act(wallet.updateTerms(own.leaf.id)));
    const older = wallet.states.termsOf(own.leaf.id).signed;
    const chain = () => chainOf(exchange, mallory);
    const source = wallet.tracker.operatorOf(chain());
    insist(
      await stage.act(wallet.states.update(own.leaf, source, exchange.operator, FALSE_SCRIPT)),
    );
    tell("two states are signed by both; by the newer one the contract pays its holder nothing");
    await stage.mine(exchange.expiry + LOCAL_NETWORK.drawBlocks - stage.height());
    const balance = async () => {
      const key = computeAccountKey(exchange.operator);
      const account = await wallet.mainChain.read("accounts", key, readAccountRecord);
      return account?.balance ?? 0n;
    };
    const shown = (await balance()) + chain().followed.prize - LOCAL_NETWORK.claimFeeBase;
    const claim = claimKept(mallory, exchange.chainId, exchange, own, {
      state: older,
      script: new Uint8Array(),
    });
    tell(
      `Mallory claims with the older state: ${(await stage.act(claim)).ok ? "taken" : "refused"}`,
    );
    const court = await finishChain(stage, mallory, exchange.chainId);
    return { isIdle: false, shown, ended: await balance(), court };
  },
};
