import type {
  BetOffer,
  PurchaseOffer,
  SaleOffer,
  SignedClose,
} from "../../../src/api/operatorApi.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import type { Failure } from "../../../src/lib/verdict.ts";
import { createBet } from "../../../src/market/bet.ts";
import { createPurchase } from "../../../src/market/purchase.ts";
import { createRedemption } from "../../../src/market/redemption.ts";
import { createSale } from "../../../src/market/sale.ts";
import type { LiveContract } from "../../../src/operator/engine/contractIndex.ts";
import type { Answer } from "../../../src/operator/engine/engineEvent.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import { type ContractState, encodeContractState } from "../../../src/protocol/contractState.ts";
import { computeDigest, signDigest } from "../../../src/protocol/signature.ts";
import { CHAIN, type keyOf, ORACLE_ID, pay, RULES, signClose, type World } from "./world.ts";

type Trader = ReturnType<typeof keyOf>;

/** The answer to a request that must have been granted. */
export function granted<Kind extends Answer["kind"]>(
  world: World,
  request: number,
  kind: Kind,
): Answer & { kind: Kind } {
  const answer = world.answers.get(request);
  if (answer === undefined) throw new Error(`request ${request} is not answered`);
  if (!answer.ok)
    throw new Error(`request ${request} is refused: ${answer.code} ${answer.message}`);
  if (answer.value.kind !== kind) throw new Error(`expected ${kind}, got ${answer.value.kind}`);
  return answer.value as Answer & { kind: Kind };
}

/** The refusal of a request; undefined while it is not answered. */
export function refused(world: World, request: number): Failure["code"] | undefined {
  const answer = world.answers.get(request);
  if (answer?.ok === true) throw new Error(`request ${request} is granted`);
  return answer?.code;
}

export function findContract(world: World, id: Uint8Array): LiveContract {
  const contract = world.state.index.live.get(formatHex(id));
  if (contract === undefined) throw new Error("no such contract stands");
  return contract;
}

export function contractsOf(world: World, { publicKey }: Trader): LiveContract[] {
  const ids = world.state.index.byOwner.get(formatHex(publicKey)) ?? [];
  return [...ids].map((id) =>
    findContract(world, world.state.index.live.get(id)?.leaf.id ?? new Uint8Array()),
  );
}

export function reserve(world: World, buyer: Trader, width: bigint): PurchaseOffer {
  const request = world.ask({ kind: "purchase", buyer: buyer.publicKey, width });
  return granted(world, request, "purchase").offer;
}

export function payFor(
  world: World,
  buyer: Trader,
  offer: PurchaseOffer,
  amount = offer.price,
): void {
  const terms = { ...offer, buyer: buyer.publicKey, operator: CHAIN.operator };
  pay(world.durable, createPurchase(terms).paymentKey, amount);
}

/** Ask for the close of a contract with these successors, seen on the present tip. */
export function close(
  world: World,
  owner: Trader,
  { leaf }: LiveContract,
  successors: readonly ContractNew[],
  heightMax = world.durable.main.length + 14,
): number {
  const seenBlock = world.state.tip.hash;
  const signed = signClose(
    { contractId: leaf.id, seenBlock, heightMax, successors },
    owner.privateKey,
  );
  return world.ask({ kind: "closes", proposalId: undefined, closes: [signed] });
}

/** Hand in a close of each of several contracts, all for the same successor. */
export function giveUp(
  world: World,
  owner: Trader,
  contracts: readonly LiveContract[],
  successor: ContractNew,
): number {
  const seenBlock = world.state.tip.hash;
  const heightMax = world.durable.main.length + 14;
  const closes = contracts.map(({ leaf }) => {
    const named = { contractId: leaf.id, seenBlock, heightMax, successors: [successor] };
    return signClose(named, owner.privateKey);
  });
  return world.ask({ kind: "closes", proposalId: undefined, closes });
}

export function redeem(world: World, owner: Trader, contract: LiveContract): number {
  return close(world, owner, contract, [createRedemption(contract.leaf, contract.place)]);
}

