import { type ResultRecord, resultKeyOf } from "../../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../chain/settlement/settlementEffect.ts";
import { encodeUnsigned } from "../../chain/transaction.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { sha256 } from "../../lib/hash.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker } from "../chainTracker.ts";
import type { Hands } from "../hands.ts";
import type { MainChain } from "../mainChain.ts";
import { TRANSACTION_FEE } from "../outbox.ts";
import { SourceError, type WalletStore } from "../ports.ts";
import type { Dispute, DisputeAnswer, DisputeProgress, Rehearsal } from "./dispute.ts";
import { type AnsweredDispute, openDisputeRows } from "./disputeRows.ts";

/** Rehearses answers, sends them, and follows what they have done to its confirmations. */
export type Answers = {
  /** @param judgeIt - what the answer would do by the main chain's own rules. */
  rehearse(
    answer: DisputeAnswer | undefined,
    judgeIt: (answer: DisputeAnswer) => Promise<Verdict<SettlementEffect>>,
  ): Promise<Rehearsal>;
  /** Send what was rehearsed; it is sent again by the outbox until it is through. */
  send(dispute: Dispute): Promise<Verdict<null>>;
  isPending(dispute: Dispute): boolean;
  /**
   * Look what has become of what was sent.
   *
   * @param open - what is found open under this tip. @param asked - since which height a challenge stands, by its dispute's id.
   */
  follow(open: readonly Dispute[], asked: ReadonlyMap<string, number>): Promise<void>;
  /** The open ones, then the answered ones, the newest first. */
  list(open: readonly Dispute[]): readonly (Dispute & DisputeProgress)[];
};

export async function createAnswers({
  rules,
  store,
  mainChain,
  tracker,
  hands,
  note,
}: {
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly hands: () => Hands | undefined;
  readonly note: (words: string) => Promise<void>;
}): Promise<Answers> {
  const rows = await openDisputeRows(store);
  const height = () => mainChain.tip().header.height;

  function isOnItsWay(hash: Uint8Array): boolean {
    const pending = hands()?.outbox.pending() ?? [];
    return pending.some((body) => isAnswer(body) && equalBytes(hashAnswer(body), hash));
  }

  /** How far what was sent has come, by what stands under the newest tip. */
  async function followOne(
    row: AnsweredDispute,
    open: readonly Dispute[],
    asked: ReadonlyMap<string, number>,
  ): Promise<void> {
    if (row.isConfirmed) return;
    const isOpen = open.some(({ id }) => id === row.id);
    let doneAt = row.kind === "challenge" ? asked.get(row.id) : undefined;
    if (row.kind !== "challenge") {
      const status = tracker.find(row.chainId)?.settlement;
      const isThere = status !== undefined && equalBytes(status.chainId, row.topId);
      if (!isThere || status.settled !== undefined) return;
      const result = status.results.find((each) => equalBytes(resultKeyOf(each), row.resultKey));
      doneAt = isOpen ? undefined : findDone(row, result);
    }
    const isConfirmed =
      doneAt !== undefined && height() + 1 - doneAt >= rules.parameters.confirmations;
    if (doneAt === row.doneAt && !isConfirmed) return;
    await rows.keep({ ...row, doneAt, isConfirmed });
    if (isConfirmed) await note(`Your answer on the main chain is final. ${row.words}`);
  }

  function describe(row: AnsweredDispute): Dispute & DisputeProgress {
    const rehearsal = { kind: "incomplete", missing: "it has been answered" } as const;
    const dispute = { ...row, rehearsal, answer: undefined };
    const { doneAt } = row;
    if (doneAt !== undefined) {
      const confirmations = height() + 1 - doneAt;
      return { ...dispute, state: row.isConfirmed ? "confirmed" : "sent", confirmations };
    }
    return { ...dispute, state: isOnItsWay(row.answer) ? "sent" : "over", confirmations: 0 };
  }

  function isPending({ answer }: Dispute): boolean {
    return answer !== undefined && isOnItsWay(hashAnswer(answer));
  }

  return {
    isPending,

    async rehearse(answer, judgeIt) {
      const own = hands();
      if (own === undefined || answer === undefined) {
        return { kind: "incomplete", missing: "the wallet is locked" };
      }
      if (mainChain.isStale()) {
        return { kind: "incomplete", missing: "no new main-chain block has come for too long" };
      }
      try {
        const effect = await judgeIt(answer);
        if (!effect.ok) return { kind: "fails", code: effect.code, message: effect.message };
        const { deposit, minerFee, pay } = effect.value;
        const cost = minerFee + TRANSACTION_FEE;
        const { balance } = own.outbox.account();
        if (balance < deposit + cost) {
          const message = `this needs ${formatVeo(deposit + cost)}, and there are ${formatVeo(balance)}`;
          return { kind: "fails", code: "NOT_ENOUGH_MONEY", message };
        }
        const paid = pay.filter(({ to }) => equalBytes(to, own.signer.publicKey));
        const reward = paid.reduce((sum, { amount }) => sum + amount, 0n);
        return { kind: "succeeds", cost, deposit, reward };
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        return { kind: "incomplete", missing: "no main-chain node proves what is recorded" };
      }
    },

    async send(dispute) {
      const { answer, rehearsal, ...about } = dispute;
      const own = hands();
      if (rehearsal.kind === "incomplete") return refuse("INCOMPLETE", rehearsal.missing);
      if (rehearsal.kind === "fails") return refuse(rehearsal.code, rehearsal.message);
      if (own === undefined || answer === undefined) {
        return refuse("LOCKED", "unlock the wallet first");
      }
      if (isPending(dispute)) return accept(null);
      // Kept before it is sent: after a crash the answer is known to be on its way, or is found open again.
      const hash = hashAnswer(answer);
      await rows.keep({ ...about, answer: hash, doneAt: undefined, isConfirmed: false });
      return own.outbox.send(answer);
    },

    async follow(open, asked) {
      for (const row of rows.list()) await followOne(row, open, asked);
    },

    list(open) {
      const found = open.map((dispute): Dispute & DisputeProgress => {
        return { ...dispute, state: isPending(dispute) ? "sent" : "open", confirmations: 0 };
      });
      const answered = rows.list().filter(({ id }) => !open.some((each) => each.id === id));
      return [...found, ...answered.map(describe).toReversed()];
    },
  };
}

function isAnswer(body: Parameters<typeof encodeUnsigned>[0]["body"]): body is DisputeAnswer {
  return ["sortition-slash", "sortition-contract", "challenge", "challenge-timeout"].includes(
    body.kind,
  );
}

/** What an answer is known by, whatever nonce and fee it is sent with. */
function hashAnswer(body: DisputeAnswer): Uint8Array {
  return sha256(encodeUnsigned({ from: new Uint8Array(33), nonce: 0, fee: 0n, body }));
}

/** Since when the effect of an answer stands; undefined where it does not. */
function findDone(row: AnsweredDispute, result: ResultRecord | undefined): number | undefined {
  if (result === undefined) return undefined;
  const { removal, changedAt, writtenAt } = result;
  switch (row.kind) {
    case "close":
      return removal === undefined ? undefined : changedAt;
    case "lateClaim":
    case "undo":
      return removal === undefined ? writtenAt : undefined;
    default:
      return removal === undefined ? (row.doneAt ?? changedAt) : undefined;
  }
}
