import { encodeTransaction, encodeUnsigned } from "../../../src/chain/transaction.ts";
import { createLocalSigner } from "../../../src/client/localSigner.ts";
import type { MainChainSource } from "../../../src/client/ports.ts";
import { insist } from "../../../src/lib/verdict.ts";

/** Accounts that it takes to have more waiting than a block holds: a node keeps so many transactions of each. */
const ACCOUNTS = 16;
const WAITING_MAX = 64;
/** Letters of a question: as long as one may be, so that few transactions fill a block. */
const QUESTION_LETTERS = 1_024;

/** Whoever fills blocks with transactions that are worth nothing but their fees. */
export type Spammer = {
  /** Have accounts with coins; they are there once the next block is mined. */
  fund(): Promise<void>;
  /** Hand in as many transactions as the node keeps, each for `fee` satoshi. @returns how many it took. */
  spam(fee: bigint): Promise<number>;
};

/** @param keyOf - the private key of an account, by its number. */
export function createSpammer(
  source: MainChainSource,
  networkId: Uint8Array,
  keyOf: (index: number) => Uint8Array,
): Spammer {
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => ({
    signer: createLocalSigner(keyOf(index), networkId),
    nonce: 0,
  }));
  return {
    async fund() {
      for (const { signer } of accounts) insist(await source.requestCoins(signer.publicKey));
    },

    async spam(fee) {
      let taken = 0;
      for (const account of accounts) {
        const { signer } = account;
        const from = signer.publicKey;
        for (let count = 0; count < WAITING_MAX; count++) {
          const nonce = account.nonce + 1;
          const question = `${nonce}`.padEnd(QUESTION_LETTERS, "?");
          const body = { kind: "oracle-new", reporter: from, question } as const;
          const transaction = { from, nonce, fee, body };
          const signature = await signer.sign("signTransaction", encodeUnsigned(transaction));
          const sent = await source.send(encodeTransaction({ transaction, signature }));
          if (!sent.ok) break;
          account.nonce = nonce;
          taken += 1;
        }
      }
      return taken;
    },
  };
}
