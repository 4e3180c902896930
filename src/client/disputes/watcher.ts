import { descendAll } from "../../blocks/lineage.ts";
import { isRunTrue } from "../../chain/settlement/contractRun.ts";
import { coversPoint } from "../../chain/settlement/draw.ts";
import { findTimeoutStart } from "../../chain/settlement/judgeTimeout.ts";
import { resultKeyOf } from "../../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../chain/settlement/settlementEffect.ts";
import { lastLeaf, leavesOf } from "../../chain/settlement/shownLine.ts";
import type { Move } from "../../chain/settlement/slash.ts";
import { type ChainRecord, lineageOf, readChainRecord } from "../../chain/state/chainRecord.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import type { Hands } from "../hands.ts";
import type { MainChain } from "../mainChain.ts";
import { SourceError, type WalletStore } from "../ports.ts";
import { rehearseClaim } from "../rehearseClaim.ts";
import { rehearseSlash } from "../rehearseSlash.ts";
import type { SettlementStatus } from "../settlementStatus.ts";
import type { SettlementReads } from "../settlementView.ts";
import type { States } from "../states.ts";
import { createAnswers } from "./answers.ts";
import { cacheReads } from "./cachedReads.ts";
import {
  AUTOMATIC,
  type Dispute,
  type DisputeAnswer,
  type DisputeProgress,
  type Trail,
} from "./dispute.ts";
import { type Case, findOwnCases } from "./findOwnCases.ts";
import { findClosing, growSlash } from "./growSlash.ts";
import type { KeptClose } from "./keptClose.ts";
import { findOwnLine } from "./ownLines.ts";
import { openReadyMoves } from "./readyMoves.ts";
import { createTrails } from "./trails.ts";

/** A contract that is this wallet's, and what is kept to defend it. */
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
  /** Whether all closes before a contract of a chain on its range are kept. */
  trailOf(chainId: Uint8Array, contractId: Uint8Array): Trail;
  /**
   * What is missing of the trail of a contract, or of those that its chain and the chains above are made of, as a clause;
   * undefined where nothing is.
   */
  whyUnproven(chain: TrackedChain, contractId: Uint8Array): string | undefined;
  /** These closes, as far as they are collected; of the contract that a followed chain is made of, in the chain above, too. */
  closesOf(chainId: Uint8Array, contractId: Uint8Array): readonly KeptClose[];
  /** Everything that is kept, of all trails. */
  closes(): readonly KeptClose[];
  /** The newest terms of an own contract as a move against older ones, signed for the holder's own account. */
  readyMove(contractId: Uint8Array): Move | undefined;
  /** What can be answered, and what was, the newest first. */
  disputes(): readonly (Dispute & DisputeProgress)[];
  /** Answer a dispute now, or say why that would do nothing. */
  act(id: string): Promise<Verdict<null>>;
  /** Look at everything under the newest tip. */
  advance(): Promise<void>;
};

