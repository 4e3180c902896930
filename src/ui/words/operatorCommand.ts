import type { ChainView, ContractView } from "../../workers/walletApi.ts";

/** What the command of an operator inside a contract is made of. `anchor`: `main`, or the id of a chain above. */
export type OperatorPlan = {
  readonly chain: Pick<ChainView, "operatorUrl">;
  readonly contract: Pick<ContractView, "id" | "lo" | "hi">;
  readonly nodeUrl: string;
  readonly anchor: string;
  readonly label: string;
};

/** The command line that runs a chain inside a contract once that is handed over, for a shell. */
export function writeOperatorCommand(plan: OperatorPlan): string {
  const { chain, contract, nodeUrl, anchor, label } = plan;
  const folder = `chain-${contract.id.slice(0, 8)}`;
  const flags = [
    ["--parent", chain.operatorUrl],
    ["--range", `${contract.lo},${contract.hi}`],
    ["--anchor", anchor],
    ["--node", nodeUrl],
    ["--data", folder],
    ["--key", `${folder}/key`],
    ...(label === "" ? [] : [["--label", label]]),
  ];
  const words = flags.map(([name = "", value = ""]) => `${name} ${quote(value)}`);
  return `npm run operator -- \\\n  ${words.join(" \\\n  ")}`;
}

/** A word that a shell takes as it stands, whatever is in it. */
function quote(text: string): string {
  return /^[\w.,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
