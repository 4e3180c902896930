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

/** A transaction on its way: the exact bytes are kept, and sent again until its nonce is used up. */
type Pending = { readonly nonce: number; readonly bytes: Uint8Array };

/**
 * The wallet's main-chain transactions. Signed bytes are on disk before they are sent, and the same
 * bytes go out again after a crash, a cut or a reorg, until the account's proven nonce has passed them.
 */
export type Outbox = {
  /** Sign, keep and send. Resolves when the bytes are kept, whether or not a node took them yet. */
  send(body: TransactionBody, fee?: bigint): Promise<Verdict<null>>;
  /** Read the account anew, drop what is through, send again what is not. */
  refresh(): Promise<void>;
  account(): Account;
  pendingCount(): number;
};

export async function createOutbox(
  store: WalletStore,
  signer: Signer,
  mainChain: MainChain,
): Promise<Outbox> {
  let account: Account = { balance: 0n, nonce: 0 };
  const pending = new Map<string, Pending>();
  for (const [key, bytes] of await store.rows("outbox")) {
    const decoded = decodeTransaction(bytes);
    if (decoded.ok) pending.set(key, { nonce: decoded.value.transaction.nonce, bytes });
  }

  return {
    account: () => account,
    pendingCount: () => pending.size,

    async send(body, fee = TRANSACTION_FEE) {
      const nonces = [...pending.values()].map((each) => each.nonce);
      const nonce = Math.max(account.nonce, ...nonces) + 1;
      const unsigned = { from: signer.publicKey, nonce, fee, body };
      const signature = await signer.sign("signTransaction", encodeUnsigned(unsigned));
      const bytes = encodeTransaction({ transaction: unsigned, signature });
      const key = formatHex(computeTransactionId(unsigned));
      await store.commit([{ kind: "put", table: "outbox", key, value: bytes }]);
      const sent = await mainChain.send(bytes);
      if (sent !== undefined && !sent.ok) {
        await store.commit([{ kind: "delete", table: "outbox", key }]);
        return refuse(sent.code, sent.message);
      }
      pending.set(key, { nonce, bytes });
      return accept(null);
    },

    async refresh() {
      const key = computeAccountKey(signer.publicKey);
      const record = await mainChain.read("accounts", key, readAccountRecord);
      account = record ?? { balance: 0n, nonce: 0 };
      const tip = tipOf(mainChain.book()).header.height;
      for (const [id, { nonce, bytes }] of pending) {
        if (nonce <= account.nonce) {
          pending.delete(id);
          await store.commit([{ kind: "delete", table: "outbox", key: id }]);
        } else if (tip > 0) {
          await mainChain.send(bytes);
        }
      }
    },
  };
}
