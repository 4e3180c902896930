import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import { openWallet } from "../../src/headless/openWallet.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import type { TestNetwork } from "./localNetwork.ts";

/** Somebody with the counterparty's key, who claims with a contract that the counterparty has given up. */
export type Cheat = {
  /** Whether there was one over the drawn point. */
  claimGivenUp(): Promise<boolean>;
  close(): Promise<void>;
};

/** Look at the chain as it is now, while its operator serves it. */
export async function openCheat({ data, nodeUrl, operatorUrl }: TestNetwork): Promise<Cheat> {
  const key = await readFile(join(data, "counterparty", "key"), "utf8");
  const { wallet, close } = await openWallet({
    directory: join(data, "cheat"),
    node: nodeUrl,
    signer: createLocalSigner(parseHex(key.trim()), createRules(LOCAL_NETWORK).networkId),
    now: Date.now,
  });
  await wallet.sync();
  insist(await wallet.follow(operatorUrl));
  await wallet.sync();
  // A wallet that defends its key would answer the claim.
  await wallet.setAutoDefence(false);

  return {
    async close() {
      // What an action has begun writes to the disk until it is done.
      await wallet.sync();
      await close();
    },

    async claimGivenUp() {
      await wallet.sync();
      const [chain] = wallet.tracker.chains();
      if (chain?.settlement === undefined) throw new Error("the point is not drawn yet");
      const { own, live } = chain.book;
      const { point } = chain.settlement;
      const cash = [...own.values()].find(
        ({ leaf, place }) =>
          !live.has(formatHex(leaf.id)) &&
          place.conditions.length === 0 &&
          leaf.lo <= point &&
          point < leaf.hi,
      );
      if (cash === undefined) return false;
      insist(await wallet.claim(cash.leaf.id));
      return true;
    },
  };
}
