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
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { type BlockTree, createWorkHashes, type TipChange, tipOf } from "./blockTree.ts";

/** A transaction that waits; `id` is hex. */
type Waiting = {
  readonly id: string;
  readonly signed: SignedTransaction;
  readonly bytes: number;
};

/** Transactions that wait for a block: by account (hex), by nonce. */
export type Mempool = {
  readonly accounts: Map<string, Map<number, Waiting>>;
  bytes: number;
};

/** Bytes of all that waits, and transactions of one account. */
const MEMPOOL_BYTES_MAX = 16 * 1024 * 1024;
const PER_ACCOUNT_MAX = 64;

export function createMempool(): Mempool {
  return { accounts: new Map(), bytes: 0 };
}

/**
 * Take a stranger's transaction, if it holds on top of the tip and of what its account has waiting.
 * The same one again is taken as said; another with its nonce must pay more.
 *
 * @returns its id.
 */
export function addTransaction(
  pool: Mempool,
  tree: BlockTree,
  bytes: Uint8Array,
): Verdict<Uint8Array> {
  return judge(() => {
    const bytesMax = tree.rules.parameters.claimBytesMax + TRANSACTION_OVERHEAD_MAX;
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
    if (before?.id === formatHex(id)) return id;
    demand(
      before === undefined || transaction.fee > before.signed.transaction.fee,
      "FEE_TOO_LOW",
      "another transaction of this account and nonce waits, for no lower fee",
    );
    demand(own.size < PER_ACCOUNT_MAX, "BUSY", `the account has ${PER_ACCOUNT_MAX} waiting`);
    demand(pool.bytes + bytes.length <= MEMPOOL_BYTES_MAX, "BUSY", "the node has too many waiting");
    demandValid(tree, own, signed);
    if (before !== undefined) pool.bytes -= before.bytes;
    own.set(transaction.nonce, { id: formatHex(id), signed, bytes: bytes.length });
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
  const place = {
    rules: tree.rules,
    height: tip.header.header.height + 1,
    index: 0,
    workHashAt: createWorkHashes(tip),
  };
  let { state } = tip;
  const below = [...own.values()]
    .filter(({ signed: { transaction } }) => transaction.nonce < signed.transaction.nonce)
    .toSorted((a, b) => a.signed.transaction.nonce - b.signed.transaction.nonce);
  for (const waiting of below) {
    const applied = applyTransaction(state, waiting.signed, place);
    if (applied.ok) state = applied.value.state;
  }
  insist(applyTransaction(state, signed, place));
}

/** The nonce that the next transaction of an account should have, on top of what waits. */
export function nextNonce(pool: Mempool, tree: BlockTree, owner: Uint8Array): number {
  const waiting = pool.accounts.get(formatHex(owner));
  let nonce = getAccount(tipOf(tree).state, owner).nonce + 1;
  while (waiting?.has(nonce) === true) nonce += 1;
  return nonce;
}

/**
 * What waits, in the order of a block: each account by nonce, accounts merged by fee for each byte,
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
  const selected: SignedTransaction[] = [];
  while (heads.length > 0) {
    heads.sort(compareWaiting);
    const [head] = heads.splice(0, 1) as [Waiting];
    selected.push(head.signed);
    const { from, nonce } = head.signed.transaction;
    const next = pool.accounts.get(formatHex(from))?.get(nonce + 1);
    if (next !== undefined) heads.push(next);
  }
  return selected;
}

function compareWaiting(a: Waiting, b: Waiting): number {
  const [x, y] = [
    a.signed.transaction.fee * BigInt(b.bytes),
    b.signed.transaction.fee * BigInt(a.bytes),
  ];
  if (x !== y) return x > y ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** Drop what new blocks have used up, and take back what a reorg has put out of them. */
export function followTip(pool: Mempool, tree: BlockTree, change: TipChange): void {
  const { state } = tipOf(tree);
  for (const [account, own] of pool.accounts) {
    for (const [nonce, waiting] of own) {
      if (nonce <= getAccount(state, waiting.signed.transaction.from).nonce) drop(pool, own, nonce);
    }
    if (own.size === 0) pool.accounts.delete(account);
  }
  for (const { block } of change.removed.toReversed()) {
    for (const signed of block.transactions) addTransaction(pool, tree, encodeTransaction(signed));
  }
}

/** Drop transactions that a block on the tip may not hold, by the rule that refused them. */
export function dropInvalid(pool: Mempool, invalid: readonly SignedTransaction[]): void {
  for (const { transaction } of invalid) {
    const own = pool.accounts.get(formatHex(transaction.from));
    if (own !== undefined) drop(pool, own, transaction.nonce);
  }
}

function drop(pool: Mempool, own: Map<number, Waiting>, nonce: number): void {
  pool.bytes -= own.get(nonce)?.bytes ?? 0;
  own.delete(nonce);
}
