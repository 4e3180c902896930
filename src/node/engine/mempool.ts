import { priceChallengeAnswer } from "../../chain/challenges/judgeChallengeResponse.ts";
import { createGasMeter } from "../../chain/gasMeter.ts";
import { priceAnswer } from "../../chain/requests/judgeResponse.ts";
import { getAccount } from "../../chain/state/mainState.ts";
import {
  computeTransactionId,
  decodeTransaction,
  encodeTransaction,
  type SignedTransaction,
  TRANSACTION_OVERHEAD_MAX,
} from "../../chain/transaction.ts";
import { applyTransaction } from "../../chain/txs/applyTransaction.ts";
import { formatHex } from "../../lib/hex.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { BLOCK_BYTES_MAX, BLOCK_GAS_MAX } from "../../protocol/limits.ts";
import { type BlockTree, createWorkHashes, type TipChange, tipOf } from "./blockTree.ts";

/** A transaction that waits; `id` is hex. `pays`: satoshi for the miner. */
type Waiting = {
  readonly id: string;
  readonly signed: SignedTransaction;
  readonly bytes: number;
  readonly pays: bigint;
};

/** Bytes of all that waits, and transactions of one account. */
export type MempoolLimits = { readonly bytesMax: number; readonly perAccountMax: number };

const MEMPOOL_LIMITS: MempoolLimits = { bytesMax: 16 * 1024 * 1024, perAccountMax: 64 };

/** Transactions that wait for a block: by account (hex), by nonce. No account is without any. */
export type Mempool = {
  readonly limits: MempoolLimits;
  readonly accounts: Map<string, Map<number, Waiting>>;
  bytes: number;
};

export function createMempool(limits = MEMPOOL_LIMITS): Mempool {
  return { limits, accounts: new Map(), bytes: 0 };
}

/**
 * Take a stranger's transaction, if it holds on top of the tip and of what its account has waiting.
 * The same one again is taken as said; another with its nonce must pay more. Where all room is taken, what
 * pays less for each byte gives way.
 *
 * @returns its id.
 */
export function addTransaction(
  pool: Mempool,
  tree: BlockTree,
  bytes: Uint8Array,
): Verdict<Uint8Array> {
  return judge(() => {
    const bytesMax = BLOCK_BYTES_MAX + TRANSACTION_OVERHEAD_MAX;
    demand(
      bytes.length <= bytesMax,
      "TOO_LONG",
      `expected a transaction of at most ${bytesMax} bytes, got ${bytes.length}`,
    );
    const signed = insist(decodeTransaction(bytes));
    const { transaction } = signed;
    const id = computeTransactionId(transaction);
    const account = formatHex(transaction.from);
    const own = pool.accounts.get(account) ?? new Map<number, Waiting>();
    const before = own.get(transaction.nonce);
    const pays = transaction.fee + pricePaid(signed, tree);
    const waiting = { id: formatHex(id), signed, bytes: bytes.length, pays };
    if (before?.id === waiting.id) return id;
    demand(
      before === undefined || transaction.fee > before.signed.transaction.fee,
      "FEE_TOO_LOW",
      "another transaction of this account and nonce waits, for no lower fee",
    );
    const { perAccountMax } = pool.limits;
    demand(
      before !== undefined || own.size < perAccountMax,
      "BUSY",
      `the account has ${perAccountMax} waiting`,
    );
    demandValid(tree, own, signed);
    const room = pool.limits.bytesMax - pool.bytes + (before?.bytes ?? 0);
    for (const victim of findVictims(pool, account, waiting, room)) drop(pool, victim);
    if (before !== undefined) drop(pool, before);
    own.set(transaction.nonce, waiting);
    pool.accounts.set(account, own);
    pool.bytes += bytes.length;
    return id;
  });
}

/** Run what the account has waiting below it, then the transaction itself. */
function demandValid(
  tree: BlockTree,
  own: ReadonlyMap<number, Waiting>,
  signed: SignedTransaction,
): void {
  const tip = tipOf(tree);
  // Each by itself: in what block it will stand, and beside what, is not known yet.
  const gas = () => createGasMeter(BLOCK_GAS_MAX);
  const place = {
    rules: tree.rules,
    height: tip.header.header.height + 1,
    index: 0,
    workHashAt: createWorkHashes(tip),
  };
  // What waits was checked when it came: its signatures do not go bad.
  const placeBelow = { ...place, rules: { ...tree.rules, verify: () => true } };
  let { state } = tip;
  const below = [...own.values()]
    .filter(({ signed: { transaction } }) => transaction.nonce < signed.transaction.nonce)
    .toSorted((a, b) => nonceOf(a) - nonceOf(b));
  for (const waiting of below) {
    const applied = applyTransaction(state, waiting.signed, { ...placeBelow, gas: gas() });
    if (applied.ok) state = applied.value.state;
  }
  insist(applyTransaction(state, signed, { ...place, gas: gas() }));
}

/**
 * What gives way to a newcomer that needs more than `room`: of other accounts the last in line, those first
 * that pay least for each byte. Refused if that would be one that pays as much as the newcomer.
 */
