import type { TrackedChain } from "../../client/chainTracker.ts";
import type { Obstacle } from "../../client/obstacle.ts";
import type { Switched } from "../../client/readSwitch.ts";
import { crowdCount } from "../../client/standing.ts";
import { formatHex } from "../../lib/hex.ts";
import type { CheckView, CulpritView, VerdictView } from "../walletApi.ts";

/**
 * What checking a chain came to, its own blocks and those of every chain above that it leans on.
 *
 * @param above - the chains it is inside of, the nearest first. @param obstacle - what keeps the wallet from
 *   acting here, if anything does. @param height - of the best main-chain header checked here.
 */
export function describeVerdict(
  chain: TrackedChain,
  above: readonly TrackedChain[],
  obstacle: Obstacle | undefined,
  height: number,
): VerdictView {
  const { book, checkedHeight } = chain;
  const isOwnShare = book.shareSince !== undefined;
  const checks = isOwnShare ? describeShareChecks(chain, above) : describeChecks(chain, above);
  const at = obstacle?.chain ?? chain;
  const culprit = at === chain ? undefined : describeCulprit(at);
  const { breach } = at.book;
  if (breach !== undefined && obstacle?.kind === "broken") {
    const { rule, blockHeight, transactionIndex, message, against } = breach;
    const place = { blockHeight, transactionIndex, lastRecord: against?.sequence };
    return { kind: "broken", culprit, rule, ...place, message, height, checks };
  }
  const { voided } = at.asked;
  if (voided !== undefined && obstacle?.kind === "void") {
    return { kind: "void", culprit, sequence: voided.sequence, sinceHeight: voided.due + 1 };
  }
  const isChecking = chain.progress !== undefined || obstacle?.kind === "checking";
  const isUnchecked = checkedHeight === 0 || at.checkedHeight === 0 || isChecking;
  // A chain that was checked before is shown as it was: that nobody answers now is said beside it.
  const isSilent = obstacle?.kind === "down" || obstacle?.kind === "unread";
  const isAway = isSilent && at.connection !== "connecting" && (at !== chain || isUnchecked);
  const isShared = obstacle?.kind === "ownShare";
  const isStopped = !isSilent && !isShared && obstacle?.kind !== "checking";
  if (obstacle !== undefined && (isAway || isStopped)) {
    const since = at.withheldSince ?? at.checkedHeight;
    const sinceHeight = since === 0 ? height : since;
    return { kind: "waiting", culprit, reason: describeReason(obstacle), sinceHeight };
  }
  if (isUnchecked) {
    const { done, total, secondsLeft } = at.progress ?? {
      done: book.tip.height,
      total: Math.max(1, book.tip.height),
      secondsLeft: undefined,
    };
    return { kind: "checking", done, total, secondsLeft };
  }
  const last = book.lastPost;
  const confirmations =
    last === undefined ? 0 : Math.max(0, checkedHeight + 1 - last.record.height);
  return {
    kind: "honest",
    height: checkedHeight,
    blockHeight: book.tip.height,
    confirmations,
    isOwnShare,
    sharedAbove: isShared ? culprit : undefined,
    checks,
  };
}

function describeCulprit({ followed }: TrackedChain): CulpritView {
  return { id: formatHex(followed.facts.id), label: followed.label, operatorUrl: followed.url };
}

function describeReason({ kind, chain: { book, unusable } }: Obstacle): string {
  switch (kind) {
    case "withheld":
      return `The operator recorded post ${book.postCount + 1} on the main chain, and nobody serves the block that it names`;
    case "unread":
      return "No main-chain node proves what is recorded of it. Shown is what was checked before";
    case "unusable":
      if (unusable?.rule === "NOT_RESUMED") {
        return "It has switched to the main chain, and its posts there do not go on from what it had posted before. Nobody can say who is to blame";
      }
      return `What is served as block ${unusable?.blockHeight ?? 0} is not a block that the operator signed: ${unusable?.message ?? ""}. Whoever served it may have changed it, so the operator is not blamed`;
    case "down":
      return "The operator cannot be reached. Shown is what was checked before";
    case "unanchored":
      return "The contract that this chain is made of is not yet recorded there under enough confirmations";
    case "ownShare":
    case "broken":
    case "void":
    case "checking":
      return "";
  }
}

