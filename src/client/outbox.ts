import { readAccountRecord } from "../chain/state/accountRecord.ts";
import {
  computeTransactionId,
  decodeTransaction,
  encodeTransaction,
  encodeUnsigned,
  type TransactionBody,
} from "../chain/transaction.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { computeAccountKey } from "../protocol/keys.ts";
import { tipOf } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import type { Signer, WalletStore } from "./ports.ts";

/** What the main chain proves of an account: satoshi, and the nonce of its last transaction. */
export type Account = { readonly balance: bigint; readonly nonce: number };

/** Fee of the wallet's own transactions, in satoshi. */
export const TRANSACTION_FEE = 10_000n;

/**
 * What has a deadline is offered for more each time that so many main-chain blocks have gone by without it: who fills
 * them with transactions of his own, to let the deadline pass, must pay more for every byte of them.
 */
const RAISE_AFTER = 2;
const RAISED_TIMES = 8n;

/**
 * A transaction on its way: the exact bytes are kept, and sent again until its nonce is used up.
 *
 * - `offeredAt`: main-chain height under which it was first offered for this fee. - `refusedSince`: main-chain height under which it was first refused for good, and has been ever since.
 */
type Pending = {
  readonly key: string;
  readonly nonce: number;
  readonly bytes: Uint8Array;
  readonly body: TransactionBody;
  readonly fee: bigint;
  offeredAt: number;
  refusedSince: number | undefined;
};

/** Refusals that say nothing of the transaction itself: it may be taken later as it is. */
const PASSING = ["BUSY", "FEE_TOO_LOW", "NONCE_AHEAD", "NONCE_USED"];

/**
 * The wallet's main-chain transactions. Signed bytes are on disk before they are sent, and the same
 * bytes go out again after a crash, a cut or a reorg, until the account's proven nonce has passed them. One that
 * no node takes any more, under as many blocks as value needs to count, is given up with those that stand on it,
 * or nothing more could ever be sent. The next one takes its nonce, so at most one of the two can be done.
 * What has a deadline is signed again for a higher fee while blocks go by without it, with what stands before it: never for more
 * than the least that a slash earns, so that who defends himself does not pay for it.
 */
export type Outbox = {
  /** Sign, keep and send. Resolves when the bytes are kept, whether or not a node took them yet. */
  send(body: TransactionBody, fee?: bigint): Promise<Verdict<null>>;
  /** Read the account anew, drop what is through, send again what is not. */
  refresh(): Promise<void>;
  account(): Account;
  pendingCount(): number;
  /** What is on its way, in the order of the nonces. */
  pending(): readonly TransactionBody[];
  /** The nonce that the next transaction will have. */
  nextNonce(): number;
};

/** @param note - tells the holder what was given up, and why. */
export async function createOutbox(
  store: WalletStore,
  signer: Signer,
  mainChain: Pick<MainChain, "read" | "send" | "book">,
  note: (words: string) => Promise<void>,
): Promise<Outbox> {
  const tipHeight = () => tipOf(mainChain.book()).header.height;
  let account: Account = { balance: 0n, nonce: 0 };
  /** In the order of their nonces. */
  let pending: readonly Pending[] = [];
  for (const [key, bytes] of await store.rows("outbox")) {
    const decoded = decodeTransaction(bytes);
    if (!decoded.ok) continue;
    const { nonce, body, fee } = decoded.value.transaction;
    take({ key, nonce, bytes, body, fee });
  }

  function take(taken: Omit<Pending, "offeredAt" | "refusedSince">): void {
    const fresh = { ...taken, offeredAt: tipHeight(), refusedSince: undefined };
    pending = [...pending, fresh].toSorted((a, b) => a.nonce - b.nonce);
  }

  function nextNonce(): number {
    return Math.max(account.nonce, pending.at(-1)?.nonce ?? 0) + 1;
  }

  async function drop(dropped: readonly Pending[]): Promise<void> {
    await store.commit(dropped.map(({ key }) => ({ kind: "delete", table: "outbox", key })));
    pending = pending.filter((each) => !dropped.includes(each));
  }

  /** Send one again. The rule that it breaks if it has been refused for so long that it is to be given up. */
  async function sendAgain(each: Pending): Promise<string | undefined> {
    const height = tipHeight();
    const { confirmations } = mainChain.book().parameters;
    const sent = await mainChain.send(each.bytes);
    if (sent === undefined) return undefined;
    if (sent.ok || PASSING.includes(sent.code)) {
      each.refusedSince = undefined;
      return undefined;
    }
    each.refusedSince ??= height;
    return height >= each.refusedSince + confirmations ? sent.code : undefined;
  }

  /** Sign and keep; nothing is sent yet. */
  async function sign(body: TransactionBody, nonce: number, fee: bigint) {
    const unsigned = { from: signer.publicKey, nonce, fee, body };
    const signature = await signer.sign("signTransaction", encodeUnsigned(unsigned));
    const bytes = encodeTransaction({ transaction: unsigned, signature });
    const key = formatHex(computeTransactionId(unsigned));
    await store.commit([{ kind: "put", table: "outbox", key, value: bytes }]);
    return { key, nonce, bytes, body, fee };
  }

  /** Offer more for what blocks have gone by without. The one before stays where a node does not take the new one. */
  async function raise(each: Pending): Promise<void> {
    const { claimDepositMin } = mainChain.book().parameters;
    const feeMax = claimDepositMin / 2n;
    const isDue = tipHeight() >= each.offeredAt + RAISE_AFTER && each.refusedSince === undefined;
    if (!isDue || each.fee >= feeMax) return;
    const wanted = each.fee * RAISED_TIMES;
    const raised = await sign(each.body, each.nonce, wanted < feeMax ? wanted : feeMax);
    const sent = await mainChain.send(raised.bytes);
    if (sent?.ok !== true) {
      await store.commit([{ kind: "delete", table: "outbox", key: raised.key }]);
      return;
    }
    await drop([each]);
    take(raised);
  }

  return {
    account: () => account,
    pendingCount: () => pending.length,
    pending: () => pending.map(({ body }) => body),
    nextNonce,

    async send(body, fee = TRANSACTION_FEE) {
      const nonce = nextNonce();
      const signed = await sign(body, nonce, fee);
      const sent = await mainChain.send(signed.bytes);
      if (sent !== undefined && !sent.ok) {
        await store.commit([{ kind: "delete", table: "outbox", key: signed.key }]);
        return refuse(sent.code, sent.message);
      }
      take(signed);
      return accept(null);
    },

    async refresh() {
      const key = computeAccountKey(signer.publicKey);
      const record = await mainChain.read("accounts", key, readAccountRecord);
      account = record ?? { balance: 0n, nonce: 0 };
      const done = pending.filter(({ nonce }) => nonce <= account.nonce);
      if (done.length > 0) await drop(done);
      if (tipHeight() === 0) return;
      const last = pending.findLastIndex(({ body }) => hasDeadline(body));
      for (const each of pending.slice(0, last + 1)) await raise(each);
      for (const [index, each] of pending.entries()) {
        const broken = await sendAgain(each);
        if (broken === undefined) continue;
        await drop(pending.slice(index));
        await note(
          `The main chain does not take a transaction of yours any more (${broken}). It has done nothing and is given up, with those after it.`,
        );
        return;
      }
    },
  };
}

/** Whether its sender loses something if it comes too late. */
function hasDeadline({ kind }: TransactionBody): boolean {
  return kind === "sortition-contract" || kind === "sortition-slash";
}
