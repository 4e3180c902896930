import type { BetOffer, PurchaseOffer, SaleOffer } from "../api/operatorApi.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, type Failure, refuse, type Verdict } from "../lib/verdict.ts";
import { createBet } from "../market/bet.ts";
import { createHandOver } from "../market/handOver.ts";
import { createPurchase } from "../market/purchase.ts";
import { createRedemption } from "../market/redemption.ts";
import { createSale } from "../market/sale.ts";
import type { PostPlace } from "../protocol/anchor.ts";
import { hashCondition } from "../protocol/condition.ts";
import type { ExactClose } from "../protocol/contractClose.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import { readPaymentRecord } from "../protocol/facts.ts";
import { TRUE_SCRIPT_HASH } from "../protocol/script.ts";
import { isBuried as isLeafBuried } from "./buried.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { CheckedPost } from "./checkedPost.ts";
import type { MainChain } from "./mainChain.ts";
import { findObstacle, type Obstacle } from "./obstacle.ts";
import type { Outbox } from "./outbox.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { Signer, WalletStore } from "./ports.ts";
import { decodeJourney, encodeJourney, type Journey, type PurchaseGoal } from "./rows.ts";
import type { SigningGuard } from "./signingGuard.ts";
import type { LiveContract } from "./standing.ts";

/** Main-chain blocks that a close of ours stays good for: a post comes well before. */
const CLOSE_GOOD_FOR = 20;

/** A close of ours that no block has taken yet: until one does, or it is too late, nothing more is signed in that chain. */
type OpenClose = { readonly seenBlock: Uint8Array; readonly heightMax: number };

/**
 * Purchases, bets and sales, seen through step by step. A step is taken only on what this wallet has
 * checked: blocks that hold, recorded on the main chain, under enough confirmations.
 */
