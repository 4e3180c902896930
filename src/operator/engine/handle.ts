import { assert } from "../../lib/assert.ts";
import { formatHex } from "../../lib/hex.ts";
import { refuse } from "../../lib/verdict.ts";
import { handleBet } from "./bets.ts";
import { nextBlockAt } from "./blockTimes.ts";
import { handleSignedState, handleState } from "./contractStates.ts";
import { handlePost, handleSeal } from "./descendants.ts";
import type { Effect, EngineEvent, MainView, TraderRequest } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { handleMarket } from "./openMarket.ts";
import { dropLapsed, handleCancel, handleOrder } from "./orders.ts";
import { advancePosts, handleSignedPost, handleSignedTransaction, resendPosts } from "./posts.ts";
import { handleProposalCloses } from "./proposals.ts";
import { handlePurchase } from "./purchases.ts";
import { judgeRecords } from "./records.ts";
import { findLapses, handleEvidence, handleOwnCloses } from "./redemptions.ts";
import { finishRounds, handleQuote, handleSale } from "./sales.ts";
import { handleSignedBlock, sealWhenReady, signDraft } from "./sealBlock.ts";
import { advanceSwitch, handleSignedSwitch, watchAnchor } from "./switchOver.ts";

/**
 * Let one event happen to the operator. The state is changed in place; what must be done about it is
 * returned, in order. The same events at the same times always lead to the same state and effects.
 *
 * @param nowMs - unix milliseconds; never less than at the event before.
 */
export function handle(state: EngineState, event: EngineEvent, nowMs: number): Effect[] {
  state.nowMs = Math.max(state.nowMs, nowMs);
  const effects = handleOne(state, event);
  effects.push(...finishRounds(state), ...sealWhenReady(state));
  effects.push(...advanceSwitch(state), ...advancePosts(state));
  return effects;
}

/**
 * What a process that has just read its rows must do: take orders off the disk that are over, and finish the block that
 * was decided before it died.
 */
export function resume(state: EngineState): Effect[] {
  const operations = state.overRows.map((key) => ({ kind: "delete", key }) as const);
  state.overRows = [];
  return [
    ...(operations.length === 0 ? [] : [{ kind: "commit", operations } as const]),
    ...(state.sealing === undefined ? [] : [signDraft(state.sealing.block)]),
  ];
}

/** When the engine wants a `tick` at the latest; undefined while it waits for nothing but events. */
export function nextDeadline(state: EngineState): number | undefined {
  const times: number[] = [];
  const blockAtMs = nextBlockAt(state);
  if (state.sealing === undefined) {
    if (state.frozenUntilMs !== undefined) times.push(state.frozenUntilMs);
    else if (blockAtMs !== undefined) times.push(blockAtMs);
  }
  for (const { untilMs } of state.quoteRounds.values()) times.push(untilMs);
  if (state.unpostedSinceMs !== undefined) {
    const dueMs = state.unpostedSinceMs + state.policy.postMs;
    // Once it is past its time a post waits for the main chain, which comes as an event.
    if (dueMs > state.nowMs) times.push(dueMs);
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

function handleOne(state: EngineState, event: EngineEvent): Effect[] {
  switch (event.kind) {
    case "purchase":
    case "bet":
    case "sale":
    case "closes":
    case "state":
    case "seal":
    case "post":
    case "order":
    case "cancel":
    case "market":
      return handleRequest(state, event);
    case "quote":
      return handleQuote(state, event);
    case "takerJoined":
      state.takers.set(formatHex(event.taker), event.taker);
      return [];
    case "takerLeft":
      state.takers.delete(formatHex(event.taker));
      return [];
    case "mainTip":
      return handleMainTip(state, event.view);
    case "evidence":
      return handleEvidence(state, event.conditionHash, event.proven);
    case "signed":
      return handleSigned(state, event);
    case "transactionSigned":
      return handleSignedTransaction(state, event);
    case "tick":
      return [];
  }
}

/** While a block is at the signer its successor's tip is not known: what needs a tip waits. */
function handleRequest(state: EngineState, event: TraderRequest): Effect[] {
  if (event.kind === "state") return handleState(state, event);
  if (event.kind === "cancel") return handleCancel(state, event);
  if (event.kind === "market") return handleMarket(state, event);
  if (state.sealing === undefined) return handleOnTip(state, event);
  if (state.deferred.length >= state.policy.deferredMax) {
    const answer = refuse("BUSY", "too many requests wait for the next block; try again later");
    return [{ kind: "reply", request: event.request, answer }];
  }
  state.deferred.push(event);
  return [];
}

function handleOnTip(state: EngineState, event: TraderRequest): Effect[] {
  switch (event.kind) {
    case "purchase":
      return handlePurchase(state, event);
    case "bet":
      return handleBet(state, event);
    case "sale":
      return handleSale(state, event);
    case "closes": {
      const { request, proposalId, closes } = event;
      return proposalId === undefined
        ? handleOwnCloses(state, request, closes)
        : handleProposalCloses(state, request, proposalId, closes);
    }
    case "seal":
      return handleSeal(state, event);
    case "post":
      return handlePost(state, event);
    case "order":
      return handleOrder(state, event);
    case "state":
      return handleState(state, event);
    case "cancel":
      return handleCancel(state, event);
    case "market":
      return handleMarket(state, event);
  }
}

function handleSigned(state: EngineState, event: EngineEvent & { kind: "signed" }): Effect[] {
  const { subject, signature } = event;
  switch (subject.kind) {
    case "state":
      return handleSignedState(state, subject.contractId, signature);
    case "post":
      return handleSignedPost(state, subject.sequence, signature);
    case "switch":
      return handleSignedSwitch(state, signature);
    case "block": {
      const effects = handleSignedBlock(state, signature);
      const { deferred } = state;
      state.deferred = [];
      for (const request of deferred) effects.push(...handleOnTip(state, request));
      return effects;
    }
  }
}

function handleMainTip(state: EngineState, view: MainView): Effect[] {
  // What was read of the anchor before it was left says nothing of the posts on the main chain.
  if (state.switched !== undefined && view.anchored !== undefined) return [];
  // A database older than the chain's own record would lead to a second block of some height.
  assert(
    view.recorded <= state.posts.length,
    `the main chain has ${view.recorded} posts of this chain, this database ${state.posts.length}`,
  );
  state.main = view;
  watchAnchor(state, view);
  // Facts proven under an older tip may be gone after a reorg.
  state.proven.clear();
  return [
    ...dropLapsed(state),
    ...judgeRecords(state, view),
    ...resendPosts(state),
    ...findLapses(state),
  ];
}
