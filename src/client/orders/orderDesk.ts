import { encodeCancel } from "../../api/marketApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { hashOrder, nameOrder } from "../../market/batch.ts";
import { isBuy } from "../../market/piece.ts";
import { findBuried, findSettled } from "../buried.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import { CLOSE_GOOD_FOR } from "../journeys/nextBlock.ts";
import type { MainChain } from "../mainChain.ts";
import { findObstacle, whyStopped } from "../obstacle.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import {
  type Clock,
  type Signer,
  SourceError,
  StoreError,
  type StoreOperation,
  type WalletStore,
} from "../ports.ts";
import type { Journey } from "../rows.ts";
import type { OrderToSign, SigningGuard } from "../signingGuard.ts";
import { isSameMarket } from "../tradeRecords.ts";
import { whyClosed } from "./closedBook.ts";
import { isOpen, listForgotten } from "./forgottenOrders.ts";
import { judgeNewOrder, type WantedOrder } from "./judgeNewOrder.ts";
import { listBooks, type OfferedBook } from "./offeredBooks.ts";
import {
  isTaken,
  type OrderEnd,
  type RestingOrder,
  type SentAnswer,
  type SentOrder,
  type TakenOrder,
} from "./orderRows.ts";
import { nameSent, openOrderStore } from "./orderStore.ts";
import { describeOrder, describeRefusal } from "./orderWords.ts";
import { findReserved } from "./ownUse.ts";
import { planOrder } from "./planOrder.ts";
import { readOutcome, sumFills } from "./readOutcome.ts";
import {
  addVersion,
  isAnswered,
  isNews,
  isRunningOut,
  lastHeightOf,
  withHeightMax,
} from "./versions.ts";

/** What an unlocked wallet signs orders with. */
export type OrderHands = {
  readonly signer: Signer;
  readonly guard: SigningGuard;
  readonly journeys: { list(): readonly (readonly [id: string, journey: Journey])[] };
};

/**
 * An order as it rests, what is signed of it for a block that is not checked yet and may still be filled, and what it waits for. `filled`: satoshi of
 * it, and what they cost or brought.
 */
export type OpenOrder = {
  readonly id: string;
  readonly order: RestingOrder;
  readonly filled: { readonly quantity: bigint; readonly paid: bigint };
  readonly sent: readonly SentOrder[];
  readonly waitsFor: string;
};

/**
 * The holder's orders. They rest here, and are signed anew for each block of their chain as it is checked, inside the limits
 * that he has set; nobody else has a signature of his that is good for longer than one block, or than `CLOSE_GOOD_FOR` blocks
 * of the main chain. Where no block comes for so long, the same order is signed again, good to a later height. What becomes of
 * them is read from checked blocks alone.
 */
export type OrderDesk = {
  list(): readonly OpenOrder[];
  /** Let an order rest, from now on. */
  place(chain: TrackedChain, bookId: string, wanted: WantedOrder): Promise<Verdict<string>>;
  /** Sign no more of an order, and ask for what is signed of it back. */
  cancel(id: string): Promise<Verdict<null>>;
  /** Read again what is kept: another of the wallet's windows may have signed meanwhile. Before this one does. */
  reload(): Promise<void>;
  /** Take up what was checked since, and sign what rests for the blocks that follow; without a signer only look. */
  advance(): Promise<void>;
  /** What was signed for blocks of a chain, and acknowledged by its operator, as far as it is still kept. */
  taken(chain: TrackedChain): readonly TakenOrder[];
  /** Keep why a batch has left some or all of an order, as the batch's orders tell. */
  explain(id: string, height: number, why: string): Promise<void>;
  /** Whether any order rests: it is signed for every block that comes. */
  isAnyOpen(): boolean;
  /** Nothing is on its way to an operator. */
  isAtRest(): boolean;
};

/** Orders that rest at once in one chain: all of them are signed for each of its blocks. */
const OPEN_MAX = 256;