export type Journeys = {
  list(): readonly (readonly [id: string, journey: Journey])[];
  buy(chain: TrackedChain, width: bigint, goal: PurchaseGoal): Promise<Verdict<string>>;
  redeem(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>>;
  /** Give an own contract, plain space, to another key, whole and unchanged. */
  handOver(chain: TrackedChain, own: OwnLeaf, owner: Uint8Array): Promise<Verdict<null>>;
  /** Turn an own contract into a chain that posts in `anchor`, for ever. */
  seal(chain: TrackedChain, own: OwnLeaf, anchor: PostPlace): Promise<Verdict<null>>;
  /** Sell contracts under an offer whose terms the holder has accepted. */
  sell(chain: TrackedChain, offer: SaleOffer): Promise<Verdict<null>>;
  /** Take the other side of a bet with own cash. */
  acceptBet(chain: TrackedChain, offer: BetOffer): Promise<Verdict<null>>;
  /** Note a sale in which this wallet is the buyer: it pays once the leaves are posted and checked. */
  acquire(chain: TrackedChain, offer: SaleOffer, seller: Uint8Array): Promise<Verdict<null>>;
  /** Take every step that what is now checked allows. */
  advance(): Promise<void>;
};

export async function createJourneys(options: {
  readonly store: WalletStore;
  readonly signer: Signer;
  readonly guard: SigningGuard;
  readonly outbox: Outbox;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly note: (words: string) => Promise<void>;
}): Promise<Journeys> {
  const { store, signer, guard, outbox, mainChain, tracker, note } = options;
  const journeys = new Map<string, Journey>();
  const openCloses = new Map<string, OpenClose>();
  for (const [id, bytes] of await store.rows("journeys")) {
    const journey = decodeJourney(bytes);
    if (journey.ok) journeys.set(id, journey.value);
  }

  async function keep(id: string, journey: Journey): Promise<void> {
    await store.commit([
      { kind: "put", table: "journeys", key: id, value: encodeJourney(journey) },
    ]);
    journeys.set(id, journey);
  }

  async function finish(id: string, journey: Journey, kind: "done" | "failed", words: string) {
    await keep(id, { ...journey, state: { kind, note: words } });
    await note(words);
  }

  function tipHeight(): number {
    return mainChain.tip().header.height;
  }

  /** Why nothing new may be done in a chain now; undefined if it may. */
  function obstacle(chain: TrackedChain): string | undefined {
    const found = findObstacle(chain, tracker, mainChain);
    if (found !== undefined) return describeObstacle(found, chain);
    if (mainChain.isStale()) return "the main chain's newest known block is too old";
    return undefined;
  }

  const isBuried = (own: OwnLeaf): boolean => isLeafBuried(own, mainChain);

  /** Why nothing may be signed for the next block of a chain now; undefined if it may. */
  function findSigningObstacle(chain: TrackedChain): Failure | undefined {
    const stopped = obstacle(chain);
    if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is signed while ${stopped}`);
    const open = openCloses.get(formatHex(chain.followed.facts.id));
    const isOpen =
      open !== undefined &&
      equalBytes(open.seenBlock, chain.book.tip.hash) &&
      open.heightMax >= tipHeight();
    return isOpen ? refuse("CLOSE_OPEN", "a close signed for this block is still open") : undefined;
  }

  /** Sign closes of own contracts for the next block, unless one is still open in this chain. */
  async function signCloses(
    chain: TrackedChain,
    closes: readonly {
      readonly contractId: Uint8Array;
      readonly successors: readonly ContractNew[];
    }[],
    heightMax = tipHeight() + CLOSE_GOOD_FOR,
  ): Promise<Verdict<{ close: ExactClose; signature: Uint8Array }[]>> {
    const stopped = findSigningObstacle(chain);
    if (stopped !== undefined) return stopped;
    const seenBlock = chain.book.tip.hash;
    const signed = [];
    for (const { contractId, successors } of closes) {
      const close = { contractId, seenBlock, heightMax, successors };
      const signature = await guard.signClose(close);
      if (!signature.ok) return signature;
      signed.push({ close, signature: signature.value });
    }
    openCloses.set(formatHex(chain.followed.facts.id), { seenBlock, heightMax });
    return accept(signed);
  }

  function forget(chain: TrackedChain): void {
    openCloses.delete(formatHex(chain.followed.facts.id));
  }

  function redeem(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>> {
    return closeFor(chain, own, createRedemption(own.leaf, own.place));
  }

  async function handOver(
    chain: TrackedChain,
    own: OwnLeaf,
    owner: Uint8Array,
  ): Promise<Verdict<null>> {
    if (!chain.book.live.has(formatHex(own.leaf.id)) || !isBuried(own)) {
      return refuse("NOT_POSTED", "the contract is not recorded under enough confirmations");
    }
    if (own.leaf.sealed || !isCash(own)) {
      return refuse("NOT_PLAIN", "only plain space is handed over: redeem the contract first");
    }
    return closeFor(chain, own, createHandOver(own.leaf, own.place, owner));
  }

  /** Give an own contract up for one other on its space. */
  async function closeFor(
    chain: TrackedChain,
    own: OwnLeaf,
    successor: ContractNew,
  ): Promise<Verdict<null>> {
    const successors = [successor];
    const signed = await signCloses(chain, [{ contractId: own.leaf.id, successors }]);
    if (!signed.ok) return signed;
    const sent = await tracker.operatorOf(chain).submitCloses(undefined, signed.value);
    if (!sent.ok) forget(chain);
    return sent;
  }

  async function seal(
    chain: TrackedChain,
    own: OwnLeaf,
    anchor: PostPlace,
  ): Promise<Verdict<null>> {
    const stopped = findSigningObstacle(chain);
    if (stopped !== undefined) return stopped;
    if (own.leaf.sealed) return refuse("SEALED", "the contract is a chain already");
    if (!chain.book.live.has(formatHex(own.leaf.id)) || !isBuried(own)) {
      return refuse("NOT_POSTED", "the contract is not recorded under enough confirmations");
    }
    const seenBlock = chain.book.tip.hash;
    const said = { contractId: own.leaf.id, seenBlock, anchor };
    const signature = await guard.signSeal(said);
    if (!signature.ok) return signature;
    // Nothing else is signed for this block, as with a close.
    const heightMax = tipHeight() + CLOSE_GOOD_FOR;
    openCloses.set(formatHex(chain.followed.facts.id), { seenBlock, heightMax });
    const sent = await tracker.operatorOf(chain).submitSeal(said, signature.value);
    if (!sent.ok) forget(chain);
    return sent;
  }

  async function isPaid(
    paymentKey: Uint8Array,
    payBelow: number,
    amount: bigint,
  ): Promise<boolean> {
    const payment = await mainChain.read("payments", paymentKey, readPaymentRecord);
    if (payment === undefined) return false;
    const isBelow = payment.height < payBelow && payment.amount >= amount;
    return isBelow && payment.height + mainChain.book().parameters.confirmations <= tipHeight() + 1;
  }

  /** Pay for leaves under a record: bound to it, because this wallet has checked the proof below it. */
  async function pay(
    post: CheckedPost | undefined,
    to: Uint8Array,
    amount: bigint,
    reference: Uint8Array,
    payBelow: number,
  ): Promise<Verdict<null>> {
    if (post === undefined) return refuse("NOT_POSTED", "the leaf's block is not recorded yet");
    const payment = {
      reference,
      heightMax: payBelow - 1,
      recordKey: post.top.key,
      recordHash: post.top.hash,
    };
    return outbox.send({ kind: "spend", to, amount, payment });
  }

  async function advancePurchase(
    id: string,
    journey: Journey & { kind: "purchase" },
  ): Promise<void> {
    const chain = tracker.find(journey.chainId);
    if (chain === undefined || obstacle(chain) !== undefined) return;
    const { offer, goal } = journey;
    const terms = { ...offer, buyer: signer.publicKey, operator: chain.followed.facts.operator };
    const purchase = createPurchase(terms);
    const wanted = formatHex(hashCondition(purchase.condition));
    const leaf = findOwn(chain, (own) =>
      own.place.conditions.some(({ hash }) => formatHex(hash) === wanted),
    );
    if (leaf !== undefined) {
      if (!isBuried(leaf)) return;
      if (await isPaid(purchase.paymentKey, offer.payBelow, offer.price)) {
        await redeem(chain, leaf);
      } else if (outbox.pendingCount() === 0) {
        if (tipHeight() + 1 >= offer.payBelow) {
          await finish(
            id,
            journey,
            "failed",
            "The purchase lapsed before it was paid. Nothing was spent.",
          );
          return;
        }
        const { facts } = chain.followed;
        const { reference } = purchase;
        await pay(leaf.post, facts.operator, offer.price, reference, offer.payBelow);
      }
      return;
    }
    const cash = findOwn(
      chain,
      (own) => isCash(own) && own.place.lo === offer.lo && own.place.hi === offer.hi,
    );
    if (cash !== undefined && isBuried(cash)) {
      if (goal.kind === "hold") {
        await finish(id, journey, "done", "The space is paid and yours without conditions.");
      } else if (chain.oracles.get(formatHex(goal.oracleId))?.result !== "open") {
        const words = "The result came before the bet was recorded. The space you bought is yours.";
        await finish(id, journey, "failed", words);
      } else {
        await requestBet(chain, cash, goal.oracleId, goal.side);
      }
      return;
    }
    const position = findOwn(chain, (own) => isPosition(own, offer));
    if (goal.kind === "bet" && position !== undefined) {
      // Until its block is recorded under its confirmations, the bet may still turn out not to count.
      if (!isBuried(position)) return;
      await finish(
        id,
        journey,
        "done",
        "The bet is placed: both sides have signed, and the block holds.",
      );
      return;
    }
    if (cash === undefined && wasPassedBy(chain, offer)) {
      await finish(
        id,
        journey,
        "failed",
        "The operator made another block than he offered. Nothing was spent.",
      );
    }
  }

  async function requestBet(
    chain: TrackedChain,
    cash: OwnLeaf,
    oracleId: Uint8Array,
    side: "yes" | "no",
  ): Promise<void> {
    const stake = cash.leaf.hi - cash.leaf.lo;
    const operator = tracker.operatorOf(chain);
    const offer = await operator.requestBet(signer.publicKey, oracleId, side, cash.leaf.id, stake);
    if (!offer.ok) return;
    const own = offer.value[side];
    const isAsked =
      equalBytes(offer.value.oracleId, oracleId) &&
      equalBytes(own.cashId, cash.leaf.id) &&
      own.stake === stake;
    if (isAsked) await signBet(chain, offer.value, side);
  }

  /** Sign our close of a bet after laying it out ourselves from leaves that we have checked. */
  async function signBet(
    chain: TrackedChain,
    offer: BetOffer,
    side: "yes" | "no",
  ): Promise<Verdict<null>> {
    if (!equalBytes(offer.seenBlock, chain.book.tip.hash)) {
      return refuse(
        "OTHER_BLOCK_SEEN",
        "the bet names another block than the last one checked here",
      );
    }
    const oracle = chain.oracles.get(formatHex(offer.oracleId));
    if (oracle?.result !== "open") return refuse("NOT_OPEN", "the oracle is not open");
    const yes = findCash(chain, offer.yes.cashId);
    const no = findCash(chain, offer.no.cashId);
    if (yes === undefined || no === undefined) {
      return refuse("NOT_CASH", "a side of the bet is not backed by space without conditions");
    }
    const bet = createBet(
      offer.oracleId,
      { cash: yes.leaf, stake: offer.yes.stake },
      { cash: no.leaf, stake: offer.no.stake },
      offer.depositBps,
    );
    if (!bet.ok) return bet;
    const ownCash = side === "yes" ? yes : no;
    const successors = side === "yes" ? bet.value.yesSuccessors : bet.value.noSuccessors;
    const heightMax = Math.min(offer.heightMax, tipHeight() + CLOSE_GOOD_FOR);
    if (heightMax !== offer.heightMax)
      return refuse("TOO_LONG", "the bet is to stay open for too long");
    const signed = await signCloses(
      chain,
      [{ contractId: ownCash.leaf.id, successors }],
      heightMax,
    );
    if (!signed.ok) return signed;
    return tracker.operatorOf(chain).submitCloses(offer.proposalId, signed.value);
  }

  async function advanceAcquisition(
    id: string,
    journey: Journey & { kind: "acquisition" },
  ): Promise<void> {
    const chain = tracker.find(journey.chainId);
    if (chain === undefined || obstacle(chain) !== undefined) return;
    const bought = [...chain.book.own.values()].filter(
      (own) =>
        chain.book.live.has(formatHex(own.leaf.id)) &&
        own.place.conditions.at(-1)?.side === true &&
        own.place.conditions.some(({ hash }) => equalBytes(hash, journey.conditionHash)),
    );
    const first = bought[0];
    if (first === undefined) {
      if (tipHeight() >= journey.payBelow) {
        await finish(
          id,
          journey,
          "failed",
          "The seller did not go through with the sale. Nothing was spent.",
        );
      }
      return;
    }
    if (!bought.every(isBuried)) return;
    if (await isPaid(journey.paymentKey, journey.payBelow, journey.price)) {
      const redeemed = await redeem(chain, first);
      if (redeemed.ok && bought.length === 1) {
        await finish(id, journey, "done", "The position is paid and yours.");
      }
    } else if (outbox.pendingCount() === 0 && bought.length === journey.leaves) {
      const { seller, price, reference, payBelow } = journey;
      await pay(first.post, seller, price, reference, payBelow);
    }
  }

  async function advanceSale(id: string, journey: Journey & { kind: "sale" }): Promise<void> {
    if (await isPaid(journey.paymentKey, journey.payBelow, journey.price)) {
      await finish(id, journey, "done", "The position is sold and the payment is in your account.");
      return;
    }
    const { confirmations } = mainChain.book().parameters;
    if (tipHeight() >= journey.payBelow + confirmations) {
      await finish(
        id,
        journey,
        "failed",
        "The buyer did not pay in time. The position stays yours.",
      );
    }
  }

  return {
    list: () => [...journeys.entries()],
    redeem,
    handOver,
    seal,

    async buy(chain, width, goal) {
      const stopped = obstacle(chain);
      if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is bought while ${stopped}`);
      const offered = await tracker.operatorOf(chain).requestPurchase(signer.publicKey, width);
      if (!offered.ok) return offered;
      const refused = judgeOffer(chain, offered.value, width);
      if (refused !== undefined) return refuse("BAD_OFFER", refused);
      const id = formatHex(offered.value.previousBlock) + offered.value.lo.toString(16);
      const state = { kind: "open", note: "" } as const;
      const chainId = chain.followed.facts.id;
      await keep(id, { kind: "purchase", chainId, offer: offered.value, goal, state });
      return accept(id);
    },

    async sell(chain, offer) {
      const sold = offer.contractIds.map((id) => chain.book.own.get(formatHex(id)));
      if (!sold.every((own) => own !== undefined)) {
        return refuse("NOT_OWN", "the offer names a contract that is not this wallet's");
      }
      if (!equalBytes(offer.seenBlock, chain.book.tip.hash)) {
        return refuse(
          "OTHER_BLOCK_SEEN",
          "the offer names another block than the last one checked here",
        );
      }
      const sale = createSale({ ...offer, sold });
      if (!sale.ok) return sale;
      const closes = sold.map((own, index) => ({
        contractId: own.leaf.id,
        successors: sale.value.successors[index] ?? [],
      }));
      const signed = await signCloses(chain, closes, offer.heightMax);
      if (!signed.ok) return signed;
      const { contractIds, buyer, price, payBelow } = offer;
      const { paymentKey } = sale.value;
      const state = { kind: "open", note: "" } as const;
      const chainId = chain.followed.facts.id;
      const terms = { contractIds, buyer, price, paymentKey, payBelow };
      await keep(formatHex(paymentKey), { kind: "sale", chainId, ...terms, state });
      return tracker.operatorOf(chain).submitCloses(offer.proposalId, signed.value);
    },

    async acceptBet(chain, offer) {
      const own = (id: Uint8Array) => chain.book.own.has(formatHex(id));
      if (own(offer.yes.cashId) === own(offer.no.cashId)) {
        return refuse("NOT_OWN", "exactly one side of a bet must be this wallet's");
      }
      return signBet(chain, offer, own(offer.yes.cashId) ? "yes" : "no");
    },

    async acquire(chain, offer, seller) {
      const sold = offer.contractIds.map((id) => chain.book.live.get(formatHex(id)));
      if (
        !sold.every((contract) => contract !== undefined && equalBytes(contract.leaf.owner, seller))
      ) {
        return refuse("NOT_THE_SELLERS", "the offer names a contract that is not the seller's");
      }
      const sale = createSale({ ...offer, sold: sold.filter((each) => each !== undefined) });
      if (!sale.ok) return sale;
      const { reference, paymentKey, condition } = sale.value;
      const { price, payBelow, seenBlock } = offer;
      const conditionHash = hashCondition(condition);
      const state = { kind: "open", note: "" } as const;
      const chainId = chain.followed.facts.id;
      const terms = { seller, price, reference, paymentKey, payBelow, seenBlock, conditionHash };
      const leaves = sold.length;
      await keep(formatHex(paymentKey), { kind: "acquisition", chainId, ...terms, leaves, state });
      return accept(null);
    },

    async advance() {
      for (const [id, journey] of journeys) {
        if (journey.state.kind !== "open") continue;
        switch (journey.kind) {
          case "purchase":
            await advancePurchase(id, journey);
            break;
          case "sale":
            await advanceSale(id, journey);
            break;
          case "acquisition":
            await advanceAcquisition(id, journey);
            break;
        }
      }
    },
  };
}

