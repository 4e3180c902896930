import { writeAnchoredProof } from "../../blocks/anchoredProof.ts";
import { isRunTrue } from "../../chain/settlement/contractRun.ts";
import { lastLeaf } from "../../chain/settlement/shownLine.ts";
import { splitPrize } from "../../chain/settlement/splitPrize.ts";
import { disassemble } from "../../chalang/disassemble.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import { isLeafVoid } from "../../client/historyEnd.ts";
import { isCash } from "../../client/journeys/cash.ts";
import { findOwnSet } from "../../client/journeys/ownSet.ts";
import { whyStopped } from "../../client/obstacle.ts";
import { findBookByCondition } from "../../client/orders/offeredBooks.ts";
import type { OwnLeaf } from "../../client/ownLeaves.ts";
import { createAnchoredProof } from "../../client/ownProof.ts";
import { positionOf } from "../../client/positionOf.ts";
import type { SettlementStatus } from "../../client/settlementStatus.ts";
import type { Wallet } from "../../client/wallet.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { TRUE_SCRIPT } from "../../protocol/script.ts";
import type { ContractAction, ContractView, Standing } from "../walletApi.ts";
import { type ConditionOutlook, combineChances, describeConditions } from "./outlook.ts";
import { describePhase, quietFrom } from "./phase.ts";
import { describeShowing } from "./showingView.ts";

const WHOLE = 10_000n;
const NO_ID = new Uint8Array();

/** What the page shows of an own contract, held or given up. */
export function describeContract(wallet: Wallet, chain: TrackedChain, own: OwnLeaf): ContractView {
  const { leaf, place } = own;
  const id = formatHex(leaf.id);
  const outlooks = describeConditions(chain, place);
  const { signed, half } = wallet.states.termsOf(leaf.id);
  const kind = kindOf(outlooks, own);
  const state = stateOf(chain, own, outlooks);
  const proof = createAnchoredProof(own);
  const stopped =
    state === "held" ? whyStopped(chain, wallet.tracker, wallet.mainChain) : undefined;
  const top = (wallet.tracker.ancestors(chain).at(-1) ?? chain).followed.facts;
  return {
    id,
    chainId: formatHex(chain.followed.facts.id),
    positionId: state === "closed" || state === "void" ? id : firstOf(positionOf(chain, own)),
    title: titleOf(chain, own, kind),
    kind,
    state,
    ownChain: describeOwnChain(wallet, chain, own),
    standing: standingOf(wallet, own),
    lo: leaf.lo,
    hi: leaf.hi,
    prizeWidth: top.hi - top.lo,
    expected: {
      amount:
        isOver(state) || isPaid(chain, own) ? 0n : worthOf(wallet, chain, own, state, outlooks),
      standing: standingOf(wallet, own),
    },
    cost: costOf(wallet, own),
    conditions: outlooks.map(({ words, outcome }) => ({ words, outcome })),
    script: disassemble(signed?.state.script ?? TRUE_SCRIPT),
    nonce: signed?.state.nonce ?? 0,
    signedBy: signed !== undefined ? ["you", "operator"] : half !== undefined ? ["you"] : [],
    proofBytes:
      proof === undefined
        ? own.path.length
        : encode((writer) => writeAnchoredProof(writer, proof)).length,
    history: historyOf(own),
    actions: stopped === undefined ? actionsOf(wallet, chain, own, outlooks, state) : [],
    stopped,
    showing: describeShowing(wallet, chain, own, state),
  };
}

/** By the market's price while it is open; once it has won, what is left of the prize for it. */
function worthOf(
  { tracker }: Wallet,
  chain: TrackedChain,
  { leaf }: OwnLeaf,
  state: ContractView["state"],
  outlooks: readonly ConditionOutlook[],
): bigint {
  // What a sealed contract has won is the prize of the chain that it has become.
  if (state !== "won" || leaf.sealed) {
    return ((leaf.hi - leaf.lo) * combineChances(outlooks)) / WHOLE;
  }
  const line = [chain, ...tracker.ancestors(chain)].toReversed();
  return splitPrize(
    chain.followed.prize,
    line.map(({ followed }) => followed.depositBps),
  ).net;
}