export async function createOrderDesk(options: {
  readonly store: WalletStore;
  readonly clock: Clock;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly hands: () => OrderHands | undefined;
  readonly note: (words: string) => Promise<void>;
  /** Something has changed while no check was under way. */
  readonly onChange: () => void;
}): Promise<OrderDesk> {
  const { store, clock, mainChain, tracker, note, onChange } = options;
  let rows = await openOrderStore(store);
  /** Why nothing is signed of an order now, by id. */
  const waits = new Map<string, string>();
  /** Hashes of what is on its way. */
  const sending = new Set<string>();
  /** Of each order that was sent in this session, by its name, the hash of the newest version. */
  const told = new Map<string, string>();

  async function reload(): Promise<void> {
    rows = await openOrderStore(store);
  }

  /** Main-chain height up to which everything is under enough confirmations. */
  function confirmedHeight(): number {
    const { confirmations } = mainChain.book().parameters;
    return mainChain.tip().header.height + 1 - confirmations;
  }

  const commit = async (operations: readonly StoreOperation[]): Promise<void> => {
    if (operations.length > 0) await store.commit(operations);
  };

  function sentOf(id: string): SentOrder[] {
    return [...rows.sent.values()].filter((each) => each.orderId === id && !each.isOver);
  }

  /** What checked blocks have made of the orders of a chain. */
  function takeOutcomes(chain: TrackedChain, guard: SigningGuard): StoreOperation[] {
    const { book } = chain;
    const operations: StoreOperation[] = [];
    const buried = findBuried(chain, mainChain);
    const over = [...rows.sent.values()].filter(
      (each) => isOf(each, chain) && !each.isOver && each.height <= book.tip.height,
    );
    for (const [id, order] of rows.resting) {
      if (!isOf(order, chain)) continue;
      const own = over.filter(({ orderId }) => orderId === id);
      const next = readOutcome(order, own, book, buried);
      if (next !== order) operations.push(rows.put(id, next));
    }
    for (const each of over) operations.push(rows.putSent({ ...each, isOver: true }));
    for (const each of [...rows.sent.values()]) {
      if (!isOf(each, chain) || !each.isOver || each.height > buried) continue;
      const { seenBlock } = each.signed.order;
      told.delete(nameSent(each));
      operations.push(rows.dropSent(each), ...guard.forgetOrder(each.contractIds, seenBlock));
    }
    return operations;
  }

  /** Drop what has ended long ago. */
  function forgetOrders(chain: TrackedChain): StoreOperation[] {
    const signed = new Set([...rows.sent.values()].map(({ orderId }) => orderId));
    const own = [...rows.resting].filter(([, order]) => isOf(order, chain));
    return listForgotten(own, (id) => signed.has(id)).map((id) => {
      waits.delete(id);
      return rows.drop(id);
    });
  }

  /** End what cannot be signed any more. */
  function endOrders(chain: TrackedChain): StoreOperation[] {
    const operations: StoreOperation[] = [];
    const books = listBooks(chain.followed.markets);
    for (const [id, order] of rows.resting) {
      if (!isOf(order, chain) || !isOpen(order)) continue;
      const end = findEnd(chain, order, findBook(books, order));
      if (end !== undefined) operations.push(rows.put(id, { ...order, end }));
    }
    return operations;
  }

  function findEnd(
    chain: TrackedChain,
    order: RestingOrder,
    book: OfferedBook | undefined,
  ): OrderEnd | undefined {
    if (clock() >= order.goodUntilMs) return { kind: "expired" };
    // Where the chain cannot be relied on now, neither can what is known of its questions.
    if (whyStopped(chain, tracker, mainChain) !== undefined) return undefined;
    if (book === undefined) {
      return { kind: "refused", why: "The operator does not offer this question any more." };
    }
    const why = whyClosed(chain, book, mainChain.tip().header.height);
    return why === undefined ? undefined : { kind: "refused", why };
  }

  /** Lay out what rests for the block after a chain's tip. */
  function planBlock(
    chain: TrackedChain,
    { guard, journeys }: OrderHands,
  ): { readonly requests: SignRequest[]; readonly operations: StoreOperation[] } {
    const { tip, recorded } = chain.book;
    const chainId = chain.followed.facts.id;
    const heightMax = mainChain.tip().header.height + CLOSE_GOOD_FOR;
    const requests: SignRequest[] = [];
    const operations: StoreOperation[] = [];
    const busy = new Set<string>();
    for (const each of rows.sent.values()) {
      if (!equalBytes(each.signed.order.seenBlock, tip.hash)) continue;
      for (const id of each.contractIds) busy.add(formatHex(id));
    }
    const isReserved = findReserved(chain, journeys.list());
    /** Whether what an order was signed for is still there to be used up. */
    const isHeld = ({ contractIds }: SentOrder) =>
      contractIds.every((id) => {
        const name = formatHex(id);
        const own = chain.book.live.has(name) ? chain.book.own.get(name) : undefined;
        return own !== undefined && own.leaf.madeIn <= recorded && !isReserved(own);
      });
    const whyBusy = (own: OwnLeaf) => {
      if (busy.has(formatHex(own.leaf.id))) return "it is in another order";
      if (own.leaf.sealed) return "it is a chain for ever";
      if (isReserved(own)) return "its purchase is being confirmed";
      return guard.isSigned(own.leaf.id, tip.hash)
        ? "something else is signed of it for this block"
        : undefined;
    };
    const books = listBooks(chain.followed.markets);
    for (const [id, order] of rows.resting) {
      const book = findBook(books, order);
      if (book === undefined || !isOf(order, chain) || !isOpen(order)) continue;
      const left = order.limits.quantity - sumSigned(id, order);
      for (const each of sentOf(id)) {
        if (!isDue(each, tip.hash) || !isHeld(each)) continue;
        const { quantity } = each.signed.order.terms;
        requests.push({
          id,
          chainId,
          order: withHeightMax(each.signed.order, heightMax),
          contractIds: each.contractIds,
          // It takes the place of what is signed of the order already.
          limits: { ...order.limits, quantity: left + quantity },
          height: tip.height + 1,
        });
      }
      if (left <= 0n) continue;
      const plan = planOrder(order, left, chain.book, book, whyBusy, heightMax);
      if (plan.kind === "gone") {
        const end = { kind: "refused", why: "The position is not held any more." } as const;
        operations.push(rows.put(id, { ...order, end }));
        continue;
      }
      if (plan.kind === "wait") {
        waits.set(id, plan.waitsFor);
        continue;
      }
      let open = left;
      for (const { terms, contractIds } of plan.parts) {
        const signing = { seenBlock: tip.hash, recorded, market: book.ref, terms };
        for (const each of contractIds) busy.add(formatHex(each));
        const limits = { ...order.limits, quantity: open };
        open -= terms.quantity;
        requests.push({ id, chainId, order: signing, contractIds, limits, height: tip.height + 1 });
      }
      waits.delete(id);
    }
    return { requests, operations };
  }

  /** Whether another version of what is signed for the block after a tip has to be signed. */
  function isDue(sent: SentOrder, tipHash: Uint8Array): boolean {
    const isOfTip = equalBytes(sent.signed.order.seenBlock, tipHash);
    const isBack = sent.answer?.kind === "back";
    const { heightMax } = sent.signed.order.terms;
    return isOfTip && !isBack && isRunningOut(heightMax, mainChain.tip().header.height);
  }

  /** Satoshi of an order that are filled, or may be by what is signed of it already. */
  function sumSigned(id: string, order: RestingOrder): bigint {
    return sentOf(id).reduce(
      (sum, { signed }) => sum + signed.order.terms.quantity,
      sumFills(order).quantity,
    );
  }

  /** What every order of a chain waits for; undefined where its tip can be signed on. */
  function whyWaiting(chain: TrackedChain): string | undefined {
    const stopped = whyStopped(chain, tracker, mainChain);
    if (stopped !== undefined) return `the chain: ${stopped}`;
    // Of what the operator calls recorded we must know for ourselves that it is, and that nothing of it came too late.
    const isKnown = chain.book.recorded <= findSettled(chain, mainChain);
    return isKnown ? undefined : "the records that the operator's blocks speak of";
  }

  async function advanceChain(chain: TrackedChain, hands: OrderHands): Promise<void> {
    const operations = [
      ...takeOutcomes(chain, hands.guard),
      ...endOrders(chain),
      ...forgetOrders(chain),
    ];
    const waitsFor = whyWaiting(chain);
    if (waitsFor !== undefined) {
      for (const [id, order] of rows.resting) if (isOf(order, chain)) waits.set(id, waitsFor);
      return commit(operations);
    }
    const plan = planBlock(chain, hands);
    await commit([...operations, ...plan.operations]);
    await signAll(plan.requests, hands);
    for (const each of rows.sent.values()) {
      if (isOf(each, chain) && equalBytes(each.signed.order.seenBlock, chain.book.tip.hash)) {
        deliver(chain, each);
      }
    }
  }

  /** Sign and keep; what is kept may be sent from then on. */
  async function signAll(requests: readonly SignRequest[], { guard }: OrderHands): Promise<void> {
    if (requests.length === 0) return;
    const confirmed = confirmedHeight();
    const toSent = (request: SignRequest, signature: Uint8Array): SentOrder => {
      const signed = { order: request.order, signature };
      const before = rows.sent.get(nameSent({ signed }));
      if (before !== undefined) return addVersion(before, signed, confirmed);
      return {
        orderId: request.id,
        chainId: request.chainId,
        height: request.height,
        contractIds: request.contractIds,
        signed,
        earlier: [],
        answer: undefined,
        isOver: false,
      };
    };
    const kept: SentOrder[] = [];
    const signed = await guard.signOrders(
      requests.map((request): OrderToSign => {
        const { chainId, order, contractIds, limits } = request;
        const keep = (signature: Uint8Array) => {
          const sent = toSent(request, signature);
          kept.push(sent);
          return rows.rowOf(sent);
        };
        return { chainId, order, contractIds, limits, keep };
      }),
    );
    for (const each of kept) rows.putSent(each);
    signed.forEach((verdict, index) => {
      const request = requests[index];
      if (!verdict.ok && request !== undefined) waits.set(request.id, verdict.message);
    });
  }

  /** Hand a signed order in, unless its holder has thought better of it. Nobody waits for the answer. */
  function deliver(chain: TrackedChain, sent: SentOrder): void {
    const name = nameSent(sent);
    const hash = formatHex(hashOrder(sent.signed.order));
    const isTold = told.get(name) === hash;
    const isKnown = isAnswered(sent) && (isTold || !isTaken(sent));
    const isWanted = rows.resting.get(sent.orderId)?.end === undefined;
    if (sending.has(hash) || isKnown || !isWanted || sent.isOver) return;
    told.set(name, hash);
    track(sent, async () => {
      const answer = await tracker.operatorOf(chain).submitOrder(sent.signed);
      if (!answer.ok && answer.code === "OTHER_BLOCK_SEEN") return { kind: "overtaken" };
      if (!answer.ok) return { kind: "refused", why: describeRefusal(answer) };
      const { order } = sent.signed;
      const isIt = equalBytes(answer.value.orderHash, hashOrder(order));
      const { heightMax } = order.terms;
      return isIt && answer.value.height === sent.height ? { kind: "taken", heightMax } : undefined;
    });
  }

  /** Keep what the operator says to a signed order; a failure of his is no answer. */
  function track(asked: SentOrder, ask: () => Promise<SentAnswer | undefined>): void {
    const hash = formatHex(hashOrder(asked.signed.order));
    sending.add(hash);
    void (async () => {
      try {
        const answer = await ask();
        const sent = rows.sent.get(nameSent(asked));
        if (answer === undefined || sent === undefined) return;
        const { heightMax } = asked.signed.order.terms;
        if (isNews(answer, heightMax, sent)) await commit([rows.putSent({ ...sent, answer })]);
      } catch (error) {
        // What he said is lost then, and nothing else: he is asked again, or the block tells.
        if (!(error instanceof SourceError || error instanceof StoreError)) throw error;
      } finally {
        sending.delete(hash);
        onChange();
      }
    })();
  }

  /** Ask for everything back that is signed of an order and not in a block yet. */
  function takeBack(id: string, { signer }: OrderHands): void {
    for (const sent of sentOf(id)) {
      const chain = tracker.find(sent.chainId);
      if (chain === undefined) continue;
      track(sent, async () => {
        const name = nameOrder(sent.signed.order);
        const signature = await signer.sign("signRequest", encodeCancel(sent.chainId, name));
        const answer = await tracker.operatorOf(chain).cancelOrder(name, signature);
        return answer.ok && answer.value ? { kind: "back" } : undefined;
      });
    }
  }

  /** Whether what is signed of an order that has ended may still be filled: not once all records that could hold it are known. */
  function mayCount(chain: TrackedChain, sent: SentOrder): boolean {
    const trouble = findObstacle(chain, tracker, mainChain)?.kind;
    // What an operator who is gone has recorded is known as well.
    if (trouble !== undefined && trouble !== "down") return true;
    return lastHeightOf(sent, chain.followed.facts.expiry) > confirmedHeight();
  }

  /** An order as it stands, though nobody writes it down while the wallet is locked. */
  function look(id: string, order: RestingOrder): OpenOrder {
    const chain = tracker.find(order.chainId);
    const book = chain?.book;
    const isOpenStill = isOpen(order);
    const sent = sentOf(id).filter(
      (each) => isOpenStill || chain === undefined || mayCount(chain, each),
    );
    if (options.hands() !== undefined || book === undefined) {
      const waitsFor = waits.get(id) ?? "the next block";
      return { id, order, filled: sumFills(order), sent, waitsFor };
    }
    const isOver = ({ height }: SentOrder) => height <= book.tip.height;
    const seen = readOutcome(order, sent.filter(isOver), book, 0);
    return {
      id,
      order: seen,
      filled: sumFills(seen),
      sent: sent.filter((each) => !isOver(each)),
      waitsFor: "the wallet to be unlocked",
    };
  }

  return {
    list: () => [...rows.resting].map(([id, order]) => look(id, order)),

    async place(chain, bookId, wanted) {
      const book = listBooks(chain.followed.markets).find(({ id }) => id === bookId);
      if (book === undefined) return refuse("NO_SUCH_BOOK", "nobody offers this outcome here");
      const closed = whyClosed(chain, book, mainChain.tip().header.height);
      if (closed !== undefined) return refuse("CLOSED", closed);
      const judged = judgeNewOrder(wanted, chain.book, book, clock());
      if (!judged.ok) return judged;
      const open = [...rows.resting.values()].filter((each) => isOf(each, chain) && isOpen(each));
      if (open.length >= OPEN_MAX) {
        return refuse("TOO_MANY_ORDERS", `expected at most ${OPEN_MAX} orders at once in a chain`);
      }
      const { side, limit, quantity, contractIds, goodUntilMs } = wanted;
      // What is paid is wanted back where the question is bad, unless told otherwise; a seller has no such wish.
      const refundLeast = isBuy(side) ? (wanted.refundLeast ?? limit) : 0;
      const id = rows.nextId();
      await commit([
        rows.put(id, {
          chainId: chain.followed.facts.id,
          limits: { market: book.ref, side, limit, quantity, refundLeast },
          contractIds: isBuy(side) ? [] : contractIds,
          madeAtMs: clock(),
          goodUntilMs,
          fills: [],
          settled: { quantity: 0n, paid: 0n },
          last: undefined,
          end: undefined,
        }),
      ]);
      await note(`You placed an order to ${describeOrder(wanted, book.market, book.outcome)}.`);
      return accept(id);
    },

    async cancel(id) {
      const order = rows.resting.get(id);
      const hands = options.hands();
      if (order === undefined) return refuse("NO_SUCH_ORDER", "the wallet has no such order");
      if (hands === undefined) return refuse("LOCKED", "unlock the wallet first");
      if (!isOpen(order)) return refuse("NOT_OPEN", "the order does not rest any more");
      await commit([rows.put(id, { ...order, end: { kind: "cancelled" } })]);
      takeBack(id, hands);
      await note("You cancelled an order. Nothing more is signed of it.");
      return accept(null);
    },

    reload,

    async advance() {
      const hands = options.hands();
      if (hands === undefined) return reload();
      for (const chain of tracker.chains()) await advanceChain(chain, hands);
    },

    taken: (chain) => [...rows.sent.values()].filter((each) => isOf(each, chain)).filter(isTaken),

    async explain(id, height, why) {
      const order = rows.resting.get(id);
      // Only the newest batch is told of, and only as long as its block stands.
      if (order?.last?.height !== height || order.last.why === why) return;
      await commit([rows.put(id, { ...order, last: { ...order.last, why } })]);
    },

    isAnyOpen: () => [...rows.resting.values()].some(isOpen),

    isAtRest: () => sending.size === 0,
  };
}

type SignRequest = Omit<OrderToSign, "keep"> & { readonly id: string; readonly height: number };

function isOf({ chainId }: { readonly chainId: Uint8Array }, { followed }: TrackedChain): boolean {
  return equalBytes(chainId, followed.facts.id);
}

function findBook(
  books: readonly OfferedBook[],
  { limits }: RestingOrder,
): OfferedBook | undefined {
  return books.find(({ ref }) => isSameMarket(ref, limits.market));
}