function describeObstacle({ kind, chain: at }: Obstacle, chain: TrackedChain): string {
  const whose = at === chain ? "the chain" : "a chain above it";
  switch (kind) {
    case "broken": {
      const { rule, blockHeight } = at.book.breach ?? { rule: "unknown", blockHeight: 0 };
      return `${whose} broke the rule ${rule} in block ${blockHeight}`;
    }
    case "void":
      return `the posts of ${whose} are void, because nobody served them when they were asked for`;
    case "withheld":
      return `a recorded block of ${whose} is withheld`;
    case "unusable":
      return `what is served as the next block of ${whose} is none`;
    case "down":
      return `the operator of ${whose} cannot be reached`;
    case "ownShare":
      return `only your own share of ${whose} is checked`;
    case "unread":
      return `no main-chain node proves what is recorded of ${whose}`;
    case "checking":
      return `${whose} is still being checked`;
    case "unanchored":
      return "the chain's own contract is not recorded above it under enough confirmations";
  }
}

/** What is wrong with an operator's offer; undefined if it is what was asked for, at his stated price. */
function judgeOffer(chain: TrackedChain, offer: PurchaseOffer, width: bigint): string | undefined {
  if (offer.hi - offer.lo !== width) return "the range offered is not as wide as asked for";
  if (!equalBytes(offer.previousBlock, chain.book.tip.hash)) {
    return "the offer is made on another block than the last one checked here";
  }
  const priceMax = width + (width * BigInt(chain.followed.feeBps)) / 10_000n + 1n;
  if (offer.price > priceMax) return `the price is above ${priceMax} satoshi`;
  for (const { place } of chain.book.live.values()) {
    if (place.lo < offer.hi && offer.lo < place.hi) return "the range offered is not free";
  }
  return undefined;
}

