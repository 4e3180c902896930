import type { SignedClose } from "../../api/operatorApi.ts";
import { judgeExactAuthority } from "../../blocks/applyTransactions.ts";
import { verifyFactEvidence } from "../../blocks/verifyFactEvidence.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, judge, Refusal, refuse, type Verdict } from "../../lib/verdict.ts";
import { createRedemption, findFullSet, otherSide } from "../../market/redemption.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { ContractClose } from "../../protocol/contractClose.ts";
import { type ContractNew, encodeContractNew } from "../../protocol/contractNew.ts";
import type { Place } from "../../protocol/place.ts";
import { blockContext, enqueue, findObstacle, knownConditions } from "./blockQueue.ts";
import { contractsUnder, type LiveContract } from "./contractIndex.ts";
import type { Effect, ProvenFacts } from "./engineEvent.ts";
import type { EngineState, Redemption } from "./engineState.ts";
import { findTipObstacle, freezeTip, isBusy } from "./proposals.ts";

/**
 * Take an owner's close without a proposal: a redemption, which needs the proof that its condition
 * came out for him, or a division of what he holds; or several, of a full set over one range, for what stands above it, which
 * needs no proof. It is answered by the block that takes it.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function handleOwnCloses(
  state: EngineState,
  request: number,
  closes: readonly SignedClose[],
): Effect[] {
  const reply = (answer: ReturnType<typeof refuse>): Effect[] => [
    { kind: "reply", request, answer },
  ];
  const [signed, ...others] = closes;
  if (signed === undefined) {
    return reply(refuse("WRONG_COUNT", "expected a close, or several, where no proposal is named"));
  }
  if (others.length > 0) {
    const merged = judge(() => insist(merge(state, request, [signed, ...others])));
    return merged.ok ? [] : reply(merged);
  }
  const judged = judge(() => judgeOwnClose(state, signed));
  if (!judged.ok) return reply(judged);
  const { contract, close, successors } = judged.value;
  const [only] = successors;
  if (isRedemption(contract, only)) {
    return redeem(state, { request, contract, close, successor: only });
  }
  const divided = judgeDivision(state, contract, successors);
  if (!divided.ok) return reply(divided);
  const queued = enqueue(state, {
    closes: [close],
    contracts: successors,
    conditions: knownConditions(state, successors),
    requests: [request],
  });
  return queued.ok ? [] : reply(queued);
}

/** Put a full set into the next block, and the one contract that takes its place. */
function merge(
  state: EngineState,
  request: number,
  signed: readonly [SignedClose, ...SignedClose[]],
): Verdict<null> {
  const parts = signed.map((each) => judgeOwnClose(state, each));
  const [first] = parts as [OwnClose];
  const held = parts.map(({ contract }) => contract);
  const set = findFullSet(first.contract.place, held, signed.length);
  const { owner, depositBps, scriptHash } = first.contract.leaf;
  const above = set && encodeContractNew({ place: set.above, owner, depositBps, scriptHash });
  const isNamed = parts.every(({ successors: [only, ...more] }) => {
    if (above === undefined || only === undefined || more.length > 0) return false;
    return equalBytes(encodeContractNew(only), above);
  });
  // A contract that is named twice is one of the set, and one too many.
  if (set?.contracts.length !== signed.length || !isNamed) {
    return refuse("NOT_A_SET", "the closes are not of a full set over one range for what is above");
  }
  return enqueue(state, {
    closes: parts.map(({ close }) => close),
    contracts: first.successors,
    conditions: knownConditions(state, first.successors),
    requests: [request],
  });
}

/** Go on with everything that waited for a condition's facts, or could do without them no longer. */
export function handleEvidence(
  state: EngineState,
  conditionHash: Uint8Array,
  proven: ProvenFacts | undefined,
): Effect[] {
  const key = formatHex(conditionHash);
  state.fetching.delete(key);
  if (proven !== undefined) state.proven.set(key, proven);
  const waiting = state.redemptions.get(key) ?? [];
  state.redemptions.delete(key);
  const effects = waiting.flatMap((redemption) => finishRedemption(state, redemption, proven));
  if (proven !== undefined) settlePayment(state, conditionHash, proven);
  return effects;
}

