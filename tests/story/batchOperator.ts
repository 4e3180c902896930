import type { Market, PublishedBatch } from "../../src/api/marketApi.ts";
import type { SignedClose } from "../../src/api/operatorApi.ts";
import { type ChainContent, type ChainFacts, isMatch } from "../../src/blocks/applyTransactions.ts";
import { decodeBlock, encodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import { buildBlock } from "../../src/blocks/buildBlock.ts";
import { createPostMap } from "../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../src/blocks/transaction.ts";
import { type ChainTip, createChainTip, createTipAfter } from "../../src/blocks/validateBlock.ts";
import { readChainRecord } from "../../src/chain/state/chainRecord.ts";
import { listBooks } from "../../src/client/orders/offeredBooks.ts";
import { type OperatorSource, SourceError } from "../../src/client/ports.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { accept, insist, refuse, type Verdict } from "../../src/lib/verdict.ts";
import {
  type BatchBounds,
  hashOrder,
  judgeTerms,
  nameOrder,
  type SignedOrder,
} from "../../src/market/batch.ts";
import { clearMatches } from "../../src/market/clearMatches.ts";
import { isOfYes, placeOf } from "../../src/market/piece.ts";
import { encodeBlockHeader, hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import type { Condition } from "../../src/protocol/condition.ts";
import { encodeContractNew } from "../../src/protocol/contractNew.ts";
import { computeChainId } from "../../src/protocol/keys.ts";
import { encodeOrder } from "../../src/protocol/order.ts";
import type { Place } from "../../src/protocol/place.ts";
import { encodePost } from "../../src/protocol/post.ts";
import type { LateSpace } from "../../src/protocol/recordSeen.ts";
import { isSignedBy } from "../../src/protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../../src/protocol/script.ts";
import { computeDigest, signDigest } from "../../src/protocol/signature.ts";
import { createTree, findLeaf } from "../../src/space/tree.ts";
import { keyOf, type LocalWorld, RULES } from "./localWorld.ts";

/** An order as it waits for the next block, with the owner of what it uses. */
export type WaitingOrder = { readonly signed: SignedOrder; readonly owner: Uint8Array };

/**
 * A small operator whose chain trades, made of the protocol's own functions. He makes a block when he is told to, so a story can
 * say what he does between two blocks; and he does whatever he is told, be it a lie.
 */
export class BatchOperator {
  readonly url: string;
  readonly chain: ChainFacts;
  /** The questions that he offers. */
  markets: readonly Market[];
  content: ChainContent;
  tip: ChainTip;
  /** Every block, in order, as it is served. */
  readonly blocks: Uint8Array[] = [];
  readonly batches = new Map<number, PublishedBatch>();
  /** The space that each block's matches have used, as it is late where they are. */
  readonly used = new Map<number, readonly LateSpace[]>();
  waiting: WaitingOrder[] = [];
  /** Every order that he was ever given. */
  readonly given: SignedOrder[] = [];
  isDown = false;
  /** Orders that are handed in do not reach him. */
  isDeaf = false;
  /** What he serves in place of a block; undefined withholds it. */
  serve: (height: number, bytes: Uint8Array) => Uint8Array | undefined = (_, bytes) => bytes;
  /** What he shows of a batch in place of the truth. */
  publish: (batch: PublishedBatch) => PublishedBatch | undefined = (batch) => batch;
  readonly #world: LocalWorld;
  readonly #wallet: Wallet;
  readonly #privateKey: Uint8Array;
  readonly #live = new Map<string, Place>();
  #postCount = 0;
  #postedHeight = 0;
  #recorded = 0;

  private constructor(
    world: LocalWorld,
    wallet: Wallet,
    options: { readonly name: string; readonly url: string; readonly markets: readonly Market[] },
    chain: ChainFacts,
  ) {
    this.url = options.url;
    this.markets = options.markets;
    this.chain = chain;
    this.#world = world;
    this.#wallet = wallet;
    this.#privateKey = keyOf(world.seed, options.name);
    this.content = { tree: createTree(chain.lo, chain.hi), posts: createPostMap() };
    this.tip = createChainTip(chain);
    world.sources.set(this.url, this.source());
  }

  /** Make a chain on the main chain, and serve it. */
  static async open(
    world: LocalWorld,
    options: {
      readonly name: string;
      readonly url: string;
      readonly amount: bigint;
      readonly expiry: number;
      readonly markets: readonly Market[];
    },
  ): Promise<BatchOperator> {
    const wallet = await world.openWallet(options.name);
    insist(await wallet.requestCoins());
    await world.mine(2);
    const hands = wallet.hands();
    if (hands === undefined) throw new Error("the operator has no key");
    const operator = hands.signer.publicKey;
    const id = computeChainId(operator, hands.outbox.account().nonce + 1);
    const { amount, expiry } = options;
    const terms = { amount, expiry, depositBps: 0, claimDelay: 12, disputeDelay: 24 };
    insist(await hands.outbox.send({ kind: "sortition-new", operator, ...terms }));
    await world.mine(2);
    const record = await wallet.mainChain.read("chains", id, readChainRecord);
    if (record === undefined) throw new Error("the chain was not made");
    const { lo, hi } = record;
    return new BatchOperator(world, wallet, options, { id, operator, lo, hi, expiry });
  }

  /** Put an order among those that wait, whoever it is from. */
  take(signed: SignedOrder): Verdict<WaitingOrder> {
    const { order, signature } = signed;
    if (!equalBytes(order.seenBlock, this.tip.hash)) {
      return refuse("OTHER_BLOCK_SEEN", "the order names another block than the last one");
    }
    if (order.recorded !== this.#recorded) {
      return refuse("OTHER_RECORD", "the order takes something else to be recorded");
    }
    const isVersion = (each: WaitingOrder) =>
      equalBytes(nameOrder(each.signed.order), nameOrder(order));
    const known = this.waiting.find(isVersion);
    const isOlder = known && known.signed.order.terms.heightMax >= order.terms.heightMax;
    if (known !== undefined && isOlder) return accept(known);
    const book = listBooks(this.markets).find(({ ref }) => equalBytes(ref.win, order.market.win));
    if (book === undefined) return refuse("NO_SUCH_BOOK", "nobody offers this outcome here");
    const judged = judgeTerms(order.terms, book.rules);
    if (!judged.ok) return judged;
    const [first] = order.terms.contracts;
    const isYes = isOfYes(order.terms.side);
    const found = first && findLeaf(this.content.tree, placeOf(order.market, isYes, first));
    if (found === undefined || !found.ok || found.value === undefined) {
      return refuse("NO_SUCH_CONTRACT", "no contract that the order names stands here");
    }
    const { owner } = found.value;
    if (!isSignedBy(RULES, "signOrder", encodeOrder(order), signature, owner)) {
      return refuse("BAD_SIGNATURE", "the order is not signed by the owner of its contracts");
    }
    const waiting = { signed, owner };
    this.waiting = [...this.waiting.filter((each) => !isVersion(each)), waiting];
    return accept(waiting);
  }

  /** Give cash to owners, in a block of its own; each piece on free space after all others. */
  give(...lots: readonly (readonly [owner: Uint8Array, width: bigint])[]): void {
    let lo = this.#freeFrom;
    const made = lots.map(([owner, width]): BlockTransaction => {
      const place: Place = { lo, hi: lo + width, conditions: [] };
      lo += width;
      const contract = { place, owner, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
      return { kind: "contract-new", contract };
    });
    this.#freeFrom = lo;
    this.makeBlock(made);
  }

  #freeFrom = 0n;

  /** What orders for the next block are bound to. */
  get bounds(): BatchBounds {
    return { seenBlock: this.tip.hash, recorded: this.#recorded };
  }

  /** Say in a block that the last post is recorded, and take out what came too late. */
  sayRecorded(late: readonly LateSpace[] = []): void {
    const seen = { height: this.#postedHeight, late };
    this.makeBlock([{ kind: "record-seen", seen }], []);
  }

  /** The matches of the orders that wait, as an honest operator makes them. */
  clear(orders: readonly WaitingOrder[] = this.waiting): BlockTransaction[] {
    return listBooks(this.markets).flatMap(({ ref, rules }) => {
      const own = orders.filter(({ signed }) => equalBytes(signed.order.market.win, ref.win));
      const named = own.map((each) => ({ ...each, hash: hashOrder(each.signed.order) }));
      const { matches } = clearMatches(named, ref, rules, this.bounds);
      return matches.map((match) => ({ kind: "match", match }) as const);
    });
  }

  /** Make the block that follows, of what waits and whatever else; nothing where there is nothing for it. */
  makeBlock(others: readonly BlockTransaction[] = [], matches = this.clear()): void {
    const transactions = [...others, ...matches];
    if (transactions.length === 0) return;
    const mainHeight = this.#world.node.tip().header.header.height;
    const context = { rules: RULES, chain: this.chain, mainHeight, mainHeader: () => undefined };
    const time = BigInt(this.#world.nowMs);
    const draft = { transactions, scripts: [], conditions: this.#bodies(), time };
    const built = buildBlock(this.content, this.tip, draft, context);
    if (!built.ok) throw new Error(`${built.code}: ${built.message}`);
    this.#publishBatch();
    const block = this.sign(built.value.block);
    const { effects } = built.value;
    this.content = effects;
    for (const { leaf } of effects.closed) this.#live.delete(formatHex(leaf.id));
    for (const { leaf, place } of effects.made) this.#live.set(formatHex(leaf.id), place);
    this.tip = createTipAfter(block.header);
    this.#recorded = effects.seen?.height ?? this.#recorded;
    const since = this.tip.height;
    const byMatch = effects.closed.filter(({ by }) => isMatch(by));
    this.used.set(
      since,
      byMatch.map(({ place }) => ({ place, since })),
    );
    this.blocks.push(encodeBlock(block));
    this.waiting = [];
  }

  #publishBatch(): void {
    const height = this.tip.height + 1;
    const books = listBooks(this.markets).flatMap(({ ref }) => {
      const orders = this.waiting.filter(({ signed }) =>
        equalBytes(signed.order.market.win, ref.win),
      );
      const [first] = this.clear(orders);
      const price = first?.kind === "match" ? first.match.price : undefined;
      return orders.length === 0 ? [] : [{ bookId: ref.win, price, orders }];
    });
    if (books.length > 0) this.batches.set(height, { height, books });
  }

  #bodies(): Condition[] {
    return listBooks(this.markets).flatMap(({ conditions: { refund, win } }) => [refund, win]);
  }

  /** Sign a block, whatever is in it. */
  sign(block: Omit<SortitionBlock, "signature">): SortitionBlock {
    const digest = computeDigest("signBlock", RULES.networkId, encodeBlockHeader(block.header));
    return { ...block, signature: signDigest(digest, this.#privateKey) };
  }

  /** Record the last block on the main chain, or another one. */
  async post(blockHash = this.tip.hash): Promise<void> {
    this.#postCount += 1;
    this.#postedHeight = this.tip.height;
    const { id: chainId, operator: signer } = this.chain;
    const place = { kind: "mainChain" } as const;
    const post = { place, chainId, sequence: this.#postCount, blockHash };
    const digest = computeDigest("signPost", RULES.networkId, encodePost(post));
    const signature = signDigest(digest, this.#privateKey);
    const entry = { kind: "post", post, signer, signature } as const;
    const outbox = this.#wallet.hands()?.outbox;
    insist((await outbox?.send({ kind: "existence", entry })) ?? refuse("NO_KEY", "no key"));
  }

  source(): OperatorSource {
    const away = <Value>(answer: () => Value): Promise<Value> => {
      if (this.isDown) return Promise.reject(new SourceError("DOWN", "nobody answers"));
      return Promise.resolve(answer());
    };
    const no = () => away(() => refuse("NOT_SERVED", "he does nothing but trade"));
    return {
      url: this.url,
      facts: () =>
        away(() => {
          const { id: chainId, operator } = this.chain;
          const { markets } = this;
          const height = this.tip.height;
          return { chainId, operator, label: "", parent: undefined, feeBps: 0, markets, height };
        }),
      blocks: (from, count) =>
        away(() => {
          const served: Uint8Array[] = [];
          for (const [index, bytes] of this.blocks.slice(from - 1, from - 1 + count).entries()) {
            const shown = this.serve(from + index, bytes);
            if (shown === undefined) break;
            served.push(shown);
          }
          return served;
        }),
      block: (hash) =>
        away(() => {
          const height =
            this.blocks.findIndex((bytes) => equalBytes(this.#hashOf(bytes), hash)) + 1;
          const bytes = this.blocks[height - 1];
          return bytes && this.serve(height, bytes);
        }),
      holding: no,
      follow: () => () => undefined,
      requestPurchase: no,
      requestBet: no,
      requestSale: no,
      submitCloses: (_, closes) => away(() => this.#takeCloses(closes)),
      submitSeal: no,
      submitPost: no,
      proposeState: no,
      submitOrder: (signed) =>
        away(() => {
          if (this.isDeaf) throw new SourceError("DOWN", "nobody answers");
          this.given.push(signed);
          const taken = this.take(signed);
          if (!taken.ok) return taken;
          return accept({ orderHash: hashOrder(signed.order), height: this.tip.height + 1 });
        }),
      cancelOrder: (orderName) =>
        away(() => {
          const left = this.waiting.filter(
            ({ signed }) => !equalBytes(nameOrder(signed.order), orderName),
          );
          const isCancelled = left.length < this.waiting.length;
          this.waiting = left;
          return accept(isCancelled);
        }),
      batch: (height) =>
        away(() => {
          const batch = this.batches.get(height);
          return batch && this.publish(batch);
        }),
      followFeed: () => () => undefined,
    };
  }

  #hashOf(bytes: Uint8Array): Uint8Array {
    return hashBlockHeader(insist(decodeBlock(bytes)).header);
  }

  /** Closes of an owner's own contracts go into a block at once, with all that they name. */
  #takeCloses(closes: readonly SignedClose[]): Verdict<null> {
    const gone = closes.map(({ close, signature }): BlockTransaction => {
      const place = this.#live.get(formatHex(close.contractId));
      if (place === undefined) throw new SourceError("REFUSED", "no such contract stands here");
      const authorisation = { kind: "exact", close, signature } as const;
      return {
        kind: "contract-close",
        close: { contractId: close.contractId, place, authorisation },
      };
    });
    const named = closes.flatMap(({ close }) => close.successors);
    const distinct = new Map(named.map((each) => [formatHex(encodeContractNew(each)), each]));
    const made = [...distinct.values()].map((contract): BlockTransaction => {
      return { kind: "contract-new", contract };
    });
    this.makeBlock([...gone, ...made], []);
    return accept(null);
  }
}
