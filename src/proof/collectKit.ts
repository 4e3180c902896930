import type { ChainTracker, TrackedChain } from "../client/chainTracker.ts";
import type { OwnLeaf } from "../client/ownLeaves.ts";
import { createLine } from "../client/ownProof.ts";
import type { States } from "../client/states.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { encodeUtf8 } from "../lib/utf8.ts";
import { TRUE_SCRIPT } from "../protocol/script.ts";
import {
  KIT_CLOSES_MAX,
  KIT_CONTRACTS_MAX,
  type KitClose,
  type KitContents,
  type KitContract,
} from "./kitFile.ts";

/** What a kit is made from. `closes`: all that is kept of how what stood on own space before was given up. */
export type KitSource = {
  readonly tracker: Pick<ChainTracker, "chains" | "withAncestors">;
  readonly states: Pick<States, "termsOf">;
  readonly closes: readonly KitClose[];
};

/** Own contracts that a record stands over and that are not given up, the newest kept first where there are too many. */
function listKept({
  tracker,
}: Pick<KitSource, "tracker">): { chain: TrackedChain; own: OwnLeaf }[] {
  return tracker
    .chains()
    .filter(({ settlement }) => settlement?.settled === undefined)
    .flatMap((chain) =>
      [...chain.book.own.values()]
        .filter(({ post, closedIn }) => post !== undefined && closedIn === undefined)
        .map((own) => ({ chain, own })),
    )
    .slice(-KIT_CONTRACTS_MAX);
}

/** Contracts that a kit made now would hold. */
export function countKitContracts(source: Pick<KitSource, "tracker">): number {
  return listKept(source).length;
}

/** Everything that claiming and defending the own contracts takes, from what the wallet has kept. */
export function collectKit(source: KitSource): KitContents {
  const contracts = listKept(source).flatMap(({ chain, own }): KitContract[] => {
    const chains = source.tracker.withAncestors(chain);
    const line = createLine(chains, own);
    const top = chains[0]?.followed;
    if (!line.ok || top === undefined) return [];
    const { signed, half } = source.states.termsOf(own.leaf.id);
    return [
      {
        top: top.facts,
        claimDelay: top.claimDelay,
        line: line.value.map(({ proof, conditions }) => ({ proof, conditions })),
        script: own.script ?? TRUE_SCRIPT,
        state: signed,
        half,
      },
    ];
  });
  const closes = source.closes.slice(-KIT_CLOSES_MAX);
  return { contracts, closes: closes.map(({ chainId, proof }) => ({ chainId, proof })) };
}

/**
 * 32 bytes that change whenever a kit of before would not do any more: another contract, another place of one,
 * newer terms, more closes.
 */
export function computeKitMark(source: KitSource): Uint8Array {
  const names = listKept(source).map(({ own }) => {
    const { signed, half } = source.states.termsOf(own.leaf.id);
    const { post } = own;
    return [
      formatHex(own.leaf.id),
      own.leaf.sealed,
      post?.top.sequence,
      signed?.state.nonce ?? 0,
      half?.nonce ?? 0,
    ].join(":");
  });
  return sha256(encodeUtf8([...names.toSorted(), source.closes.length].join("\n")));
}
