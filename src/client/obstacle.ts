import { formatHex } from "../lib/hex.ts";
import { isBuried } from "./buried.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { MainChain } from "./mainChain.ts";

/**
 * What keeps a wallet from doing anything new in a chain, and in which chain it lies: that one itself or one above.
 *
 * - `void`: its posts are void from one on, because nobody answered for it on the main chain.
 * - `broken`: it broke a rule. - `withheld`: a recorded block is served by nobody. - `unusable`: what is served is
 *   not its next block, and nobody can be blamed. - `down`: nobody answers. - `checking`: there is more to check.
 * - `unread`: no main-chain node proves what is recorded of it, for which its operator is not to blame; or it has
 *   switched to the main chain, and its anchor is not read up to there.
 * - `ownShare`: only the own share is checked.
 * - `unanchored`: a contract on the way up is not recorded in it under enough confirmations.
 */
export type Obstacle = {
  readonly kind:
    | "broken"
    | "void"
    | "withheld"
    | "unusable"
    | "down"
    | "unread"
    | "checking"
    | "ownShare"
    | "unanchored";
  readonly chain: TrackedChain;
};

/**
 * What a chain leans on, from itself upwards: its own blocks, those of every chain that its posts go through, and
 * of every other chain above only the contract that the next one below is made of. What stood there, recorded,
 * before that chain broke or stopped is safe, because the earliest leaf wins.
 */
export function findObstacle(
  chain: TrackedChain,
  tracker: Pick<ChainTracker, "ancestors" | "anchors">,
  mainChain: Pick<MainChain, "book" | "tip">,
): Obstacle | undefined {
  let unread: Obstacle | undefined;
  let shared: Obstacle | undefined;
  for (const each of [chain, ...tracker.anchors(chain)]) {
    const kind = findTrouble(each);
    if (kind === undefined) continue;
    // Where a chain above is in trouble, what this one cannot read of it is no node's fault.
    if (kind === "unread") unread ??= { kind, chain: each };
    // That less is checked by choice hides no trouble.
    else if (kind === "ownShare") shared ??= { kind, chain: each };
    else return { kind, chain: each };
  }
  if (unread !== undefined) return unread;
  let below = chain;
  for (const above of tracker.ancestors(chain)) {
    const contract = above.book.inside.get(formatHex(below.followed.facts.id));
    if (contract === undefined || !isBuried(contract, mainChain)) {
      return { kind: findTrouble(above) ?? "unanchored", chain: above };
    }
    below = above;
  }
  return shared;
}

function findTrouble(chain: TrackedChain): Obstacle["kind"] | undefined {
  if (chain.book.breach !== undefined) return "broken";
  if (chain.asked.voided !== undefined) return "void";
  if (chain.withheldSince !== undefined) return "withheld";
  if (chain.unusable !== undefined) return "unusable";
  if (chain.connection === "unread") return "unread";
  if (chain.connection !== "live") return "down";
  if (chain.switched !== undefined && chain.switched.anchored === undefined) return "unread";
  if (chain.book.shareSince !== undefined) return "ownShare";
  return chain.progress === undefined ? undefined : "checking";
}

/** An obstacle to doing anything in `chain`, in words: what comes after "while". */
function describeObstacle({ kind, chain: at }: Obstacle, chain: TrackedChain): string {
  const whose = at === chain ? "the chain" : "a chain above it";
  switch (kind) {
    case "broken": {
      const { rule, blockHeight } = at.book.breach ?? { rule: "unknown", blockHeight: 0 };
      return `${whose} broke the rule ${rule} in block ${blockHeight}`;
    }
    case "void":
      return `the posts of ${whose} are void, because nobody served them when they were asked for`;
    case "withheld":
      return `a recorded block of ${whose} is withheld`;
    case "unusable":
      return `what is served as the next block of ${whose} is none`;
    case "down":
      return `the operator of ${whose} cannot be reached`;
    case "ownShare":
      return `only your own share of ${whose} is checked`;
    case "unread":
      return `no main-chain node proves what is recorded of ${whose}`;
    case "checking":
      return `${whose} is still being checked`;
    case "unanchored":
      return "the chain's own contract is not recorded above it under enough confirmations";
  }
}

/**
 * Why nothing new may be done in a chain now, as a clause; undefined if it may. What stands already can be
 * claimed and collected all the same.
 */
export function whyStopped(
  chain: TrackedChain,
  tracker: Pick<ChainTracker, "ancestors" | "anchors">,
  mainChain: Pick<MainChain, "book" | "tip" | "isStale">,
): string | undefined {
  const found = findObstacle(chain, tracker, mainChain);
  if (found !== undefined) return describeObstacle(found, chain);
  if (mainChain.isStale()) return "the main chain's newest known block is too old";
  return undefined;
}
