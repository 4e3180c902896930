import type { Wallet } from "../client/wallet.ts";
import type { ServedChains } from "../http/chainRoutes.ts";
import { parseHex } from "../lib/hex.ts";
import type { Archive } from "./archive.ts";

const ID = /^[0-9a-f]{64}$/;

/**
 * The chains that a light client follows, as far as it has checked their blocks and an archive keeps them. What is said
 * of a chain is what the client has proven, and what its operator called it and offered when it was first followed.
 */
export function createMirroredChains(
  { tracker, mainChain }: Pick<Wallet, "tracker" | "mainChain">,
  networkId: Uint8Array,
  archive: Archive,
): ServedChains {
  const find = (id: string) => (ID.test(id) ? tracker.find(parseHex(id))?.followed : undefined);
  return {
    facts(id) {
      const found = find(id);
      if (found === undefined) return undefined;
      const { facts, label, nested, feeBps, markets } = found;
      const { id: chainId, operator, lo, hi, expiry } = facts;
      const { height, hash } = archive.tip(id) ?? { height: 0, hash: chainId };
      const parent = nested && tracker.find(nested.parentId)?.followed;
      return {
        ...{ chainId, operator, label, networkId, lo, hi, expiry, feeBps, markets },
        parent: parent && { chainId: parent.facts.id, url: parent.url },
        // Nothing is sold here.
        widthMin: hi - lo,
        height,
        tip: hash,
        mainHeight: mainChain.tip().header.height,
      };
    },
    blocks: (id) => (find(id) === undefined ? undefined : archive.blocks(id)),
  };
}