function isOver(state: ContractView["state"]): boolean {
  return state === "lost" || state === "closed" || state === "void";
}

/** Whether what it has won is in the winner's account: of a chain inside, only when that chain has ended, too. */
function isPaid({ settlement, ownChain }: TrackedChain, { leaf }: OwnLeaf): boolean {
  const last = leaf.sealed ? ownChain : settlement;
  return last?.settled !== undefined;
}

function kindOf(outlooks: readonly ConditionOutlook[], { place }: OwnLeaf): ContractView["kind"] {
  if (outlooks.some((each) => each.kind === "payment")) {
    return place.conditions.at(-1)?.side === false ? "lapsed" : "unpaid";
  }
  if (outlooks.length === 0) return "space";
  return place.conditions[0]?.side === true ? "yes" : "no";
}

function stateOf(
  chain: TrackedChain,
  own: OwnLeaf,
  outlooks: readonly ConditionOutlook[],
): ContractView["state"] {
  const { leaf } = own;
  if (!chain.book.live.has(formatHex(own.leaf.id))) {
    return isLeafVoid(own, chain.voidFrom) ? "void" : "closed";
  }
  const { settlement } = chain;
  if (settlement === undefined) return "held";
  const covers = leaf.lo <= settlement.point && settlement.point < leaf.hi;
  const isFor = outlooks.every(({ outcome, kind }) => outcome === "for" && kind === "oracle");
  if (!covers || !isFor) return "lost";
  const winner = settlement.settled?.winner;
  if (settlement.settled === undefined) return "won";
  return winner !== undefined && equalBytes(winner.contractId, leaf.id) ? "won" : "lost";
}

function standingOf(wallet: Wallet, { post }: OwnLeaf): Standing {
  if (post === undefined) {
    return { kind: "pending", waitsFor: "the record of its block on the main chain" };
  }
  const { confirmations } = wallet.mainChain.book().parameters;
  const height = wallet.mainChain.tip().header.height;
  const missing = post.record.height + confirmations - 1 - height;
  if (missing > 0) return { kind: "pending", waitsFor: `${missing} more main-chain blocks` };
  return { kind: "verified", height };
}

function titleOf(chain: TrackedChain, own: OwnLeaf, kind: ContractView["kind"]): string {
  if (kind === "space") return "Plain space";
  if (kind === "unpaid" || kind === "lapsed") return "Space on its way";
  for (const { hash } of own.place.conditions) {
    const offered = findBookByCondition(chain.followed.markets, hash);
    if (offered?.market.ask.kind === "categorical") {
      const { question, outcomes } = offered.market;
      return `${kind === "yes" ? "Yes" : "No"}: ${question} ${outcomes[offered.outcome] ?? ""}`;
    }
    const [fact] = chain.book.conditions.get(formatHex(hash))?.facts ?? [];
    const record = fact && chain.oracles.get(formatHex(fact.key));
    if (record !== undefined) return `${kind === "yes" ? "Yes" : "No"}: ${record.question}`;
  }
  return kind === "yes" ? "Yes side of a bet" : "No side of a bet";
}

function firstOf(ids: readonly Uint8Array[]): string {
  return ids.map(formatHex).toSorted()[0] ?? "";
}

/** What was given for the contract: in a match of orders, or its share of the purchase of the space that it stands on. */
export function costOf(wallet: Wallet, { leaf, cost }: OwnLeaf): bigint {
  if (cost !== undefined) return cost;
  for (const [, journey] of wallet.hands()?.journeys.list() ?? []) {
    if (journey.kind !== "purchase") continue;
    const { lo, hi, price } = journey.offer;
    if (lo <= leaf.lo && leaf.hi <= hi) return (price * (leaf.hi - leaf.lo)) / (hi - lo);
  }
  return 0n;
}

