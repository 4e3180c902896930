import type { PublishedBatch } from "../../api/marketApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import type { SignedOrder } from "../../market/batch.ts";
import type { OwnedOrder } from "../../market/clearMatches.ts";
import { findSharedBooks } from "../../market/sharedContracts.ts";
import { encodeOrder } from "../../protocol/order.ts";
import { isSignedBy, type Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import { SourceError, StoreError } from "../ports.ts";
import { isSameMarket, type Trade } from "../tradeRecords.ts";
import { auditBook, type BookAudit } from "./auditBatch.ts";
import { whyClosed } from "./closedBook.ts";
import { listBooks, type OfferedBook } from "./offeredBooks.ts";
import type { TakenOrder } from "./orderRows.ts";
import { nameSent } from "./orderStore.ts";
import { describeFault, describeShortfall } from "./orderWords.ts";
import { isRunningOut } from "./versions.ts";

/**
 * What this wallet has found of a batch.
 *
 * - `checked`: the block has the matches that follow from the published orders. - `different`: it has not; how, in a clause.
 * - `unpublished`: the operator shows no orders.
 */
export type Audit =
  | { readonly kind: "checked"; readonly height: number; readonly orders: number }
  | { readonly kind: "different"; readonly height: number; readonly words: string }
  | { readonly kind: "unpublished"; readonly height: number };

/** Looks into the batches of the chains that are followed, as their blocks are checked. */
export type Audits = {
  /** Begin with what is new; nobody waits for it. */
  advance(): void;
  /** The newest batch of a book in which something differs, or else the newest that was looked into. */
  of(chain: TrackedChain, bookId: string): Audit | undefined;
  isAtRest(): boolean;
};

/** Batches of a chain that are looked into, the newest: their orders are published for a while only. */
const BATCHES_MAX = 32;
/** Signatures checked at one go; then others have their turn. */
const SIGNATURES_AT_ONCE = 8;

export function createAudits(options: {
  readonly rules: Rules;
  readonly tracker: ChainTracker;
  /** What this wallet has signed for blocks of a chain that are checked, and was acknowledged. */
  readonly taken: (chain: TrackedChain) => readonly TakenOrder[];
  /** Height of the best main-chain header. */
  readonly mainHeight: () => number;
  /** Say why a batch has left some or all of an order, as its orders tell. */
  readonly explain: (orderId: string, height: number, why: string) => Promise<void>;
  /** Say to the holder what was found, once. */
  readonly warn: (words: string) => Promise<void>;
  readonly onChange: () => void;
  /** Let others have their turn. */
  readonly pause: () => Promise<void>;
}): Audits {
  const { rules, tracker, taken, mainHeight, explain, warn, onChange, pause } = options;
  /** Names of batches that were looked into, by hex id of their chain. */
  const seen = new Map<string, Set<string>>();
  const found = new Map<string, Audit>();
  let isRunning = false;

  function nameBook(chain: TrackedChain, bookId: string): string {
    return `${formatHex(chain.followed.facts.id)}:${bookId}`;
  }

  /** Whatever a batch is made of: another block of its height is another batch. */
  function nameBatch({ book }: TrackedChain, height: number): string {
    const trades = book.trades.filter((each) => each.height === height);
    return [height, ...trades.map(({ digest }) => formatHex(digest))].join(":");
  }

  function keep(chain: TrackedChain, bookId: string, audit: Audit): void {
    const name = nameBook(chain, bookId);
    const before = found.get(name);
    const isOutdone = before !== undefined && compareAudits(before, audit) > 0;
    if (!isOutdone) found.set(name, audit);
  }

  async function auditChain(chain: TrackedChain): Promise<void> {
    const { tip } = chain.book;
    const sent = taken(chain).filter(({ height }) => height <= tip.height);
    const heights = new Set([...chain.book.trades, ...sent].map(({ height }) => height));
    const newest = [...heights].sort((a, b) => b - a).slice(0, BATCHES_MAX);
    const id = formatHex(chain.followed.facts.id);
    const before = seen.get(id) ?? new Set();
    const names = newest.map((height) => nameBatch(chain, height));
    const now = new Set(names.filter((name) => before.has(name)));
    seen.set(id, now);
    for (const [index, height] of newest.entries()) {
      const name = names[index] ?? "";
      if (now.has(name)) continue;
      const batch = await ask(chain, height);
      if (batch === "later") return;
      const trades = chain.book.trades.filter((each) => each.height === height);
      const own = sent.filter((each) => each.height === height);
      await auditHeight(chain, height, batch, trades, own);
      now.add(name);
      onChange();
    }
  }

  /** `later`: he does not answer now. Anything but a batch is none. */
  async function ask(
    chain: TrackedChain,
    height: number,
  ): Promise<PublishedBatch | undefined | "later"> {
    try {
      return await tracker.operatorOf(chain).batch(height);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return error.code === "DOWN" ? "later" : undefined;
    }
  }

  async function auditHeight(
    chain: TrackedChain,
    height: number,
    batch: PublishedBatch | undefined,
    trades: readonly Trade[],
    sent: readonly TakenOrder[],
  ): Promise<void> {
    // A contract of one owner may be named in several books.
    const shared = findSharedBooks(batch?.books ?? []);
    for (const book of listBooks(chain.followed.markets)) {
      const trade = trades.find(({ market }) => isSameMarket(market, book.ref));
      const own = sent.filter(({ signed }) => isSameMarket(signed.order.market, book.ref));
      // What is answered is in no batch any more, as nothing of it would count.
      const isClosed = whyClosed(chain, book, mainHeight()) !== undefined;
      if (trade === undefined && (own.length === 0 || isClosed)) continue;
      if (batch === undefined) {
        keep(chain, book.id, { kind: "unpublished", height });
        continue;
      }
      const found = await auditOne(book, batch, height, own, trade);
      const isShared = found.kind === "checked" && shared.has(book.id);
      const audit = isShared ? SHARED : found;
      for (const { orderId, why } of listReasons(audit, own)) await explain(orderId, height, why);
      if (audit.kind === "checked") {
        keep(chain, book.id, { kind: "checked", height, orders: audit.orders });
        continue;
      }
      const { words } = audit;
      keep(chain, book.id, { kind: "different", height, words });
      const what = book.market.outcomes[book.outcome] ?? "an outcome";
      await warn(`Batch ${height} on “${what}” is not what it should be: ${words}.`);
    }
  }

  async function auditOne(
    book: OfferedBook,
    batch: PublishedBatch,
    height: number,
    own: readonly TakenOrder[],
    trade: Trade | undefined,
  ): Promise<BookAudit> {
    const orders = batch.books.flatMap((each) => each.orders);
    const isOther = own.some(({ signed }) =>
      orders.some((each) => !equalBytes(each.signed.order.seenBlock, signed.order.seenBlock)),
    );
    if (batch.height !== height || isOther) {
      return { kind: "different", words: describeFault({ kind: "otherBatch" }), missing: [] };
    }
    // One that was running out may have been left out for that.
    const due = own.filter(({ answer }) => !isRunningOut(answer.heightMax, mainHeight()));
    const audit = auditBook(
      book,
      batch,
      due.map(({ signed }) => signed),
      trade,
    );
    if (audit.kind === "different" || (await areSigned(audit.unproven))) return audit;
    return { kind: "different", words: describeFault({ kind: "unsigned" }), missing: [] };
  }

  async function areSigned(orders: readonly OwnedOrder[]): Promise<boolean> {
    for (const [index, { signed, owner }] of orders.entries()) {
      if (index % SIGNATURES_AT_ONCE === 0) await pause();
      const body = encodeOrder(signed.order);
      if (!isSignedBy(rules, "signOrder", body, signed.signature, owner)) return false;
    }
    return true;
  }

  async function run(): Promise<void> {
    isRunning = true;
    try {
      for (const chain of tracker.chains()) await auditChain(chain);
    } catch (error) {
      // A full disk keeps no warning; the finding is shown all the same.
      if (!(error instanceof StoreError)) throw error;
    } finally {
      isRunning = false;
    }
  }

  return {
    advance() {
      if (!isRunning) void run();
    },
    of: (chain, bookId) => found.get(nameBook(chain, bookId)),
    isAtRest: () => !isRunning,
  };
}

/** Why own orders are not filled whole, as far as a batch's orders tell, each in a clause. */
function listReasons(
  audit: BookAudit,
  own: readonly TakenOrder[],
): { readonly orderId: string; readonly why: string }[] {
  const idOf = (signed: SignedOrder) =>
    own.find((each) => nameSent(each) === nameSent({ signed }))?.orderId;
  const reasons =
    audit.kind === "checked"
      ? audit.shortfalls.map(({ signed, shortfall }) => {
          const { side, limit } = signed.order.terms;
          return { orderId: idOf(signed), why: describeShortfall(shortfall, side, limit) };
        })
      : audit.missing.map((signed) => ({ orderId: idOf(signed), why: LEFT_OUT }));
  return reasons.flatMap(({ orderId, why }) => (orderId === undefined ? [] : [{ orderId, why }]));
}

const SHARED: BookAudit = {
  kind: "different",
  words: describeFault({ kind: "shared" }),
  missing: [],
};
const LEFT_OUT = "the operator had taken it, and left it out of the batch";

/** What differs counts more than what does not, then the newer. */
function compareAudits(a: Audit, b: Audit): number {
  const weigh = ({ kind }: Audit) => (kind === "different" ? 1 : 0);
  return weigh(a) - weigh(b) || a.height - b.height;
}