/** Have all contracts recorded under enough confirmations, and a block say so. */
export function bury(world: World): void {
  const { state } = world;
  world.settle();
  const newest = Math.max(0, ...[...state.index.live.values()].map(({ leaf }) => leaf.madeIn));
  for (let left = 10; left > 0 && state.recorded < newest; left--) {
    world.settle();
    world.mine();
  }
  world.settle();
  if (state.recorded < newest) throw new Error("the blocks do not get recorded");
}

/** Buy space, pay for it and turn it into cash. */
export function buyCash(world: World, buyer: Trader, width: bigint): LiveContract {
  const offer = reserve(world, buyer, width);
  world.settle();
  world.mine();
  payFor(world, buyer, offer);
  world.mine(4);
  const unpaid = contractsOf(world, buyer).find(({ place }) => place.lo === offer.lo);
  if (unpaid === undefined) throw new Error("the leaf was not made");
  const request = redeem(world, buyer, unpaid);
  world.settle();
  granted(world, request, "closes");
  const cash = contractsOf(world, buyer).find(({ place }) => place.lo === offer.lo);
  if (cash === undefined) throw new Error("the leaf was not redeemed");
  return cash;
}

export function askBet(
  world: World,
  owner: Trader,
  cash: LiveContract,
  side: "yes" | "no",
  stake: bigint,
): number {
  bury(world);
  return world.ask({
    kind: "bet",
    owner: owner.publicKey,
    oracleId: ORACLE_ID,
    side,
    cashId: cash.leaf.id,
    stake,
  });
}

/** One side's signed close of a bet, laid out by itself. */
export function signBet(
  world: World,
  offer: BetOffer,
  side: "yes" | "no",
  owner: Trader,
): SignedClose {
  const bet = createBet(
    offer.oracleId,
    { cash: findContract(world, offer.yes.cashId).leaf, stake: offer.yes.stake },
    { cash: findContract(world, offer.no.cashId).leaf, stake: offer.no.stake },
    offer.depositBps,
  );
  if (!bet.ok) throw new Error(bet.message);
  const successors = side === "yes" ? bet.value.yesSuccessors : bet.value.noSuccessors;
  const { seenBlock, heightMax } = offer;
  const close = { contractId: offer[side].cashId, seenBlock, heightMax, successors };
  return signClose(close, owner.privateKey);
}

export function handIn(world: World, proposalId: Uint8Array, ...closes: SignedClose[]): number {
  return world.ask({ kind: "closes", proposalId, closes });
}

/** A bet of `stake` against an equal stake, made by both. */
export function placeBet(
  world: World,
  yes: Trader,
  no: Trader,
  cash: LiveContract,
  stake: bigint,
): BetOffer {
  world.happen({ kind: "takerJoined", taker: no.publicKey });
  const { offer } = granted(world, askBet(world, yes, cash, "yes", stake), "bet");
  const first = handIn(world, offer.proposalId, signBet(world, offer, "yes", yes));
  const second = handIn(world, offer.proposalId, signBet(world, offer, "no", no));
  world.settle();
  granted(world, first, "closes");
  granted(world, second, "closes");
  return offer;
}

/** The seller's closes for an offer, and the payment that the buyer makes for them. */
export function signSale(
  world: World,
  offer: SaleOffer,
  seller: Trader,
): { closes: SignedClose[]; paymentKey: Uint8Array } {
  const sold = offer.contractIds.map((id) => findContract(world, id));
  const sale = createSale({ ...offer, sold });
  if (!sale.ok) throw new Error(sale.message);
  const { seenBlock, heightMax } = offer;
  const closes = sold.map(({ leaf }, index) => {
    const successors = sale.value.successors[index] ?? [];
    return signClose({ contractId: leaf.id, seenBlock, heightMax, successors }, seller.privateKey);
  });
  return { closes, paymentKey: sale.value.paymentKey };
}

export function proposeState(world: World, owner: Trader, state: ContractState): number {
  const digest = computeDigest("signState", RULES.networkId, encodeContractState(state));
  const ownerSignature = signDigest(digest, owner.privateKey);
  return world.ask({ kind: "state", state, ownerSignature });
}
