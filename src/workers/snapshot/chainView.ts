import type { TrackedChain } from "../../client/chainTracker.ts";
import type { Obstacle } from "../../client/obstacle.ts";
import { formatHex } from "../../lib/hex.ts";
import { computeAddress } from "../../protocol/amoveo/address.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { ChainView, MarketView, Standing } from "../walletApi.ts";
import { describePhase, describeSchedule } from "./phase.ts";
import { describeSegments } from "./segments.ts";
import { describeVerdict } from "./verdictView.ts";
import { describeWithheld } from "./withheldView.ts";

/**
 * What is above a chain: the chains that it is inside of, the nearest first, those that its posts go through, and
 * what keeps the wallet from acting in it.
 */
type Above = {
  readonly ancestors: readonly TrackedChain[];
  readonly anchors: readonly TrackedChain[];
  readonly obstacle: Obstacle | undefined;
};

/**
 * What the page shows of a chain.
 *
 * @param mode - how its holder wants it to be checked. @param height - of the best main-chain header checked here.
 */
export function describeChain(
  chain: TrackedChain,
  { ancestors, anchors, obstacle }: Above,
  owner: Uint8Array | undefined,
  height: number,
  parameters: NetworkParameters,
  mode: ChainView["mode"],
): ChainView {
  const { followed, book } = chain;
  const { facts, nested } = followed;
  const anchorId = nested?.anchor.kind === "chain" ? nested.anchor.id : undefined;
  const idOf = (each: TrackedChain) => formatHex(each.followed.facts.id);
  return {
    id: formatHex(facts.id),
    topId: idOf(ancestors.at(-1) ?? chain),
    label: followed.label,
    ancestors: ancestors.map(idOf),
    postsIn: anchorId && chain.switched === undefined ? formatHex(anchorId) : undefined,
    switchedAt: chain.switched?.record.height,
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
    verdict: describeVerdict(chain, ancestors, obstacle, height),
    mode,
    withheld: describeWithheld([chain, ...anchors], height, parameters),
    blocks: book.tip.height,
    posts: book.postCount,
    markets: listAtOnce(followed.markets).map((market) => describeMarket(chain, market, height)),
    phase: describePhase(chain, height, parameters),
    schedule: describeSchedule(chain, height, parameters),
  };
}

/** A binary question on which bets are taken at once. */
type MarketAtOnce = { readonly oracle: Uint8Array; readonly yesBps: number };

function listAtOnce(markets: TrackedChain["followed"]["markets"]): MarketAtOnce[] {
  return markets.flatMap(({ ask, yesBps }) =>
    ask.kind === "binary" && yesBps !== undefined ? [{ oracle: ask.oracle, yesBps }] : [],
  );
}

function describeMarket(
  chain: TrackedChain,
  { oracle, yesBps }: MarketAtOnce,
  height: number,
): MarketView {
  const record = chain.oracles.get(formatHex(oracle));
  const standing: Standing =
    record === undefined
      ? { kind: "pending", waitsFor: "the oracle's record on the main chain" }
      : { kind: "verified", height };
  return {
    id: formatHex(oracle),
    question: record?.question ?? "",
    result: record?.result ?? "open",
    resultStanding: standing,
    yesPercent: yesBps / 100,
  };
}
