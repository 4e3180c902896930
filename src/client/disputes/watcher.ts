import { coversPoint } from "../../chain/settlement/draw.ts";
import { judgeSlash } from "../../chain/settlement/judgeSlash.ts";
import { findTimeoutStart } from "../../chain/settlement/judgeTimeout.ts";
import { type ResultRecord, resultKeyOf } from "../../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../chain/settlement/settlementEffect.ts";
import { readChainRecord } from "../../chain/state/chainRecord.ts";
import { encodeUnsigned } from "../../chain/transaction.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { sha256 } from "../../lib/hash.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import type { Hands } from "../hands.ts";
import type { MainChain } from "../mainChain.ts";
import { TRANSACTION_FEE } from "../outbox.ts";
import { SourceError, type WalletStore } from "../ports.ts";
import { rehearseClaim } from "../rehearseClaim.ts";
import type { SettlementStatus } from "../settlementStatus.ts";
import { readSettlementView } from "../settlementView.ts";
import type { States } from "../states.ts";
import {
  AUTOMATIC,
  type Dispute,
  type DisputeAnswer,
  type DisputeProgress,
  type Rehearsal,
  type Trail,
} from "./dispute.ts";
import { type AnsweredDispute, openDisputeRows } from "./disputeRows.ts";
import { type Case, findOwnCases } from "./findOwnCases.ts";
import { findOwnLine } from "./ownLines.ts";

/** A contract that is or was this wallet's, and what is kept to defend it. */
export type WatchedContract = {
  readonly contractId: Uint8Array;
  readonly chainId: Uint8Array;
  readonly trail: Trail;
};

/**
 * Looks, under each tip, for whatever is done on the main chain against the contracts that this wallet holds or has held,
 * and answers it: at its holder's word, or by itself.
 */
export type Watcher = {
  /** Whether it answers by itself while the wallet is unlocked. */
  isAutomatic(): boolean;
  setAutomatic(isAutomatic: boolean): Promise<void>;
  /** Main-chain height under which everything was looked at last; 0 before. */
  scannedHeight(): number;
  watched(): readonly WatchedContract[];
  /** What can be answered, and what was, the newest first. */
  disputes(): readonly (Dispute & DisputeProgress)[];
  /** Answer a dispute now, or say why that would do nothing. */
  act(id: string): Promise<Verdict<null>>;
  /** Look at everything under the newest tip. */
  advance(): Promise<void>;
};

