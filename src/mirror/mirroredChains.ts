import type { Wallet } from "../client/wallet.ts";
import type { ServedChains } from "../http/chainRoutes.ts";
import { parseHex } from "../lib/hex.ts";
import type { Archive } from "./archive.ts";

/**
 * The chains that a light client follows, as far as it has checked their blocks and an archive keeps them. What is said
 * of a chain is what the client has proven, and what its operator called it and offered when it was first followed.
 */
export function createMirroredChains(
  { tracker, mainChain }: Pick<Wallet, "tracker" | "mainChain">,
  networkId: Uint8Array,
  archive: Archive,
): ServedChains {
  const find = (id: string) => {
    const tip = archive.tip(id);
    const chain = tip && tracker.find(parseHex(id));
    return tip && chain && { ...chain.followed, tip };
  };
  return {
    facts(id) {
      const found = find(id);
      if (found === undefined) return undefined;
      const { facts, label, nested, feeBps, markets, tip } = found;
      const { id: chainId, operator, lo, hi, expiry } = facts;
      const parent = nested && tracker.find(nested.parentId)?.followed;
      return {
        ...{ chainId, operator, label, networkId, lo, hi, expiry, feeBps, markets },
        parent: parent && { chainId: parent.facts.id, url: parent.url },
        // Nothing is sold here.
        widthMin: hi - lo,
        height: tip.height,
        tip: tip.hash,
        mainHeight: mainChain.tip().header.height,
      };
    },
    blocks: (id) => (find(id) === undefined ? undefined : archive.blocks(id)),
  };
}
