import type { ContractAction, ContractView, PhaseView } from "../../workers/walletApi.ts";
import { isDecidedAgainst } from "../figures/outcomes.ts";
import { formatVeo } from "./amount.ts";
import { type Clock, formatDeadline } from "./time.ts";

export const kindWords: Record<ContractView["kind"], string> = {
  space: "Space",
  yes: "Bet on yes",
  no: "Bet on no",
  unpaid: "Purchase",
  lapsed: "Lapsed purchase",
};

const stateWords: Record<ContractView["state"], string> = {
  requested: "asked for",
  held: "held",
  closing: "being closed",
  closed: "closed",
  void: "void",
  won: "won",
  lost: "lost",
};

/** The state of a contract in a word: what an oracle has decided against its holder is lost before it is closed. */
export function nameState(contract: ContractView): string {
  return isDecidedAgainst(contract) ? stateWords.lost : stateWords[contract.state];
}

/** The name of each action on its button. */
export const actionNames: Record<Exclude<ContractAction, "pay">, string> = {
  redeem: "Redeem",
  merge: "Turn all sides into space",
  update: "Sign next state",
  sell: "Sell",
  nest: "Run a chain inside this",
  claim: "Claim",
  collect: "Collect",
  collectOwnChain: "Collect",
};

/** What each action does, for the line beside its button. */
export const actionGists: Record<ContractAction, string> = {
  pay: "Your wallet pays for this space by itself, as soon as it has checked that the space is posted under your name. You do nothing.",
  redeem:
    "The condition is decided for you. Turn the contract into plain space, which you can bet or sell.",
  merge:
    "You hold all that can come of the question over this range, be it two sides or more outcomes, so it pays whatever the answer is. Turn all of them into plain space, which you can bet or sell now.",
  update:
    "You and the operator both sign the next version of the terms. The higher number replaces the lower.",
  sell: "Ask what the counterparty pays for the whole position. You see the price before you agree.",
  nest: "Become an operator: seal this contract and sell parts of it, in a chain of your own.",
  claim: "The point fell on your range. Claim the prize on the main chain before the claims close.",
  collect: "The delays are over. Send the last transaction, and the prize is paid.",
  collectOwnChain:
    "Your contract is a chain of the main chain now, with the prize in it. Nobody who bought inside it holds a claim, and the delays are over: the prize is yours. Send the last transaction, and it is paid.",
};

export const doneWords: Record<keyof typeof actionNames, string> = {
  redeem: "Redeeming. It is yours as plain space once the operator's block is checked.",
  merge: "All are given up. The space is yours once the operator's block is checked.",
  update: "The next state is signed by you and the operator.",
  sell: "Sale agreed. The coins arrive when the buyer's payment is recorded.",
  nest: "Handed over. The operator seals it once the block is recorded.",
  claim: "Claim sent. It counts once a main-chain block holds it.",
  collect: "Collecting. The prize moves once a main-chain block holds it.",
  collectOwnChain: "Collecting. The prize moves once a main-chain block holds it.",
};

/** What is waited for in the chain that a sealed contract has become. */
export function describeOwnChain(
  phase: PhaseView,
  clock: Clock,
  isYou: (address: string) => boolean,
): string {
  const became = "The point fell on your contract, which is a chain of the main chain now";
  switch (phase.kind) {
    case "paid":
      return `${became}. It has ended, and its prize of ${formatVeo(phase.amount)} was paid to ${isYou(phase.to) ? "you" : "who held the point inside it"}.`;
    case "claims": {
      const until = formatDeadline(phase.until, clock.height, clock.blockPeriodMs);
      return `${became}, with the prize in it. Who bought inside it may claim there; claims close ${until}. If nobody does, the prize is yours.`;
    }
    default:
      return `${became}. Somebody who bought inside it has claimed; what is shown there decides.`;
  }
}
