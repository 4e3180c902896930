import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { getValue } from "../../lib/map/merkleMap.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import { computeDescendantKey } from "../../protocol/post.ts";
import { enqueue } from "./blockQueue.ts";
import type { Effect, TraderRequest } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { isBusy } from "./proposals.ts";

/**
 * Take an owner's word that his contract is a chain from now on. It is answered by the block that
 * seals it; the rules are the block's own.
 */
export function handleSeal(
  state: EngineState,
  { request, seal, signature }: TraderRequest & { kind: "seal" },
): Effect[] {
  const contract = state.index.live.get(formatHex(seal.contractId));
  if (contract === undefined) {
    return reply(
      request,
      refuse("NO_SUCH_CONTRACT", "no contract of this id stands in this chain"),
    );
  }
  if (isBusy(state, seal.contractId)) {
    return reply(request, refuse("CLOSE_QUEUED", "the contract is being closed or sealed"));
  }
  const signed = { place: contract.place, seal, signature };
  return queue(state, request, { seals: [signed] });
}

/** Take the post of a chain further down. It is answered by the block that records it. */
export function handlePost(
  state: EngineState,
  { request, signed }: TraderRequest & { kind: "post" },
): Effect[] {
  const { descendants, policy, queue: waiting } = state;
  const key = computeDescendantKey(signed.signer, signed.post.chainId);
  if (descendants.kind === "whole" && getValue(descendants.map, key) === undefined) {
    if (descendants.map.size >= policy.descendantsMax) {
      return reply(request, refuse("BUSY", "as many chains post here as this operator takes"));
    }
  }
  const isWaiting = waiting.some(({ updates = [] }) =>
    updates.some(({ signer, post }) => equalBytes(computeDescendantKey(signer, post.chainId), key)),
  );
  if (isWaiting)
    return reply(request, refuse("BUSY", "a post of this chain waits for the next block"));
  return queue(state, request, { updates: [signed] });
}

function queue(
  state: EngineState,
  request: number,
  parts: Pick<EngineState["queue"][number], "seals" | "updates">,
): Effect[] {
  const item = { closes: [], contracts: [], conditions: [], ...parts, requests: [request] };
  const queued = enqueue(state, item);
  return queued.ok ? [] : reply(request, queued);
}

function reply(request: number, answer: Extract<Verdict<never>, { ok: false }>): Effect[] {
  return [{ kind: "reply", request, answer }];
}
