import type { ContractView } from "../../workers/walletApi.ts";
import type { Task } from "../figures/tasks.ts";
import { namePlace, namePrize } from "./chain.ts";
import { dangers, disputeTitles } from "./dispute.ts";
import { formatBlock } from "./time.ts";

export type TaskWords = {
  readonly title: string;
  /** What has happened, what it means, and what is lost if nothing is done. */
  readonly gist: string;
};

export function describeTask(task: Task): TaskWords {
  const { chain } = task;
  switch (task.kind) {
    case "claim":
      return {
        title: `Claim ${namePrize(chain)}`,
        gist: "The point fell on your range, so the prize is yours if you claim it in time. Without a claim it is paid to somebody else.",
      };
    case "collect":
      return {
        title: `Collect ${namePrize(chain)}`,
        gist: "You have claimed, and the delays are over. One last transaction ends the chain, and the prize and your deposit are paid to you.",
      };
    case "collectOwnChain":
      return {
        title: "Collect the prize of your own chain",
        gist: "Your contract has won and became a chain of the main chain. Nobody who bought inside it holds a claim, and the delays are over: the prize is yours.",
      };
    case "show":
      return describeShowing(task.contract, task.isMust);
    case "redeem":
      return {
        title: `Turn “${task.contract.title}” into plain space`,
        gist: "The answer is in, and it is for you. As plain space it can be sold or bet again until the chain expires; if you leave it, it goes to the draw as it is.",
      };
    case "draw": {
      const what = task.contracts.length === 1 ? "contract" : `${task.contracts.length} contracts`;
      return {
        title: `Sell or hold your ${what} in ${namePlace(chain)}`,
        gist: "After this block nothing is traded. What you hold goes to the draw, where it pays all or nothing; most people sell before.",
      };
    }
    case "dispute": {
      const { kind, words } = task.dispute;
      return { title: disputeTitles[kind], gist: `${words} ${dangers[kind]}` };
    }
    case "refund":
      return {
        title: `Have a deposit paid back in ${namePlace(chain)}`,
        gist: "A request for withheld data ran out without an answer. Its deposit waits on the main chain, for who asked.",
      };
  }
}

function describeShowing(contract: ContractView, isMust: boolean): TaskWords {
  if (isMust) {
    return {
      title: `Show “${contract.title}” on the main chain`,
      gist: "Somebody asked there for the post that your contract is recorded under. If nobody answers, that post counts for nothing, except for what has been shown. Your wallet holds the proof.",
    };
  }
  return {
    title: `Ask what stands in place of “${contract.title}”`,
    gist: "Its chain has a recorded post that is not served, or is doubted. You can have the operator asked on the main chain for a proof of what stands in your contract’s place.",
  };
}

/** What is said of a deadline where there is none. */
export const NO_DEADLINE = "No deadline. It can be done now, and it waits for you.";

/** `Block 1,213 is the last that counts`. */
export function describeLastBlock(until: number): string {
  return `${formatBlock(until)} is the last that counts`;
}