function historyOf({ madeIn, post, closedIn, closedUnder }: OwnLeaf): ContractView["history"] {
  const made = post && {
    height: post.record.height,
    words: `Made in block ${madeIn}, record ${post.sequence}`,
  };
  const closed = closedIn && {
    height: closedUnder?.height ?? 0,
    words: `Given up in block ${closedIn}`,
  };
  return [...(made ? [made] : []), ...(closed ? [closed] : [])];
}

function actionsOf(
  wallet: Wallet,
  chain: TrackedChain,
  own: OwnLeaf,
  outlooks: readonly ConditionOutlook[],
  state: ContractView["state"],
): ContractAction[] {
  const height = wallet.mainChain.tip().header.height;
  const { expiry } = chain.followed.facts;
  if (state === "won") return endActions(chain, own, height);
  if (state !== "held" || height >= expiry) return [];
  const isPaidFor = outlooks.every(({ kind }) => kind !== "payment");
  if (!isPaidFor) return [];
  const isDecidedFor = outlooks.length > 0 && outlooks.every(({ outcome }) => outcome === "for");
  // A chain inside can be neither given up nor changed by its owner any more.
  if (own.leaf.sealed) return [];
  // Who has lost has nothing left to do with it.
  if (outlooks.some(({ outcome }) => outcome === "against")) return [];
  const actions: ContractAction[] = ["update", "sell"];
  if (isCash(own)) actions.push("nest");
  // Who loses by the answer is closed as void in the same block.
  if (isDecidedFor) {
    if (areResultsDeep(wallet, chain, own)) actions.push("redeem");
  } else if (findOwnSet(chain, own) !== undefined) actions.push("merge");
  return actions;
}

/** Whether the answers to what a contract hangs on are as deep as the operator wants them before he makes it plain space. */
function areResultsDeep(
  { mainChain }: Wallet,
  { book, oracles }: TrackedChain,
  { place }: OwnLeaf,
) {
  const facts = place.conditions.flatMap(
    ({ hash }) => book.conditions.get(formatHex(hash))?.facts ?? [],
  );
  const deepest = mainChain.tip().header.height - mainChain.book().parameters.confirmations;
  return facts.every(({ key }) => (oracles.get(formatHex(key))?.resultHeight ?? 0) <= deepest);
}

/** Where the chain is that a sealed contract has become. It is its owner's, so he alone is shown it here. */
function describeOwnChain(
  { mainChain }: Wallet,
  { followed, settlement, ownChain }: TrackedChain,
  { leaf }: OwnLeaf,
): ContractView["ownChain"] {
  const winner = settlement?.settled?.winner;
  if (ownChain === undefined || !equalBytes(winner?.contractId ?? NO_ID, leaf.id)) return undefined;
  const { id, owner: operator, lo, hi } = leaf;
  const facts = { id, operator, lo, hi, expiry: followed.facts.expiry };
  const chain = { followed: { ...followed, facts }, settlement: ownChain };
  return describePhase(chain, mainChain.tip().header.height, mainChain.book().parameters);
}

function endActions(chain: TrackedChain, own: OwnLeaf, height: number): ContractAction[] {
  const { settlement, followed, ownChain } = chain;
  if (settlement === undefined) return [];
  if (settlement.settled !== undefined) {
    // Where a buyer has won inside, the prize is his, and so is the last word.
    const isOwed = ownChain?.settled === undefined && ownChain?.results.every(isNotTrue) === true;
    return isOwed && height + 1 >= quietFrom(ownChain, followed) ? ["collectOwnChain"] : [];
  }
  const isClaimed = settlement.results.some(({ line }) =>
    equalBytes(lastLeaf(line).id, own.leaf.id),
  );
  const { claimsEnd } = settlement;
  if (!isClaimed) return height + 1 < claimsEnd ? ["claim"] : [];
  return height + 1 >= quietFrom(settlement, followed) ? ["collect"] : [];
}

function isNotTrue({ run, removal }: SettlementStatus["results"][number]): boolean {
  return removal !== undefined || !isRunTrue(run);
}