function findVictims(
  pool: Mempool,
  account: string,
  newcomer: Waiting,
  room: number,
): readonly Waiting[] {
  const victims = new Set<Waiting>();
  for (let left = room; left < newcomer.bytes; ) {
    const lasts = [...pool.accounts].flatMap(([each, own]) => {
      if (each === account) return [];
      const staying = [...own.values()].filter((waiting) => !victims.has(waiting));
      return staying.length === 0
        ? []
        : [staying.reduce((a, b) => (nonceOf(a) > nonceOf(b) ? a : b))];
    });
    const [first, ...others] = lasts;
    if (first === undefined) throw new Refusal("BUSY", "the node has too many waiting");
    const cheapest = others.reduce((a, b) => (compareWaiting(a, b) > 0 ? a : b), first);
    demand(compareRates(newcomer, cheapest) < 0, "BUSY", "what waits pays as much for each byte");
    victims.add(cheapest);
    left += cheapest.bytes;
  }
  return [...victims];
}

/** The nonce that the next transaction of an account should have, on top of what waits. */
export function nextNonce(pool: Mempool, tree: BlockTree, owner: Uint8Array): number {
  const waiting = pool.accounts.get(formatHex(owner));
  let nonce = getAccount(tipOf(tree).state, owner).nonce + 1;
  while (waiting?.has(nonce) === true) nonce += 1;
  return nonce;
}

/**
 * What waits, in the order of a block: each account by nonce, accounts merged by what they pay for each byte,
 * then by id, so that the order follows from what waits alone.
 */
export function selectCandidates(pool: Mempool, tree: BlockTree): SignedTransaction[] {
  const { state } = tipOf(tree);
  const heads: Waiting[] = [];
  for (const own of pool.accounts.values()) {
    const [any] = own.values();
    if (any === undefined) continue;
    const next = own.get(getAccount(state, any.signed.transaction.from).nonce + 1);
    if (next !== undefined) heads.push(next);
  }
  // The best stands last, where it is cheap to take off.
  heads.sort((a, b) => compareWaiting(b, a));
  const selected: SignedTransaction[] = [];
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    selected.push(head.signed);
    const next = pool.accounts.get(accountOf(head))?.get(nonceOf(head) + 1);
    if (next !== undefined) insertSorted(heads, next);
  }
  return selected;
}

/** What a transaction pays beside its fee: an answer is paid for by whoever asked. */
function pricePaid({ transaction: { body } }: SignedTransaction, { rules }: BlockTree): bigint {
  if (body.kind !== "data-response" && body.kind !== "challenge-response") return 0n;
  const { dataRequestDeposit } = rules.parameters;
  const price =
    body.kind === "data-response"
      ? priceAnswer(body.response.answer, rules.parameters)
      : priceChallengeAnswer(body.response.answer, rules.parameters);
  return price < dataRequestDeposit ? price : dataRequestDeposit;
}

function insertSorted(heads: Waiting[], next: Waiting): void {
  let [low, high] = [0, heads.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareWaiting(heads[middle] as Waiting, next) > 0) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, next);
}

/** Below 0 if `a` pays more for each byte. */
function compareRates(a: Waiting, b: Waiting): number {
  const x = a.pays * BigInt(b.bytes);
  const y = b.pays * BigInt(a.bytes);
  return x === y ? 0 : x > y ? -1 : 1;
}

function compareWaiting(a: Waiting, b: Waiting): number {
  return compareRates(a, b) || (a.id < b.id ? -1 : 1);
}

/** Drop what new blocks have used up, and take back what a reorg has put out of them. */
export function followTip(pool: Mempool, tree: BlockTree, change: TipChange): void {
  const { state } = tipOf(tree);
  for (const own of [...pool.accounts.values()]) {
    for (const waiting of [...own.values()]) {
      const { from, nonce } = waiting.signed.transaction;
      if (nonce <= getAccount(state, from).nonce) drop(pool, waiting);
    }
  }
  for (const { block } of change.removed.toReversed()) {
    for (const signed of block.transactions) addTransaction(pool, tree, encodeTransaction(signed));
  }
}

/** Drop transactions that a block on the tip may not hold, and what stands on them: none of it can follow. */
export function dropInvalid(pool: Mempool, invalid: readonly SignedTransaction[]): void {
  for (const { transaction } of invalid) {
    const own = pool.accounts.get(formatHex(transaction.from));
    for (const waiting of [...(own?.values() ?? [])]) {
      if (nonceOf(waiting) >= transaction.nonce) drop(pool, waiting);
    }
  }
}

function drop(pool: Mempool, waiting: Waiting): void {
  const account = accountOf(waiting);
  const own = pool.accounts.get(account);
  own?.delete(nonceOf(waiting));
  if (own?.size === 0) pool.accounts.delete(account);
  pool.bytes -= waiting.bytes;
}

function accountOf({ signed }: Waiting): string {
  return formatHex(signed.transaction.from);
}

function nonceOf({ signed }: Waiting): number {
  return signed.transaction.nonce;
}
