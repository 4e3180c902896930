import { verifyAnchoredProof } from "../blocks/anchoredProof.ts";
import type { ProvenClose } from "../blocks/closeProof.ts";
import {
  computeRecordKey,
  descend,
  descendAll,
  findRecordPath,
  type Lineage,
} from "../blocks/lineage.ts";
import { computeShownKey } from "../chain/requests/dataTarget.ts";
import { draftClaim } from "../chain/settlement/draftClaim.ts";
import { coversPoint } from "../chain/settlement/draw.ts";
import { judgeCloseProof } from "../chain/settlement/judgeSlash.ts";
import { computeResultKey } from "../chain/settlement/line.ts";
import { computeOwed } from "../chain/settlement/owed.ts";
import { type ResultRecord, resultKeyOf } from "../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../chain/settlement/settlementEffect.ts";
import { lastLeaf, leavesOf, type ShownLeaf } from "../chain/settlement/shownLine.ts";
import { lineageOf, readChainRecord } from "../chain/state/chainRecord.ts";
import type { TransactionBody } from "../chain/transaction.ts";
import { findCloseBasis } from "../client/closeBasis.ts";
import { type Draft, findOwnCases } from "../client/disputes/findOwnCases.ts";
import { growSlash } from "../client/disputes/growSlash.ts";
import type { OwnLine } from "../client/disputes/ownLines.ts";
import type { MainChain } from "../client/mainChain.ts";
import { TRANSACTION_FEE } from "../client/outbox.ts";
import type { OwnLevel } from "../client/ownProof.ts";
import type { Signer } from "../client/ports.ts";
import { rehearseClaim } from "../client/rehearseClaim.ts";
import { rehearseSlash } from "../client/rehearseSlash.ts";
import { rehearseTimeout } from "../client/rehearseTimeout.ts";
import { readStatus, type SettlementStatus } from "../client/settlementStatus.ts";
import { readSettlementView } from "../client/settlementView.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { insist, judge, Refusal, refuse, type Verdict } from "../lib/verdict.ts";
import { formatRange, formatVeo, groupThousands } from "../protocol/amountWords.ts";
import { readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import type { KitClose, KitContents, KitContract } from "./kitFile.ts";

/** What can be done on the main chain, signed, and what it would do in the next block by the main chain's own rules. */
export type KitAction = {
  readonly words: string;
  readonly body: TransactionBody;
  readonly effect: Verdict<SettlementEffect>;
};

/** How one contract of a kit stands, and what can be done for it. */
export type KitReport = {
  readonly title: string;
  readonly standing: string;
  readonly actions: readonly KitAction[];
};

type KitWorld = {
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly signer: Signer;
};

/**
 * What a kit is good for under the newest tip, with nobody asked but main-chain nodes. A kit is believed no more than any
 * stranger: all that it shows is checked, and every action is rehearsed.
 */
export async function findKitActions(
  { contracts, closes }: KitContents,
  world: KitWorld,
): Promise<KitReport[]> {
  const reports: KitReport[] = [];
  const looked = new Set<string>();
  for (const contract of contracts) {
    const opened = await openLine(contract, world);
    if (!opened.ok) {
      const title = `A contract of chain ${nameId(contract.top.id)}`;
      reports.push({ title, standing: `It cannot be shown now: ${opened.message}.`, actions: [] });
      continue;
    }
    const { report, status } = await lookAt(contract, opened.value, world);
    const chain = status && formatHex(status.chainId);
    const others: KitAction[] = [];
    // What others claim in a chain is looked at once, however many contracts are in it.
    if (status !== undefined && chain !== undefined && !looked.has(chain)) {
      looked.add(chain);
      others.push(...(await slashOthers(status, closes, world)), ...(await collect(status, world)));
    }
    reports.push({ ...report, actions: [...report.actions, ...others] });
  }
  return reports;
}

/** The line of a contract, from the chain that was made on the main chain, as the main chain's records prove it. */
async function openLine(
  { top, line }: KitContract,
  { rules, mainChain }: KitWorld,
): Promise<Verdict<{ readonly levels: OwnLevel[]; readonly shown: ShownLeaf[] }>> {
  let lineage: Lineage = [{ ...top, anchor: { kind: "mainChain" } }];
  const levels: OwnLevel[] = [];
  const shown: ShownLeaf[] = [];
  for (const [level, { proof, conditions }] of line.entries()) {
    const path = findRecordPath(lineage, proof.hops.length);
    if (!path.ok) return path;
    const recordKey = computeRecordKey(path.value[0], proof.sequence);
    const record = await mainChain.read("existence", recordKey, readExistenceRecord);
    const here = lineage;
    const opened = judge(() => {
      if (record === undefined) {
        throw new Refusal("NO_SUCH_RECORD", "the main chain has no record of its chain's post");
      }
      const { cell, rank, posts } = insist(verifyAnchoredProof(proof, here, record, rules));
      const { leaf } = cell;
      const { id: chainId, operator } = here.at(-1) ?? here[0];
      const target = { topId: here[0].id, chainId, operator };
      const shownKey = computeShownKey(target, posts.at(-1)?.sequence ?? 0, leaf);
      const isLast = level === line.length - 1;
      const below = isLast ? here : insist(descend(here, leaf));
      return { below, rank, own: { leaf, proof, conditions, record, recordKey, shownKey } };
    });
    if (!opened.ok) return opened;
    lineage = opened.value.below;
    levels.push(opened.value.own);
    shown.push({ leaf: opened.value.own.leaf, rank: opened.value.rank });
  }
  return { ok: true, value: { levels, shown } };
}

async function lookAt(
  contract: KitContract,
  { levels, shown }: { readonly levels: OwnLevel[]; readonly shown: ShownLeaf[] },
  world: KitWorld,
): Promise<{ readonly report: KitReport; readonly status: SettlementStatus | undefined }> {
  const { rules, mainChain } = world;
  const { top, claimDelay } = contract;
  const { expiry } = top;
  const last = shown.at(-1)?.leaf;
  const title = `Contract ${nameId(last?.id ?? top.id)} over ${formatRange(last?.lo ?? 0n, last?.hi ?? 0n)}`;
  const inside = shown.slice(0, -1).map(({ leaf: { id, owner: operator, lo, hi } }) => {
    return { facts: { id, operator, lo, hi, expiry }, claimDelay };
  });
  const status = await readStatus(mainChain, rules, [{ facts: top, claimDelay }, ...inside]);
  const say = (standing: string, actions: readonly KitAction[] = []) => ({
    report: { title, standing, actions },
    status: status?.settled === undefined ? status : undefined,
  });
  if (status === undefined) {
    const drawn = expiry + rules.parameters.drawBlocks;
    return say(
      `The point is drawn in block ${groupThousands(drawn)}. Nothing is to be done before.`,
    );
  }
  const { point, settled, depth } = status;
  if (settled !== undefined) {
    const isOwn =
      settled.winner !== undefined &&
      last !== undefined &&
      equalBytes(settled.winner.contractId, last.id);
    const to = isOwn ? "to this contract's owner" : "to another";
    return say(`The chain has ended: ${formatVeo(settled.paid)} were paid ${to}.`);
  }
  if (!shown.every(({ leaf }) => coversPoint(leaf, point))) {
    return say(`The point ${formatVeo(point)} was drawn, and does not lie in it: it wins nothing.`);
  }
  const own = levels.slice(depth);
  const [first, ...rest] = shown.slice(depth);
  if (first === undefined || last === undefined) return say("Its chain has ended above it.");
  const line: OwnLine = {
    own: { leaf: last, script: contract.script, closedUnder: undefined },
    topId: status.chainId,
    levels: own,
    shown: [first, ...rest],
    resultKey: computeResultKey(
      status.chainId,
      own.map(({ leaf }) => leaf),
    ),
  };
  const isClaimed = status.results.some((each) => equalBytes(resultKeyOf(each), line.resultKey));
  const actions = isClaimed
    ? []
    : [await claim(contract, line, world)].filter(
        ({ effect }) => effect.ok || status.results.length === 0,
      );
  const cases = await answerCases(contract, line, status, world);
  const words = isClaimed ? "It is claimed." : "It holds the drawn point, and is not claimed.";
  return say(words, [...actions, ...cases]);
}

async function claim(
  { script, state }: KitContract,
  line: OwnLine,
  { rules, mainChain, signer }: KitWorld,
): Promise<KitAction> {
  const carrier = signer.publicKey;
  const terms = { script, state, scriptSig: new Uint8Array(), carrier };
  const draft = draftClaim({ chainId: line.topId, line: line.levels, ...terms });
  const signed = { ...draft.claim, signature: await signer.sign("signClaim", draft.body) };
  const effect = await rehearseClaim(signed, line.levels, carrier, mainChain, rules);
  return { words: "Claim the prize", body: { kind: "sortition-contract", claim: signed }, effect };
}

/** What stands of the own line, and what can be done about it. */
async function answerCases(
  { state }: KitContract,
  line: OwnLine,
  status: SettlementStatus,
  world: KitWorld,
): Promise<KitAction[]> {
  const { mainChain, signer } = world;
  const height = mainChain.tip().header.height + 1;
  const cases = findOwnCases(
    line,
    status,
    { signed: state, half: undefined },
    height,
    signer.publicKey,
  );
  const actions: KitAction[] = [];
  for (const { words, draft } of cases) actions.push({ words, ...(await answer(draft, world)) });
  return actions;
}

async function answer(
  draft: Draft,
  { rules, mainChain, signer }: KitWorld,
): Promise<Omit<KitAction, "words">> {
  const carrier = signer.publicKey;
  if (draft.kind === "claim") {
    const { claim: unsigned, body } = draft.draft;
    const signed = { ...unsigned, signature: await signer.sign("signClaim", body) };
    const effect = await rehearseClaim(signed, draft.line.levels, carrier, mainChain, rules);
    return { body: { kind: "sortition-contract", claim: signed }, effect };
  }
  const { move, body } = draft.draft;
  const slash = { ...move, signature: await signer.sign("signMove", body) };
  const effect = await rehearseSlash(slash, carrier, mainChain, rules);
  return { body: { kind: "sortition-slash", slash }, effect };
}

/** Results of others whose line goes through what was given up by a close that the kit shows. */
async function slashOthers(
  status: SettlementStatus,
  closes: readonly KitClose[],
  world: KitWorld,
): Promise<KitAction[]> {
  const { rules, mainChain, signer } = world;
  const record = await mainChain.read("chains", status.chainId, readChainRecord);
  if (record === undefined) return [];
  const actions: KitAction[] = [];
  for (const result of status.results) {
    const { owner } = lastLeaf(result.line);
    if (result.removal !== undefined || equalBytes(owner, signer.publicKey)) continue;
    for (const level of result.line.keys()) {
      const lineage = descendAll(lineageOf(record), leavesOf(result.line.slice(0, level)));
      if (!lineage.ok) break;
      const proven = await proveCloses(closes, result, lineage.value, world);
      const grown = await growSlash(result, level, proven, signer.publicKey, mainChain, rules);
      if (grown === undefined) continue;
      const { slash, effect } = grown;
      const words = "Somebody claims with a contract that its owner gave up";
      actions.push({ words, body: { kind: "sortition-slash", slash }, effect });
      break;
    }
  }
  return actions;
}

/** The closes of a chain that count, with what each gave up. */
async function proveCloses(
  closes: readonly KitClose[],
  { chainId, line }: ResultRecord,
  lineage: Lineage,
  { rules, mainChain }: KitWorld,
) {
  const inside = lineage.at(-1) ?? lineage[0];
  const found: { proof: KitClose["proof"]; closed: ProvenClose["closed"] }[] = [];
  for (const { proof } of closes.filter((each) => equalBytes(each.chainId, inside.id))) {
    const basis = findCloseBasis([proof], lineage);
    if (!basis.ok) continue;
    const view = await readSettlementView(mainChain, rules, chainId, {
      ...basis.value,
      line: leavesOf(line),
      shownKeys: [],
    });
    const chain = view.chain(chainId);
    const proven =
      chain === undefined
        ? refuse("SETTLED", "the chain has ended")
        : judgeCloseProof(proof, lineage, chain, view);
    if (proven.ok) found.push({ proof, closed: proven.value.closed });
  }
  return found;
}

/** End the chain, where its delays are over and that pays the holder more than it costs. */
async function collect(
  { chainId }: SettlementStatus,
  { rules, mainChain, signer }: KitWorld,
): Promise<KitAction[]> {
  const effect = await rehearseTimeout(mainChain, rules, chainId);
  const owed = effect.ok ? computeOwed(effect.value, signer.publicKey) : 0n;
  if (owed <= TRANSACTION_FEE) return [];
  const words = `End the chain, which pays you ${formatVeo(owed)}`;
  return [{ words, body: { kind: "sortition-timeout", timeout: { chainId } }, effect }];
}

/** Enough of an id to tell it by. */
function nameId(id: Uint8Array): string {
  return formatHex(id).slice(0, 12);
}