function findOwn(chain: TrackedChain, isIt: (own: OwnLeaf) => boolean): OwnLeaf | undefined {
  for (const [id, own] of chain.book.own) {
    if (chain.book.live.has(id) && isIt(own)) return own;
  }
  return undefined;
}

/** Plain space: no conditions, and the constant true as its script. */
export function isCash({ leaf, place }: LiveContract): boolean {
  return place.conditions.length === 0 && equalBytes(leaf.scriptHash, TRUE_SCRIPT_HASH);
}

function findCash(chain: TrackedChain, id: Uint8Array): LiveContract | undefined {
  const contract = chain.book.live.get(formatHex(id));
  return contract !== undefined && isCash(contract) ? contract : undefined;
}

function isPosition({ place }: OwnLeaf, offer: PurchaseOffer): boolean {
  return place.conditions.length > 0 && place.lo >= offer.lo && place.hi <= offer.hi;
}

/** Whether the block after the offer's was made without the leaf: blocks went by, and the range is not ours. */
function wasPassedBy({ book }: TrackedChain, offer: PurchaseOffer): boolean {
  if (equalBytes(book.tip.hash, offer.previousBlock)) return false;
  return ![...book.own.values()].some(
    ({ place, closedIn }) =>
      closedIn !== undefined && place.lo === offer.lo && place.hi === offer.hi,
  );
}
