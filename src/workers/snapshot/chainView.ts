import type { TrackedChain } from "../../client/chainTracker.ts";
import { crowdCount } from "../../client/standing.ts";
import { formatHex } from "../../lib/hex.ts";
import { computeAddress } from "../../protocol/amoveo/address.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { ChainView, CheckView, MarketView, Standing, VerdictView } from "../walletApi.ts";
import { describePhase } from "./phase.ts";
import { describeSegments } from "./segments.ts";
import { describeWithheld } from "./withheldView.ts";

/**
 * What the page shows of a chain.
 *
 * @param mode - how its holder wants it to be checked. @param ancestors - the chains that it is inside of, the nearest first.
 * @param anchors - those that its posts go through. @param height - of the best main-chain header checked here.
 */
export function describeChain(
  chain: TrackedChain,
  ancestors: readonly TrackedChain[],
  anchors: readonly TrackedChain[],
  owner: Uint8Array | undefined,
  height: number,
  parameters: NetworkParameters,
  mode: ChainView["mode"],
): ChainView {
  const { followed, book } = chain;
  const { facts, nested } = followed;
  const idOf = (each: TrackedChain) => formatHex(each.followed.facts.id);
  return {
    id: formatHex(facts.id),
    topId: idOf(ancestors.at(-1) ?? chain),
    label: followed.label,
    ancestors: ancestors.map(idOf),
    postsIn: nested?.anchor.kind === "chain" ? formatHex(nested.anchor.id) : undefined,
    operatorUrl: followed.url,
    operator: computeAddress(facts.operator),
    connection: chain.connection,
    checkedAtMs: chain.checkedAtMs,
    lo: facts.lo,
    hi: facts.hi,
    prize: { amount: followed.prize, standing: { kind: "verified", height } },
    depositBps: followed.depositBps,
    expiry: facts.expiry,
    segments: describeSegments(chain, owner),
    verdict: describeVerdict(chain, height),
    mode,
    withheld: describeWithheld([chain, ...anchors], height, parameters),
    blocks: book.tip.height,
    posts: book.postCount,
    markets: followed.markets.map((market) => describeMarket(chain, market, height)),
    phase: describePhase(chain, height, parameters),
  };
}

function describeMarket(
  chain: TrackedChain,
  { oracleId, yesBps }: TrackedChain["followed"]["markets"][number],
  height: number,
): MarketView {
  const record = chain.oracles.get(formatHex(oracleId));
  const standing: Standing =
    record === undefined
      ? { kind: "pending", waitsFor: "the oracle's record on the main chain" }
      : { kind: "verified", height };
  return {
    id: formatHex(oracleId),
    question: record?.question ?? "",
    result: record?.result ?? "open",
    resultStanding: standing,
    yesPercent: yesBps / 100,
  };
}

function describeVerdict(chain: TrackedChain, height: number): VerdictView {
  const { book, withheldSince, checkedHeight, connection } = chain;
  if (book.breach !== undefined) {
    const { rule, blockHeight, transactionIndex, message } = book.breach;
    return { kind: "broken", rule, blockHeight, transactionIndex, message };
  }
  if (chain.asked.voided !== undefined) {
    const reason =
      "The operator did not serve what was recorded, when asked for it on the main chain: from then on the chain counts for nothing. What you held before stays verified.";
    return { kind: "waiting", reason, sinceHeight: chain.asked.voided.due };
  }
  if (withheldSince !== undefined) {
    const reason =
      "The operator recorded a block on the main chain and serves no data for it. What you held before it is safe; nothing new from this chain is accepted until it answers.";
    return { kind: "waiting", reason, sinceHeight: withheldSince };
  }
  if (checkedHeight === 0 || chain.progress !== undefined) {
    if (connection === "down") {
      const reason = "The operator cannot be reached. Shown is what was checked before.";
      return { kind: "waiting", reason, sinceHeight: height };
    }
    const { done, total, secondsLeft } = chain.progress ?? {
      done: book.tip.height,
      total: Math.max(1, book.tip.height),
      secondsLeft: undefined,
    };
    return { kind: "checking", done, total, secondsLeft };
  }
  return {
    kind: "honest",
    height: checkedHeight,
    blockHeight: book.tip.height,
    isOwnShare: book.shareSince !== undefined,
    checks: book.shareSince === undefined ? describeChecks(chain) : describeShareChecks(chain),
  };
}

function describeChecks({ book, checkedHeight }: TrackedChain): CheckView[] {
  const upTo = `main-chain height ${checkedHeight}`;
  const { lastPost } = book;
  return [
    { what: "Main-chain headers, each with its work", count: checkedHeight, upTo },
    {
      what: "Records of this chain on the main chain, and the proof that there is no further one",
      count: book.postCount,
      upTo,
    },
    {
      what: "Blocks of this chain: every transaction, its rule, signature and proof",
      count: book.tip.height,
      upTo: `block ${book.tip.height}`,
    },
    {
      what: "Blocks that stand under a record",
      count: lastPost?.blockHeight ?? 0,
      upTo: lastPost === undefined ? "none yet" : `record ${lastPost.sequence}`,
    },
    {
      what: "Contracts that stand, none over another",
      count: book.live.size + crowdCount(book.crowd),
      upTo: `block ${book.tip.height}`,
    },
  ];
}

/** The receipt of who checks his own share alone: what was looked at, and what was not. */
function describeShareChecks({ book, checkedHeight }: TrackedChain): CheckView[] {
  const since = book.shareSince ?? 0;
  const upTo = `main-chain height ${checkedHeight}`;
  return [
    { what: "Main-chain headers, each with its work", count: checkedHeight, upTo },
    {
      what: "Records of this chain whose blocks were checked whole, before only your share was",
      count: since,
      upTo: `record ${since}`,
    },
    {
      what: "Records since at which each of your contracts was proven to stand; other contracts were not looked at",
      count: book.postCount - since,
      upTo,
    },
    { what: "Contracts of yours that stand", count: book.live.size, upTo },
  ];
}