export async function createWatcher(options: {
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  readonly hands: () => Hands | undefined;
  readonly note: (words: string) => Promise<void>;
}): Promise<Watcher> {
  const { rules, store, mainChain, tracker, states, hands, note } = options;
  const rows = await openDisputeRows(store);
  const setting = new Map(await store.rows("meta")).get(AUTOMATIC);
  let isAutomatic = setting?.[0] !== 0;
  let scannedHeight = 0;
  let open: readonly Dispute[] = [];

  const nextHeight = () => mainChain.tip().header.height + 1;

  /** Everything that stands against own contracts of a chain whose point is drawn. */
  function findCases(chain: TrackedChain, status: SettlementStatus): Case[] {
    const carrier = hands()?.signer.publicKey ?? chain.book.scope.owner ?? new Uint8Array(33);
    const { point, results } = status;
    const over = [...chain.book.own.values()].filter(({ leaf }) => coversPoint(leaf, point));
    return (results.length === 0 ? [] : over).flatMap((own) => {
      const line = findOwnLine(chain, own, status, tracker, rules);
      const terms = states.termsOf(own.leaf.id);
      return line.ok ? findOwnCases(line.value, status, terms, nextHeight(), carrier) : [];
    });
  }

  async function look(chain: TrackedChain): Promise<Dispute[]> {
    const status = chain.settlement;
    if (status === undefined || status.settled !== undefined) return [];
    const cases = findCases(chain, status);
    if (cases.length === 0) return [];
    const record = await mainChain.read("chains", status.chainId, readChainRecord);
    if (record === undefined) return [];
    const end = findTimeoutStart(record, status.results, rules.parameters) - 1;
    const found: Dispute[] = [];
    for (const each of cases) {
      const answer = await sign(each);
      found.push({
        id: each.id,
        kind: each.kind,
        chainId: chain.followed.facts.id,
        topId: status.chainId,
        contractId: each.contractId,
        resultKey: each.resultKey,
        words: each.words,
        claimant: each.claimant,
        until: each.openTo ?? end,
        rehearsal: await rehearse(each, answer),
        answer,
      });
    }
    return found;
  }

  async function sign({ draft }: Case): Promise<DisputeAnswer | undefined> {
    const signer = hands()?.signer;
    if (signer === undefined) return undefined;
    if (draft.kind === "move") {
      const { move, body } = draft.draft;
      const signature = await signer.sign("signMove", body);
      return { kind: "sortition-slash", slash: { ...move, signature } };
    }
    const { claim, body } = draft.draft;
    const signature = await signer.sign("signClaim", body);
    return { kind: "sortition-contract", claim: { ...claim, signature } };
  }

  async function rehearse({ draft }: Case, answer: DisputeAnswer | undefined): Promise<Rehearsal> {
    const own = hands();
    if (own === undefined || answer === undefined) {
      return { kind: "incomplete", missing: "the wallet is locked" };
    }
    if (mainChain.isStale()) {
      return { kind: "incomplete", missing: "no new main-chain block has come for too long" };
    }
    const carrier = own.signer.publicKey;
    try {
      const effect = await judgeAnswer(draft, answer, carrier);
      if (!effect.ok) return { kind: "fails", code: effect.code, message: effect.message };
      const { deposit, minerFee, pay } = effect.value;
      const cost = minerFee + TRANSACTION_FEE;
      const { balance } = own.outbox.account();
      if (balance < deposit + cost) {
        const message = `this needs ${formatVeo(deposit + cost)}, and there are ${formatVeo(balance)}`;
        return { kind: "fails", code: "NOT_ENOUGH_MONEY", message };
      }
      const paid = pay.filter(({ to }) => equalBytes(to, carrier));
      const reward = paid.reduce((sum, { amount }) => sum + amount, 0n);
      return { kind: "succeeds", cost, deposit, reward };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return { kind: "incomplete", missing: "no main-chain node proves what is recorded" };
    }
  }

  async function judgeAnswer(
    draft: Case["draft"],
    answer: DisputeAnswer,
    carrier: Uint8Array,
  ): Promise<Verdict<SettlementEffect>> {
    if (answer.kind === "sortition-contract") {
      const levels = draft.kind === "claim" ? draft.line.levels : [];
      return rehearseClaim(answer.claim, levels, carrier, mainChain, rules);
    }
    const view = await readSettlementView(mainChain, rules, answer.slash.chainId);
    return judgeSlash(answer.slash, carrier, view);
  }

  function hashAnswer(body: DisputeAnswer): Uint8Array {
    return sha256(encodeUnsigned({ from: new Uint8Array(33), nonce: 0, fee: 0n, body }));
  }

  function isPending(answer: Uint8Array): boolean {
    const pending = hands()?.outbox.pending() ?? [];
    return pending.some(
      (body) =>
        (body.kind === "sortition-slash" || body.kind === "sortition-contract") &&
        equalBytes(hashAnswer(body), answer),
    );
  }

  async function send(dispute: Dispute): Promise<Verdict<null>> {
    const { answer, rehearsal, ...about } = dispute;
    const own = hands();
    if (own === undefined || answer === undefined) {
      return refuse("LOCKED", "unlock the wallet first");
    }
    if (rehearsal.kind === "incomplete") return refuse("INCOMPLETE", rehearsal.missing);
    if (rehearsal.kind === "fails") return refuse(rehearsal.code, rehearsal.message);
    const hash = hashAnswer(answer);
    if (isPending(hash)) return accept(null);
    // Kept before it is sent: after a crash the answer is known to be on its way, or is found open again.
    await rows.keep({ ...about, answer: hash, doneAt: undefined, isConfirmed: false });
    return own.outbox.send(answer);
  }

  /** How far what was sent has come, by what stands under the newest tip. */
  async function follow(row: AnsweredDispute): Promise<void> {
    const chain = tracker.find(row.chainId);
    const status = chain?.settlement;
    if (row.isConfirmed || status === undefined || !equalBytes(status.chainId, row.topId)) return;
    if (status.settled !== undefined) return;
    const isOpen = open.some(({ id }) => id === row.id);
    const result = status.results.find((each) => equalBytes(resultKeyOf(each), row.resultKey));
    const doneAt = isOpen ? undefined : findDone(row, result);
    const { confirmations } = rules.parameters;
    const isConfirmed = doneAt !== undefined && nextHeight() - doneAt >= confirmations;
    if (doneAt === row.doneAt && !isConfirmed) return;
    await rows.keep({ ...row, doneAt, isConfirmed });
    if (isConfirmed) await note(`Your answer to a dispute is final: ${row.words}`);
  }

  function describe(row: AnsweredDispute): Dispute & DisputeProgress {
    const rehearsal = { kind: "incomplete", missing: "it has been answered" } as const;
    const dispute = { ...row, rehearsal, answer: undefined };
    const { doneAt } = row;
    if (doneAt !== undefined) {
      const confirmations = nextHeight() - doneAt;
      return { ...dispute, state: row.isConfirmed ? "confirmed" : "sent", confirmations };
    }
    const state = isPending(row.answer) ? "sent" : "over";
    return { ...dispute, state, confirmations: 0 };
  }

  return {
    isAutomatic: () => isAutomatic,
    scannedHeight: () => scannedHeight,

    async setAutomatic(isOn) {
      const value = Uint8Array.of(isOn ? 1 : 0);
      await store.commit([{ kind: "put", table: "meta", key: AUTOMATIC, value }]);
      isAutomatic = isOn;
    },

    watched: () =>
      tracker.chains().flatMap(({ followed, book }) =>
        [...book.own.values()].map(({ leaf }): WatchedContract => {
          return {
            contractId: leaf.id,
            chainId: followed.facts.id,
            trail: { kind: "incomplete", missing: "its blocks have not been read for closes" },
          };
        }),
      ),

    disputes() {
      const found = open.map((dispute): Dispute & DisputeProgress => {
        const isSent = dispute.answer !== undefined && isPending(hashAnswer(dispute.answer));
        return { ...dispute, state: isSent ? "sent" : "open", confirmations: 0 };
      });
      const answered = rows
        .list()
        .filter(({ id }) => !open.some((each) => each.id === id))
        .map(describe)
        .toReversed();
      return [...found, ...answered];
    },

    async act(id) {
      const dispute = open.find((each) => each.id === id);
      if (dispute === undefined) return refuse("NO_SUCH_DISPUTE", "this is not open any more");
      return send(dispute);
    },

    async advance() {
      const { height } = mainChain.tip().header;
      const found: Dispute[] = [];
      for (const chain of tracker.chains()) found.push(...(await look(chain)));
      open = found;
      for (const row of rows.list()) await follow(row);
      if (!mainChain.isStale()) scannedHeight = height;
      if (!isAutomatic || hands() === undefined) return;
      for (const dispute of open) {
        if (dispute.rehearsal.kind !== "succeeds") continue;
        const isKnown = dispute.answer !== undefined && isPending(hashAnswer(dispute.answer));
        if (isKnown) continue;
        const sent = await send(dispute);
        if (sent.ok) await note(`The wallet answered by itself: ${dispute.words}`);
      }
    },
  };
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
