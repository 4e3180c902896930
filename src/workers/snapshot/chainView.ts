import type { LiveContract } from "../../client/chainBook.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { computeAddress } from "../../protocol/amoveo/address.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type {
  ChainView,
  CheckView,
  LayerView,
  MarketView,
  SegmentView,
  Standing,
  VerdictView,
} from "../walletApi.ts";
import { describeConditions } from "./outlook.ts";
import { describePhase } from "./phase.ts";

/**
 * What the page shows of a chain.
 *
 * @param ancestors - the chains that it is inside of, the nearest first. @param height - of the best main-chain header checked here.
 */
export function describeChain(
  chain: TrackedChain,
  ancestors: readonly TrackedChain[],
  owner: Uint8Array | undefined,
  height: number,
  parameters: NetworkParameters,
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
    blocks: book.tip.height,
    posts: book.posts.length,
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

/** The strip, from low to high: cells with their layers, and the operator's free space between. */
function describeSegments(chain: TrackedChain, owner: Uint8Array | undefined): SegmentView[] {
  const { facts } = chain.followed;
  const cells = new Map<bigint, { hi: bigint; contracts: LiveContract[] }>();
  for (const contract of chain.book.live.values()) {
    const { lo, hi } = contract.place;
    const cell = cells.get(lo) ?? { hi, contracts: [] };
    cell.contracts.push(contract);
    cells.set(lo, cell);
  }
  const segments: SegmentView[] = [];
  let at = facts.lo;
  const free = (lo: bigint, hi: bigint): SegmentView => ({
    lo,
    hi,
    layers: [{ contractId: undefined, isMine: false, when: "" }],
  });
  for (const [lo, { hi, contracts }] of [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (at < lo) segments.push(free(at, lo));
    const layers = contracts.map((contract) => describeLayer(chain, contract, owner));
    segments.push({
      lo,
      hi,
      layers: layers.toSorted((a, b) => Number(b.isMine) - Number(a.isMine)),
    });
    at = hi;
  }
  if (at < facts.hi) segments.push(free(at, facts.hi));
  return segments;
}

function describeLayer(
  chain: TrackedChain,
  { leaf, place }: LiveContract,
  owner: Uint8Array | undefined,
): LayerView {
  return {
    contractId: formatHex(leaf.id),
    isMine: owner !== undefined && equalBytes(leaf.owner, owner),
    when: describeConditions(chain, place)
      .map(({ words }) => words)
      .join(" and "),
  };
}

function describeVerdict(chain: TrackedChain, height: number): VerdictView {
  const { book, withheldSince, checkedHeight, connection } = chain;
  if (book.breach !== undefined) {
    const { rule, blockHeight, transactionIndex, message } = book.breach;
    return { kind: "broken", rule, blockHeight, transactionIndex, message };
  }
  if (withheldSince !== undefined) {
    const reason =
      "The operator recorded a block on the main chain and serves no data for it. What you held before it is safe; nothing new from this chain is accepted until it answers.";
    return { kind: "waiting", reason, sinceHeight: withheldSince };
  }
  if (checkedHeight === 0) {
    if (connection === "down") {
      const reason = "The operator cannot be reached. Shown is what was checked before.";
      return { kind: "waiting", reason, sinceHeight: height };
    }
    return { kind: "checking", done: book.tip.height, total: Math.max(1, book.tip.height) };
  }
  return {
    kind: "honest",
    height: checkedHeight,
    blockHeight: book.tip.height,
    checks: describeChecks(chain),
  };
}

function describeChecks({ book, checkedHeight }: TrackedChain): CheckView[] {
  const upTo = `main-chain height ${checkedHeight}`;
  const lastPost = book.posts.at(-1);
  return [
    { what: "Main-chain headers, each with its work", count: checkedHeight, upTo },
    {
      what: "Records of this chain on the main chain, and the proof that there is no further one",
      count: book.posts.length,
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
      count: book.live.size,
      upTo: `block ${book.tip.height}`,
    },
  ];
}
