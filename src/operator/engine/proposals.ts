import type { SignedClose } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, type Failure, refuse, type Verdict } from "../../lib/verdict.ts";
import type { ContractClose } from "../../protocol/contractClose.ts";
import { encodeExactClose } from "../../protocol/contractClose.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { enqueue, isQueued } from "./blockQueue.ts";
import type { Effect } from "./engineEvent.ts";
import type { EngineState, Party, Proposal } from "./engineState.ts";

/** A new id for something proposed on this tip: 32 bytes, never given twice by one engine. */
export function createProposalId(state: EngineState): Uint8Array {
  state.proposalCount += 1;
  return sha256(
    encode((writer) =>
      writer.fixed(state.tip.hash, 32).u32(state.proposalCount).u64(BigInt(state.nowMs)),
    ),
  );
}

/**
 * Keep the tip for a bounded time, so that what is being signed on it can still count. One tip is kept
 * once: who comes late has what is left.
 */
export function freezeTip(state: EngineState): void {
  state.frozenUntilMs ??= state.nowMs + state.policy.freezeMs;
}

/** Why nothing may be proposed on this tip any more; undefined if it may. */
export function findTipObstacle(state: EngineState): Failure | undefined {
  const { frozenUntilMs, nowMs, policy } = state;
  if (frozenUntilMs !== undefined && frozenUntilMs - nowMs < policy.freezeMs / 2) {
    return refuse("BUSY", "the next block is about to be made; try again on it");
  }
  if (state.proposals.size + state.quoteRounds.size >= policy.proposalsMax) {
    return refuse("BUSY", "too many proposals are open; try again later");
  }
  return undefined;
}

/** Whether something waits for signatures or proofs on this tip. */
export function isTipAwaited(state: EngineState): boolean {
  if (state.redemptions.size > 0) return true;
  for (const proposal of state.proposals.values()) if (holdsTip(proposal)) return true;
  return false;
}

/** Whether a contract is part of a proposal that holds the tip, of a redemption, or of the next block. */
export function isBusy(state: EngineState, contractId: Uint8Array): boolean {
  if (isQueued(state, contractId)) return true;
  for (const proposal of state.proposals.values()) {
    const isParty = proposal.parties.some(({ contract }) =>
      equalBytes(contract.leaf.id, contractId),
    );
    if (isParty && holdsTip(proposal)) return true;
  }
  for (const redemptions of state.redemptions.values()) {
    for (const { contract } of redemptions) {
      if (equalBytes(contract.leaf.id, contractId)) return true;
    }
  }
  return false;
}

/** Take signed closes of a proposal. The request is answered by the block, or by the proposal's end. */
export function handleProposalCloses(
  state: EngineState,
  request: number,
  proposalId: Uint8Array,
  closes: readonly SignedClose[],
): Effect[] {
  const reply = (answer: Failure): Effect[] => [{ kind: "reply", request, answer }];
  const key = formatHex(proposalId);
  const proposal = state.proposals.get(key);
  if (proposal === undefined) {
    return reply(refuse("NO_SUCH_PROPOSAL", `no proposal ${key} is open on this tip`));
  }
  const signed: { party: Party; signature: Uint8Array }[] = [];
  for (const close of closes) {
    const judged = judgePartyClose(state, proposal, close);
    if (!judged.ok) return reply(judged);
    signed.push({ party: judged.value, signature: close.signature });
  }
  for (const { party, signature } of signed) party.signature = signature;
  proposal.requests.push(request);
  if (proposal.parties.some(({ signature }) => signature === undefined)) {
    freezeTip(state);
    return [];
  }
  state.proposals.delete(key);
  const queued = enqueue(state, {
    closes: proposal.parties.map(toContractClose),
    contracts: proposal.contracts,
    conditions: proposal.conditions,
    requests: proposal.requests,
  });
  if (!queued.ok) return endProposal(proposal, queued);
  state.isUrgent = true;
  return [];
}

/** The effects of a proposal's end without a block: whoever waits is told, and nothing has happened. */
function endProposal(proposal: Proposal, why: Failure): Effect[] {
  const { id, taker } = proposal;
  return [
    ...proposal.requests.map((request) => ({ kind: "reply", request, answer: why }) as const),
    { kind: "tell", taker, message: { kind: "ended", proposalId: id, code: why.code } },
  ];
}

/** End all proposals that `isOver` names, and take them out. */
export function endProposals(
  state: EngineState,
  isOver: (proposal: Proposal) => boolean,
  why: Failure,
): Effect[] {
  const effects: Effect[] = [];
  for (const [key, proposal] of state.proposals) {
    if (!isOver(proposal)) continue;
    state.proposals.delete(key);
    effects.push(...endProposal(proposal, why));
  }
  return effects;
}

/** A bet holds the tip from its beginning, a sale once one of its closes is here. */
export function holdsTip({ kind, parties }: Proposal): boolean {
  return kind === "bet" || parties.some(({ signature }) => signature !== undefined);
}

function judgePartyClose(
  state: EngineState,
  proposal: Proposal,
  { close, signature }: SignedClose,
): Verdict<Party> {
  const party = proposal.parties.find(({ contract }) =>
    equalBytes(contract.leaf.id, close.contractId),
  );
  if (party === undefined) {
    const id = formatHex(close.contractId);
    return refuse("NOT_A_PARTY", `contract ${id} is no part of this proposal`);
  }
  const body = encodeExactClose(close);
  if (!equalBytes(body, encodeExactClose(party.expected))) {
    return refuse("OTHER_CLOSE", "the close is not the one that the proposal lays out");
  }
  if (!isSignedBy(state.rules, "signClose", body, signature, party.contract.leaf.owner)) {
    return refuse("BAD_SIGNATURE", "the close is not signed by the contract's owner");
  }
  return accept(party);
}

function toContractClose({ contract, expected, signature }: Party): ContractClose {
  return {
    contractId: contract.leaf.id,
    place: contract.place,
    authorisation: { kind: "exact", close: expected, signature: signature ?? new Uint8Array() },
  };
}