/** Chains that are settled together: what is claimed in the on-chain chain at their top. */
type Settling = {
  readonly status: SettlementStatus;
  readonly record: ChainRecord;
  readonly chains: readonly TrackedChain[];
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
  const trails = await createTrails(options);
  const answers = await createAnswers(options);
  const moves = await openReadyMoves(store);
  const setting = new Map(await store.rows("meta")).get(AUTOMATIC);
  let isAutomatic = setting?.[0] !== 0;
  let scannedHeight = 0;
  let open: readonly Dispute[] = [];

  const nextHeight = () => mainChain.tip().header.height + 1;
  const ownKey = () => hands()?.signer.publicKey;

  /** The chains whose point is drawn and whose prize is not paid, by the on-chain chain that holds it. */
  async function listSettling(reads: SettlementReads): Promise<Settling[]> {
    const groups = new Map<string, { status: SettlementStatus; chains: TrackedChain[] }>();
    for (const chain of tracker.chains()) {
      const status = chain.settlement;
      if (status === undefined || status.settled !== undefined) continue;
      const key = formatHex(status.chainId);
      const group = groups.get(key) ?? { status, chains: [] };
      groups.set(key, { ...group, chains: [...group.chains, chain] });
    }
    const settling: Settling[] = [];
    for (const group of groups.values()) {
      if (group.status.results.length === 0) continue;
      const record = await reads.read("chains", group.status.chainId, readChainRecord);
      if (record !== undefined) settling.push({ ...group, record });
    }
    return settling;
  }

  /** Sign anew what the newest terms of own contracts need. */
  async function readyMoves(): Promise<void> {
    const signer = hands()?.signer;
    if (signer === undefined) return;
    for (const chain of tracker.chains()) {
      const [first] = tracker.withAncestors(chain);
      const topId = first?.followed.facts.id ?? chain.followed.facts.id;
      const top = chain.settlement ?? { chainId: topId, depth: 0 };
      for (const own of chain.book.own.values()) {
        const { signed } = states.termsOf(own.leaf.id);
        if (signed === undefined || own.closedIn !== undefined || own.leaf.sealed) continue;
        if (moves.isReady(own.leaf.id, signed.state.nonce, top.chainId)) continue;
        const line = findOwnLine(chain, own, top, tracker, rules);
        if (line.ok) await moves.make(line.value, signed, signer);
      }
    }
  }

  /** What stands of own lines, and what can be done about it. */
  async function lookAtOwn(settling: Settling, reads: SettlementReads): Promise<Dispute[]> {
    const { status, record, chains } = settling;
    const carrier = ownKey();
    const found: Dispute[] = [];
    for (const chain of chains) {
      const over = [...chain.book.own.values()].filter(({ leaf }) =>
        coversPoint(leaf, status.point),
      );
      for (const own of over) {
        const line = findOwnLine(chain, own, status, tracker, rules);
        if (!line.ok) continue;
        const terms = states.termsOf(own.leaf.id);
        const key = carrier ?? own.leaf.owner;
        for (const each of findOwnCases(line.value, status, terms, nextHeight(), key)) {
          const answer = await sign(each);
          const { draft, openTo, ...about } = each;
          found.push({
            ...about,
            chainId: chain.followed.facts.id,
            topId: status.chainId,
            until: openTo ?? endOf(settling),
            rehearsal: await answers.rehearse(answer, (body) => judgeAnswer(draft, body, reads)),
            answer,
          });
        }
      }
    }
    return found.filter(({ topId }) => equalBytes(topId, record.id));
  }

  /** Results whose line goes through a contract that was given up by a close that is kept. */
  async function lookAtCloses(settling: Settling, reads: SettlementReads): Promise<Dispute[]> {
    const { status, record, chains } = settling;
    const closes = trails.closes();
    const found: Dispute[] = [];
    for (const result of status.results) {
      const { owner } = lastLeaf(result.line);
      const isOwn = chains.some(({ book }) => isOwner(book.scope.owner, owner));
      if (result.removal !== undefined || isOwn) continue;
      const above = lineageOf(record);
      const ofResult: Dispute[] = [];
      for (const [level, { leaf }] of result.line.entries()) {
        const lineage = descendAll(above, leavesOf(result.line.slice(0, level)));
        const inside = lineage.ok ? lineage.value.at(-1) : undefined;
        if (!lineage.ok || inside === undefined) break;
        const ofChain = closes.filter(({ chainId }) => equalBytes(chainId, inside.id));
        const closing = findClosing(ofChain, leaf);
        if (closing === undefined) continue;
        const carrier = ownKey() ?? chains[0]?.book.scope.owner ?? owner;
        const grown = await growSlash(result, level, ofChain, carrier, reads, rules);
        if (grown === undefined) continue;
        const { slash, effect } = grown;
        const answer: DisputeAnswer = { kind: "sortition-slash", slash };
        const resultKey = resultKeyOf(result);
        const contractId = chains
          .flatMap(({ book }) => [...book.own.values()])
          .find((own) => coversPoint(own.leaf, status.point) && own.closedIn === undefined)
          ?.leaf.id;
        ofResult.push({
          id: `close:${formatHex(resultKey)}`,
          kind: "close",
          chainId: inside.id,
          topId: status.chainId,
          contractId,
          resultKey,
          words: `The prize is claimed with a contract that its owner gave up in block ${closing.height}.`,
          claimant: owner,
          until: endOf(settling),
          rehearsal: await answers.rehearse(answer, async () => effect),
          answer,
        });
        // Where the main chain does not take it, a close further down may still hold.
        if (effect.ok) break;
      }
      const held = ofResult.find(({ rehearsal }) => rehearsal.kind !== "fails") ?? ofResult[0];
      if (held !== undefined) found.push(held);
    }
    return found;
  }

  /** The last height at which an answer counts, whatever others do. */
  function endOf({ record, status }: Settling): number {
    return findTimeoutStart(record, status.results, rules.parameters) - 1;
  }

  async function sign({ draft, contractId }: Case): Promise<DisputeAnswer | undefined> {
    const signer = hands()?.signer;
    if (signer === undefined) return undefined;
    if (draft.kind === "move") {
      const { move, body } = draft.draft;
      const ready = contractId && moves.of(contractId);
      const isOf =
        ready !== undefined &&
        equalBytes(ready.resultKey, move.resultKey) &&
        ready.state?.state.nonce === move.state?.state.nonce;
      if (isOf) return { kind: "sortition-slash", slash: ready };
      const signature = await signer.sign("signMove", body);
      return { kind: "sortition-slash", slash: { ...move, signature } };
    }
    const { claim, body } = draft.draft;
    const signature = await signer.sign("signClaim", body);
    return { kind: "sortition-contract", claim: { ...claim, signature } };
  }

  async function judgeAnswer(
    draft: Case["draft"],
    answer: DisputeAnswer,
    reads: SettlementReads,
  ): Promise<Verdict<SettlementEffect>> {
    const carrier = ownKey() ?? new Uint8Array();
    if (answer.kind !== "sortition-slash" && answer.kind !== "sortition-contract") {
      return refuse("OTHER_ANSWER", "a challenge is not about an own line");
    }
    if (answer.kind === "sortition-contract") {
      const levels = draft.kind === "claim" ? draft.line.levels : [];
      const claimed = await rehearseClaim(answer.claim, levels, carrier, reads, rules);
      const isTrue =
        !claimed.ok ||
        claimed.value.deposit === 0n ||
        claimed.value.put.slice(0, 1).every(({ run }) => isRunTrue(run));
      return isTrue ? claimed : refuse("NOT_TRUE", "the contract's terms do not pay its owner");
    }
    return rehearseSlash(answer.slash, carrier, reads, rules);
  }

  function whyUnproven(chain: TrackedChain, contractId: Uint8Array): string | undefined {
    const below = tracker.withAncestors(chain).map(({ followed }) => followed.facts.id);
    const line = below.map((id, level) => trails.of(id, below[level + 1] ?? contractId));
    const missing = line.find(({ kind }) => kind !== "complete");
    if (missing === undefined) return undefined;
    return missing.kind === "incomplete" ? missing.missing : "not all blocks are read yet";
  }

  /** The trail of a contract; where its own is whole, also whether those of the contracts that it is inside of are. */
  function trailOf(chain: TrackedChain, contractId: Uint8Array): Trail {
    const own = trails.of(chain.followed.facts.id, contractId);
    const missing = own.kind === "complete" ? whyUnproven(chain, contractId) : undefined;
    return missing === undefined
      ? own
      : { kind: "incomplete", missing: `in a chain above, ${missing}` };
  }

  return {
    isAutomatic: () => isAutomatic,
    scannedHeight: () => scannedHeight,
    trailOf: trails.of,
    closesOf: trails.closesOf,
    closes: trails.closes,
    readyMove: moves.of,

    whyUnproven,

    disputes: () => answers.list(open),

    async setAutomatic(isOn) {
      const value = Uint8Array.of(isOn ? 1 : 0);
      await store.commit([{ kind: "put", table: "meta", key: AUTOMATIC, value }]);
      isAutomatic = isOn;
    },

    watched: () =>
      tracker.chains().flatMap((chain) =>
        [...chain.book.own.values()]
          .filter(({ closedIn }) => closedIn === undefined)
          .map(({ leaf }): WatchedContract => {
            const chainId = chain.followed.facts.id;
            return { contractId: leaf.id, chainId, trail: trailOf(chain, leaf.id) };
          }),
      ),

    async act(id) {
      const dispute = open.find((each) => each.id === id);
      if (dispute === undefined) return refuse("NO_SUCH_DISPUTE", "this is not open any more");
      return answers.send(dispute);
    },

    async advance() {
      const { height } = mainChain.tip().header;
      await trails.advance();
      await readyMoves();
      const reads = cacheReads(mainChain);
      const found: Dispute[] = [];
      const asked = new Map<string, number>();
      try {
        for (const settling of await listSettling(reads)) {
          found.push(...(await lookAtOwn(settling, reads)));
          found.push(...(await lookAtCloses(settling, reads)));
        }
        for (const chain of tracker.chains()) {
          if (chain.book.breach === undefined || chain.settlement !== undefined) continue;
          const { lookAtChallenges } = await import("./challengeCases.ts");
          const seen = await lookAtChallenges(chain, reads, { ...options, answers });
          found.push(...seen.found);
          for (const [id, height] of seen.asked) asked.set(id, height);
        }
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        // What could not be looked at anew stays as it was.
        return;
      }
      open = found;
      await answers.follow(open, asked);
      if (!mainChain.isStale()) scannedHeight = height;
      if (!isAutomatic || hands() === undefined) return;
      for (const dispute of open) {
        if (dispute.rehearsal.kind !== "succeeds" || answers.isPending(dispute)) continue;
        // An operator may have an answer, for which the one who asks pays: that is risked at the holder's word alone.
        if (dispute.answer?.kind === "challenge") continue;
        const sent = await answers.send(dispute);
        if (sent.ok) await note(`The wallet answered by itself: ${dispute.words}`);
      }
    },
  };
}

function isOwner(own: Uint8Array | undefined, owner: Uint8Array): boolean {
  return own !== undefined && equalBytes(own, owner);
}
