import { runContractScript } from "../../blocks/contractScript.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { encodeContractState, writeSignedState } from "../../protocol/contractState.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../../protocol/script.ts";
import type { Effect, TraderRequest } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { rowKey } from "./rowKey.ts";

type StateProposal = TraderRequest & { kind: "state" };

/**
 * Take an owner's next terms. The operator signs only where he gives nothing up: the terms now are
 * true without any evidence, so the owner has everything already. The same state again gets the
 * same answer.
 *
 * @see docs/PROTOCOL.md section 5
 */
export function handleState(state: EngineState, event: StateProposal): Effect[] {
  const { request } = event;
  const key = formatHex(event.state.contractId);
  const body = encodeContractState(event.state);
  const last = state.states.get(key);
  if (last !== undefined && equalBytes(encodeContractState(last.state), body)) {
    return [{ kind: "reply", request, answer: accept({ kind: "state", signed: last }) }];
  }
  const open = state.stateRequests.get(key);
  if (open !== undefined && equalBytes(encodeContractState(open.state), body)) {
    open.requests.push(request);
    return [];
  }
  const judged = judgeState(state, event, body);
  if (!judged.ok) return [{ kind: "reply", request, answer: judged }];
  const { state: proposed, ownerSignature } = event;
  state.stateRequests.set(key, { state: proposed, ownerSignature, requests: [request] });
  const { contractId, nonce } = proposed;
  return [{ kind: "sign", subject: { kind: "state", contractId, nonce }, body }];
}

/** Keep the state that both have signed, then hand the signature out. */
export function handleSignedState(
  state: EngineState,
  contractId: Uint8Array,
  signature: Verdict<Uint8Array>,
): Effect[] {
  const key = formatHex(contractId);
  const open = state.stateRequests.get(key);
  if (open === undefined) return [];
  state.stateRequests.delete(key);
  if (!signature.ok) {
    return open.requests.map((request) => ({ kind: "reply", request, answer: signature }));
  }
  const { ownerSignature } = open;
  const signed = { state: open.state, ownerSignature, operatorSignature: signature.value };
  state.states.set(key, signed);
  const value = encode((writer) => writeSignedState(writer, signed));
  const answer = accept({ kind: "state", signed } as const);
  return [
    { kind: "commit", operations: [{ kind: "put", key: rowKey.state(contractId), value }] },
    ...open.requests.map((request) => ({ kind: "reply", request, answer }) as const),
  ];
}

/**
 * Whether the terms of a contract, as both have signed them last, are true without any evidence: then the operator gives
 * nothing up when its owner changes them, or changes the contract for another.
 */
export function isInFavour(state: EngineState, leaf: Leaf): boolean {
  const key = formatHex(leaf.id);
  if (state.stateRequests.has(key)) return false;
  const last = state.states.get(key);
  if (last === undefined && equalBytes(leaf.scriptHash, TRUE_SCRIPT_HASH)) return true;
  const terms = last?.state.script ?? state.index.scripts.get(formatHex(leaf.scriptHash));
  if (terms === undefined) return false;
  const now = runContractScript(new Uint8Array(), terms);
  return now.kind === "ran" && now.isTrue;
}

function judgeState(state: EngineState, event: StateProposal, body: Uint8Array): Verdict<null> {
  return judge(() => {
    const proposed = event.state;
    const key = formatHex(proposed.contractId);
    const contract = state.index.live.get(key);
    if (contract === undefined) {
      throw new Refusal("NO_SUCH_CONTRACT", `no contract ${key} stands in this chain`);
    }
    const { leaf } = contract;
    demand(!leaf.sealed, "SEALED", "a sealed contract has no states");
    demand(!state.stateRequests.has(key), "HALF_SIGNED", "another state is being signed");
    const last = state.states.get(key);
    const expected = (last?.state.nonce ?? 0) + 1;
    demand(
      proposed.nonce === expected,
      proposed.nonce < expected ? "OLDER_STATE" : "NONCE_SKIPPED",
      `expected state ${expected} of this contract, got ${proposed.nonce}`,
    );
    demand(
      isSignedBy(state.rules, "signState", body, event.ownerSignature, leaf.owner),
      "BAD_SIGNATURE",
      "the state is not signed by the contract's owner",
    );
    demand(
      !state.orders.byContract.has(key),
      "ORDER_STANDS",
      "the contract backs an order: take that back first",
    );
    demand(
      isInFavour(state, leaf),
      "NOT_IN_FAVOUR",
      "the terms now leave the outcome open, and the operator does not give that up",
    );
    demand(
      runContractScript(new Uint8Array(), proposed.script).kind === "ran",
      "SCRIPT_FAILS",
      "the proposed script does not run within the limits",
    );
    return null;
  });
}
