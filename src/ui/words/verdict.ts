import type { ChainView, VerdictView } from "../../workers/walletApi.ts";
import { groupThousands } from "./amount.ts";

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
        sentence: `This device checked every block of the chain up to block ${groupThousands(verdict.blockHeight)}, and every post up to main-chain block ${groupThousands(verdict.height)}. Nothing was taken on trust.`,
      };
    case "waiting":
      return {
        tone: "waiting",
        word: "Waiting",
        sentence: `${closeSentence(verdict.reason)} It has been so since main-chain block ${groupThousands(verdict.sinceHeight)}. Contracts made before are safe. Nothing new from this chain is accepted until it is resolved.`,
      };
    case "broken":
      return {
        tone: "danger",
        word: "Broken",
        sentence: `The operator broke the rule “${verdict.rule}” in block ${groupThousands(verdict.blockHeight)}${verdict.transactionIndex === undefined ? "" : `, transaction ${verdict.transactionIndex}`}. ${closeSentence(verdict.message)} This wallet refuses to buy here. Contracts that you held before that block are not touched by it.`,
      };
  }
}

/** `, about 3 minutes left`; empty while it is not known. */
function describeTimeLeft(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  if (seconds < 90) return `, about ${seconds} seconds left`;
  return `, about ${Math.round(seconds / 60)} minutes left`;
}

/** Why a bet cannot be placed in this chain now, or undefined. */
export function findRefusal(chain: ChainView): string | undefined {
  if (chain.phase.kind !== "trading") return "Trading in this chain is over.";
  if (chain.connection === "down") return "The operator does not answer. Bets wait until he does.";
  if (chain.connection === "unread") {
    return "No main-chain node proves what is recorded of this chain. Bets wait until one does.";
  }
  switch (chain.verdict.kind) {
    case "checking":
      return "Bets can be placed once this device has checked the whole chain.";
    case "waiting":
      return "This wallet buys nothing here until the chain's blocks can be checked again.";
    case "broken":
      return "This wallet refuses to buy in a chain whose operator broke a rule.";
    case "honest":
      return chain.verdict.isOwnShare
        ? "Only your own share of this chain is checked. Check every block to bet."
        : undefined;
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
  if (chain.verdict.kind === "honest") {
    for (const check of chain.verdict.checks) {
      lines.push(`${check.what}: ${groupThousands(check.count)}, up to ${check.upTo}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
