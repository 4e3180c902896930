import { equalBytes } from "../../lib/bytes.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { createPurchase } from "../../market/purchase.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import { enqueue, findObstacle } from "./blockQueue.ts";
import type { Answer, Effect, TraderRequest } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { computeFreeRanges, cutFreeRange } from "./freeRanges.ts";
import { computePrice } from "./policy.ts";

/**
 * Offer free space: the leaf under its payment goes into the next block, and is worth nothing until
 * the buyer, who checks it first, has paid. So the offer is answered at once.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function handlePurchase(
  state: EngineState,
  event: TraderRequest & { kind: "purchase" },
): Effect[] {
  return [{ kind: "reply", request: event.request, answer: offerPurchase(state, event) }];
}

function offerPurchase(
  state: EngineState,
  { buyer, width }: { readonly buyer: Uint8Array; readonly width: bigint },
): Verdict<Answer> {
  const { policy, chain, main } = state;
  const obstacle = findObstacle(state);
  if (obstacle !== undefined || main === undefined) {
    return obstacle ?? refuse("NOT_READY", "the main chain is not known yet");
  }
  if (width < policy.widthMin) {
    const [least, asked] = [formatVeo(policy.widthMin), formatVeo(width)];
    return refuse("TOO_NARROW", `expected at least ${least} of space, got ${asked}`);
  }
  const unpaid = countUnpaid(state, buyer);
  if (unpaid.own >= policy.unpaidMax) {
    return refuse(
      "TOO_MANY_UNPAID",
      `a buyer may hold ${policy.unpaidMax} unpaid contracts; pay, or wait until they lapse`,
    );
  }
  if (unpaid.all >= policy.unpaidTotalMax) {
    return refuse("BUSY", "too many unpaid contracts stand already; try again later");
  }
  const payBelow = Math.min(main.height + policy.payWithin, chain.expiry);
  const { confirmations } = state.rules.parameters;
  if (payBelow <= main.height + confirmations + 1) {
    return refuse("CHAIN_CLOSED", "the chain expires before a payment could be made");
  }
  // Where a close came too late, what it gave up is not the operator's to sell.
  const held = [...state.index.live.values(), ...state.judged.late].map(({ place }) => place);
  state.free ??= computeFreeRanges(chain.lo, chain.hi, held);
  const cut = cutFreeRange(state.free, width);
  if (cut === undefined) {
    return refuse("NOT_ENOUGH_SPACE", `no free range is ${formatVeo(width)} wide`);
  }
  const offer = {
    ...cut.range,
    price: computePrice(width, policy.feeBps),
    payBelow,
    depositBps: policy.depositBps,
    previousBlock: state.tip.hash,
  };
  const purchase = createPurchase({ ...offer, buyer, operator: chain.operator });
  const queued = enqueue(state, {
    closes: [],
    contracts: [purchase.contract],
    conditions: [purchase.condition],
    requests: [],
  });
  if (!queued.ok) return queued;
  state.free = cut.rest;
  return accept({ kind: "purchase", offer });
}

/** Unpaid leaves of one buyer and of all, those that wait for the next block included. */
function countUnpaid(state: EngineState, buyer: Uint8Array): { own: number; all: number } {
  let own = 0;
  let all = 0;
  const count = (owner: Uint8Array) => {
    all += 1;
    if (equalBytes(owner, buyer)) own += 1;
  };
  for (const { leaf } of state.index.unpaid.values()) count(leaf.owner);
  for (const { closes, contracts } of state.queue) {
    if (closes.length === 0) for (const { owner } of contracts) count(owner);
  }
  return { own, all };
}