function describeChecks(chain: TrackedChain, above: readonly TrackedChain[]): CheckView[] {
  const { book, checkedHeight, switched, followed } = chain;
  const upTo = `main-chain block ${checkedHeight}`;
  const mayLeave = followed.nested?.anchor.kind === "chain";
  const last = book.lastPost;
  const block = `block ${book.tip.height}`;
  return [
    { what: "Main-chain headers, each with its work", count: checkedHeight, upTo },
    {
      what: `Records of this chain with their proofs, and that there is no further one${mayLeave ? ", and whether it has switched" : ""}`,
      count: book.postCount,
      upTo,
    },
    ...(switched === undefined ? [] : [describeSwitch(chain, switched, upTo)]),
    {
      what: "Blocks under a record, linked without a gap",
      count: last?.blockHeight ?? 0,
      upTo: last === undefined ? "none yet" : `record ${last.sequence}`,
    },
    {
      what: "Blocks, each with its proof of the state before",
      count: book.tip.height,
      upTo: block,
    },
    { what: "Transactions, each by its rule", count: book.counts.transactions, upTo: block },
    { what: "Signatures of operator and owners", count: book.counts.signatures, upTo: block },
    {
      what: "Contracts that stand, none over another",
      count: book.live.size + crowdCount(book.crowd),
      upTo: block,
    },
    ...above.map(describeAbove),
  ];
}

/** What was checked of a chain above: its blocks, or the own share alone. */
function describeAbove({ followed, book }: TrackedChain): CheckView {
  const { shareSince, tip, lastPost, postCount } = book;
  const name = `the chain above, ${followed.label || formatHex(followed.facts.id).slice(0, 8)}`;
  const upTo = `record ${lastPost?.sequence ?? 0}`;
  return shareSince === undefined
    ? { what: `Blocks of ${name}, checked the same way`, count: tip.height, upTo }
    : {
        what: `Records of ${name}, at which the contract of the chain inside and the last post of each chain that posts there were proven`,
        count: postCount - shareSince,
        upTo,
      };
}

function describeSwitch({ book }: TrackedChain, { record, anchored = 0 }: Switched, upTo: string) {
  return {
    what: `Posts on the main chain itself since height ${record.height}, after all that the chain above showed of it below`,
    count: Math.max(0, book.postCount - anchored),
    upTo,
  };
}

/** The receipt of who checks his own share alone: what was looked at, and what was not. */
function describeShareChecks(chain: TrackedChain, above: readonly TrackedChain[]): CheckView[] {
  const { book, checkedHeight } = chain;
  const since = book.shareSince ?? 0;
  const upTo = `main-chain block ${checkedHeight}`;
  const passed = [chain, ...above].reduce((sum, each) => sum + countPassed(each), 0);
  return [
    { what: "Main-chain headers, each with its work", count: checkedHeight, upTo },
    {
      what: "Records of this chain whose blocks were checked whole, before only your share was",
      count: since,
      upTo: `record ${since}`,
    },
    {
      what: "Records since at which each of your contracts was proven to stand",
      count: book.postCount - since,
      upTo,
    },
    { what: "Contracts of yours that stand", count: book.live.size, upTo },
    ...above.map(describeAbove),
    {
      what: "Blocks that were not looked at: what others hold, what was given to you since, and whether a rule was broken there is not known",
      count: passed,
      upTo,
    },
  ];
}

/** Blocks that an own share has gone past without looking. */
function countPassed({ book, rereading }: TrackedChain): number {
  if (book.shareSince === undefined) return 0;
  return book.tip.height - Math.min(book.tip.height, rereading?.tip.height ?? book.tip.height);
}