/** Ask for the facts of purchases whose time to pay is over, a bounded number of them. */
export function findLapses(state: EngineState): Effect[] {
  const { main, policy, index } = state;
  if (main === undefined || findObstacle(state) !== undefined) return [];
  const { confirmations } = state.rules.parameters;
  const effects: Effect[] = [];
  for (const contract of index.unpaid.values()) {
    if (effects.length >= policy.lapsesAtOnce) break;
    for (const { hash, side } of contract.place.conditions) {
      const condition = index.conditions.get(formatHex(hash));
      const fact = condition?.facts[0];
      if (condition === undefined || fact?.kind !== "payment" || !side) continue;
      const deadline = Math.min(fact.height, state.chain.expiry);
      if (deadline + confirmations > main.height) continue;
      effects.push(...fetchEvidence(state, condition));
    }
  }
  return effects;
}

/** End all redemptions that wait for a proof. */
export function dropRedemptions(state: EngineState, why: ReturnType<typeof refuse>): Effect[] {
  const waiting = [...state.redemptions.values()].flat();
  state.redemptions.clear();
  return waiting.map(({ request }) => ({ kind: "reply", request, answer: why }));
}

type OwnClose = {
  readonly contract: LiveContract;
  readonly close: ContractClose;
  readonly successors: readonly ContractNew[];
};

function judgeOwnClose(state: EngineState, signed: SignedClose): OwnClose {
  const obstacle = findObstacle(state);
  if (obstacle !== undefined) throw new Refusal(obstacle.code, obstacle.message);
  const key = formatHex(signed.close.contractId);
  const contract = state.index.live.get(key);
  if (contract === undefined) {
    throw new Refusal("NO_SUCH_CONTRACT", `no contract ${key} stands in this chain`);
  }
  demand(!isBusy(state, contract.leaf.id), "CLOSE_QUEUED", `contract ${key} is being closed`);
  const context = blockContext(state);
  const goodFor = signed.close.heightMax - context.mainHeight;
  demand(
    goodFor >= state.policy.closeMargin,
    "TOO_SHORT",
    `expected a close good for ${state.policy.closeMargin} more main-chain blocks, got ${goodFor}`,
  );
  const close: ContractClose = {
    contractId: contract.leaf.id,
    place: contract.place,
    authorisation: { kind: "exact", ...signed },
  };
  const authority = judgeExactAuthority(close, contract.leaf, context);
  if (!authority.ok) throw new Refusal(authority.code, authority.message);
  return { contract, close, successors: signed.close.successors };
}

function isRedemption(
  { leaf, place }: LiveContract,
  successor: ContractNew | undefined,
): successor is ContractNew {
  if (successor === undefined || place.conditions.length === 0) return false;
  const redeemed = createRedemption(leaf, place);
  return equalBytes(encodeContractNew(redeemed), encodeContractNew(successor));
}

function redeem(state: EngineState, part: Omit<Redemption, "condition">): Effect[] {
  const last = part.contract.place.conditions.at(-1);
  const condition = last && state.index.conditions.get(formatHex(last.hash));
  const { request } = part;
  if (condition === undefined) {
    const answer = refuse("CONDITION_MISSING", "the final condition's body is not known");
    return [{ kind: "reply", request, answer }];
  }
  const redemption = { ...part, condition };
  const key = formatHex(hashCondition(condition));
  const proven = state.proven.get(key);
  if (proven !== undefined) return finishRedemption(state, redemption, proven);
  const obstacle = findTipObstacle(state);
  if (obstacle !== undefined) return [{ kind: "reply", request, answer: obstacle }];
  state.redemptions.set(key, [...(state.redemptions.get(key) ?? []), redemption]);
  freezeTip(state);
  return fetchEvidence(state, condition);
}

function fetchEvidence(state: EngineState, condition: Condition): Effect[] {
  const key = formatHex(hashCondition(condition));
  if (state.fetching.has(key)) return [];
  state.fetching.add(key);
  return [{ kind: "fetchEvidence", condition }];
}

