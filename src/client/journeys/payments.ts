import { refuse, type Verdict } from "../../lib/verdict.ts";
import { readPaymentRecord } from "../../protocol/facts.ts";
import type { CheckedPost } from "../checkedPost.ts";
import type { MainChain } from "../mainChain.ts";
import type { Outbox } from "../outbox.ts";

/** What a payment for leaves is: to whom, how much in satoshi, under which reference, and below which height. */
type Due = {
  readonly to: Uint8Array;
  readonly amount: bigint;
  readonly reference: Uint8Array;
  readonly payBelow: number;
};

/** The payments of journeys on the main chain. */
export type Payments = {
  /** Whether a payment is proven in time, of its amount, and under enough confirmations. */
  isPaid(paymentKey: Uint8Array, payBelow: number, amount: bigint): Promise<boolean>;
  /** Whether a transaction of ours is still on its way: then nothing is paid, lest it be paid twice. */
  isBusy(): boolean;
  /** Pay for leaves under a record: bound to it, because this wallet has checked the proof below it. */
  pay(post: CheckedPost | undefined, due: Due): Promise<Verdict<null>>;
};

export function createPayments(mainChain: MainChain, outbox: Outbox): Payments {
  return {
    isBusy: () => outbox.pendingCount() > 0,

    async isPaid(paymentKey, payBelow, amount) {
      const payment = await mainChain.read("payments", paymentKey, readPaymentRecord);
      if (payment === undefined) return false;
      const isInTime = payment.height < payBelow && payment.amount >= amount;
      const { confirmations } = mainChain.book().parameters;
      return isInTime && payment.height + confirmations <= mainChain.tip().header.height + 1;
    },

    async pay(post, { to, amount, reference, payBelow }) {
      if (post === undefined) return refuse("NOT_POSTED", "the leaf's block is not recorded yet");
      const payment = {
        reference,
        heightMax: payBelow - 1,
        recordKey: post.top.key,
        recordHash: post.top.hash,
      };
      return outbox.send({ kind: "spend", to, amount, payment });
    },
  };
}
