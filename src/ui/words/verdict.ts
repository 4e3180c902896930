import type { ChainView, CulpritView, VerdictView } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";
import { nameHost, shorten } from "./names.ts";
import { describeRule } from "./rules.ts";

export type VerdictWords = {
  readonly tone: "safe" | "waiting" | "danger";
  readonly word: string;
  /** What was found, what it means, and what to do. */
  readonly sentence: string;
};

export function describeVerdict(verdict: VerdictView): VerdictWords {
  switch (verdict.kind) {
    case "checking":
      return {
        tone: "waiting",
        word: "Checking",
        sentence: `This device is checking every block of the chain: ${groupThousands(verdict.done)} of ${groupThousands(verdict.total)} done${describeTimeLeft(verdict.secondsLeft)}. Nothing is bought here before it ends.`,
      };
    case "honest":
      if (verdict.isOwnShare) {
        return {
          tone: "safe",
          word: "Yours stands",
          sentence: `This device checks only your own share: your contracts stand at every post up to main-chain block ${groupThousands(verdict.height)}. What others hold was not looked at, so nothing new is bought or signed here before every block is checked.`,
        };
      }
      return {
        tone: "safe",
        word: "Honest so far",
        sentence: `This device checked every block of the chain up to block ${groupThousands(verdict.blockHeight)}, and every post up to main-chain block ${groupThousands(verdict.height)}${describeDepth(verdict.confirmations)}. ${describeAbove(verdict.sharedAbove)}`,
      };
    case "waiting":
      return {
        tone: "waiting",
        word: "Waiting",
        sentence: `${describePlace(verdict.culprit)}${closeSentence(verdict.reason)} It has been so since main-chain block ${groupThousands(verdict.sinceHeight)}. Contracts recorded before are safe. Nothing new from this chain is accepted until it is resolved.`,
      };
    case "void":
      return {
        tone: "danger",
        word: "Void",
        sentence: `${describePlace(verdict.culprit)}The operator recorded post ${groupThousands(verdict.sequence)} and did not serve it when he was asked for it on the main chain. It and all after it count for nothing since main-chain block ${groupThousands(verdict.sinceHeight)}. This wallet refuses to buy here, for good. Contracts recorded before are safe, and can be claimed.`,
      };
    case "broken":
      return {
        tone: "danger",
        word: "Broken",
        sentence: `${describePlace(verdict.culprit)}The operator broke a rule in block ${groupThousands(verdict.blockHeight)}${verdict.transactionIndex === undefined ? "" : `, transaction ${groupThousands(verdict.transactionIndex + 1)}`}. This wallet refuses to buy here, for good. Contracts recorded before that block are not touched by it.`,
      };
  }
}

/** What was not checked above an honest chain. */
function describeAbove(shared: CulpritView | undefined): string {
  if (shared === undefined) return "Nothing was taken on trust.";
  return `Of a chain above, ${shared.label || shorten(shared.id)}, it checks only your own share, so nothing new is bought or signed here before every block of that one is checked.`;
}

/** `, about 3 minutes left`; empty while it is not known. */
function describeTimeLeft(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  if (seconds < 90) return `, about ${seconds} seconds left`;
  return `, about ${Math.round(seconds / 60)} minutes left`;
}

/** How deep the last record lies: the more blocks are on it, the less can undo it. */
function describeDepth(confirmations: number): string {
  if (confirmations === 0) return "";
  const blocks =
    confirmations === 1 ? "1 confirmation" : `${groupThousands(confirmations)} confirmations`;
  return `, the last one under ${blocks}`;
}

/** Which chain above another it lies in; empty where it is the chain itself. */
function describePlace(culprit: CulpritView | undefined): string {
  if (culprit === undefined) return "";
  return `It lies in a chain above this one, ${culprit.label || shorten(culprit.id)}, run by ${nameHost(culprit.operatorUrl)}. `;
}

/** Why a bet cannot be placed in this chain now, or undefined. */
export function findRefusal(chain: ChainView): string | undefined {
  if (chain.phase.kind !== "trading") return "Trading in this chain is over.";
  const isBroken = chain.verdict.kind === "broken" || chain.verdict.kind === "void";
  if (chain.connection === "down" && !isBroken) {
    return "The operator does not answer. Bets wait until he does.";
  }
  if (chain.connection === "unread" && !isBroken) {
    return "No main-chain node proves what is recorded of this chain. Bets wait until one does.";
  }
  switch (chain.verdict.kind) {
    case "checking":
      return "Bets can be placed once this device has checked the whole chain.";
    case "waiting":
      return "This wallet buys nothing here until the chain's blocks can be checked again.";
    case "void":
      return `This wallet refuses to buy here: post ${groupThousands(chain.verdict.sequence)} was not served, and nothing that was recorded since counts.`;
    case "broken":
      return `This wallet refuses to buy here: ${chain.verdict.culprit === undefined ? "the operator" : "the operator of a chain above"} broke a rule in block ${groupThousands(chain.verdict.blockHeight)}.`;
    case "honest":
      if (chain.verdict.isOwnShare) {
        return "Only your own share of this chain is checked. Check every block to bet.";
      }
      return chain.verdict.sharedAbove === undefined
        ? undefined
        : "Only your own share of a chain above is checked. Check every block of it to bet.";
  }
}

/** A sentence of somebody else's making, closed with a full stop where it has no end. */
function closeSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The receipt of a verdict as plain text, to keep or to show to others. */
export function writeReceipt(chain: ChainView): string {
  const lines = [`Chain ${chain.id}`, `Operator ${chain.operator} at ${chain.operatorUrl}`];
  lines.push(describeVerdict(chain.verdict).sentence);
  if (chain.verdict.kind === "broken") {
    lines.push(`Rule ${chain.verdict.rule}: ${describeRule(chain.verdict.rule)}`);
    lines.push(`Found: ${chain.verdict.message}`);
    lines.push("What held before it:");
  }
  if (chain.verdict.kind === "honest" || chain.verdict.kind === "broken") {
    for (const check of chain.verdict.checks) {
      lines.push(`${check.what}: ${groupThousands(check.count)}, up to ${check.upTo}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