function finishRedemption(
  state: EngineState,
  redemption: Redemption,
  proven: ProvenFacts | undefined,
): Effect[] {
  const { request, contract, close, successor } = redemption;
  const queued = judge(() => {
    const { place } = contract;
    const isFor = judgeOutcome(state, redemption.condition, proven);
    if (!isFor.ok) throw new Refusal(isFor.code, isFor.message);
    const side = place.conditions.at(-1)?.side;
    demand(isFor.value === side, "CONDITION_FAILS", "the condition came out against this contract");
    const conditionIndex = place.conditions.length - 1;
    const voids = contractsUnder(state.index, otherSide(place)).map((loser) =>
      createVoid(state, loser, conditionIndex, redemption.condition, proven),
    );
    const item = {
      closes: [...voids, close],
      contracts: [successor],
      conditions: knownConditions(state, [successor]),
      requests: [request],
    };
    const taken = enqueue(state, item);
    if (!taken.ok) throw new Refusal(taken.code, taken.message);
  });
  return queued.ok ? [] : [{ kind: "reply", request, answer: queued }];
}

/** How a condition came out for ever, by facts deep enough under the main chain's tip. */
function judgeOutcome(
  state: EngineState,
  condition: Condition,
  proven: ProvenFacts | undefined,
): Verdict<boolean> {
  if (proven === undefined) {
    return refuse("NO_EVIDENCE", "the main-chain node could not prove the condition's facts");
  }
  const { evidence, header } = proven;
  if (header.height + state.rules.parameters.confirmations > (state.main?.height ?? 0)) {
    return refuse("NOT_CONFIRMED", "the facts are not deep enough under the main chain's tip");
  }
  const outcome = verifyFactEvidence(condition, evidence, header, state.chain.expiry);
  if (!outcome.ok) return outcome;
  if (!outcome.value.isFinal) return refuse("NOT_FINAL", "the condition is not decided yet");
  return accept(outcome.value.isTrue);
}

function createVoid(
  state: EngineState,
  { leaf, place }: LiveContract,
  conditionIndex: number,
  condition: Condition,
  proven: ProvenFacts | undefined,
): ContractClose {
  if (proven === undefined) throw new Refusal("NO_EVIDENCE", "no facts are proven");
  const { evidence, header } = proven;
  state.headers.set(formatHex(evidence.headerHash), header);
  return {
    contractId: leaf.id,
    place,
    authorisation: { kind: "void", conditionIndex, condition, evidence },
  };
}

/** A payment that is decided: contracts that waited for it are paid for good, or are voided. */
function settlePayment(state: EngineState, conditionHash: Uint8Array, proven: ProvenFacts): void {
  for (const [key, contract] of state.index.unpaid) {
    const conditionIndex = contract.place.conditions.findIndex(
      ({ hash, side }) => side && equalBytes(hash, conditionHash),
    );
    const condition = state.index.conditions.get(formatHex(conditionHash));
    if (conditionIndex < 0 || condition === undefined) continue;
    const isPaid = judgeOutcome(state, condition, proven);
    if (!isPaid.ok) continue;
    if (isPaid.value) {
      state.index.unpaid.delete(key);
    } else if (!isBusy(state, contract.leaf.id)) {
      const close = createVoid(state, contract, conditionIndex, condition, proven);
      // A full block is no loss: the next main-chain block asks again.
      enqueue(state, { closes: [close], contracts: [], conditions: [], requests: [] });
    }
  }
}

/**
 * Whether successors only divide what their contract held: inside its range, under all its
 * conditions and others that are known, none narrower than what is sold.
 */
function judgeDivision(
  state: EngineState,
  { place }: LiveContract,
  successors: readonly ContractNew[],
): Verdict<null> {
  return judge(() => {
    for (const successor of successors) {
      const to = successor.place;
      demand(
        place.lo <= to.lo && to.hi <= place.hi && keepsConditions(place, to),
        "NOT_OWN_SPACE",
        "a successor takes space that the closed contract does not hold",
      );
      demand(
        to.hi - to.lo >= state.policy.widthMin,
        "TOO_NARROW",
        `expected successors at least ${state.policy.widthMin} wide`,
      );
      demand(
        to.conditions.every(({ hash }) => state.index.conditions.has(formatHex(hash))),
        "CONDITION_MISSING",
        "a successor's condition is not known here",
      );
      demand(
        state.index.scripts.has(formatHex(successor.scriptHash)),
        "SCRIPT_MISSING",
        "a successor's script is not known here",
      );
    }
    return null;
  });
}

function keepsConditions(from: Place, to: Place): boolean {
  return from.conditions.every((own) =>
    to.conditions.some(({ hash, side }) => side === own.side && equalBytes(hash, own.hash)),
  );
}
