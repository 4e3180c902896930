import { join } from "node:path";
import { type Running, startProcess } from "./startProcess.ts";

const VEO = 100_000_000n;
/** Heights of the local story: blocks come every two seconds. */
const REPORT_AFTER = 150;
const EXPIRE_AFTER = 300;

/** The local network: who runs, and where a wallet finds them. */
export type LocalNetwork = {
  readonly nodeUrl: string;
  readonly operatorUrl: string;
  readonly processes: readonly Running[];
  stop(): Promise<void>;
};

export const QUESTION = "Do the reds win on Saturday?";

/**
 * Start a main-chain node that mines, an oracle's reporter, an operator with a chain of 1,000 VEO, and a
 * counterparty; each with its data below `data`.
 *
 * @param say - told what is being waited for.
 */
export async function startNetwork(options: {
  readonly data: string;
  readonly say: (words: string) => void;
  readonly onEnd: (why: string) => void;
  readonly result?: "true" | "false";
  readonly reportAfter?: number;
  readonly expireAfter?: number;
  /** The prize in satoshi, and how much of the space the counterparty holds. */
  readonly amount?: bigint;
  readonly space?: bigint;
  readonly ports?: { readonly node: number; readonly operator: number };
}): Promise<LocalNetwork> {
  const { data, say, onEnd, result = "true" } = options;
  const { reportAfter = REPORT_AFTER, expireAfter = EXPIRE_AFTER } = options;
  const { amount = 1_000n * VEO, space = 300n * VEO } = options;
  const ports = options.ports ?? { node: 0, operator: 0 };
  const processes: Running[] = [];
  const start = async (name: string, program: string, args: readonly string[]) => {
    const running = await startProcess({ name, program, args, onEnd });
    processes.unshift(running);
    return running.up;
  };
  const stop = async () => {
    for (const running of processes) await running.stop();
  };
  try {
    say("starting a main-chain node that mines a block every two seconds");
    const miner = `02${"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"}`;
    const nodeArgs = ["--data", join(data, "node"), "--port", String(ports.node)];
    const node = await start("node", "node/main.ts", [...nodeArgs, "--mine", miner, "--faucet"]);
    const nodeUrl = node.address ?? "";

    say("starting the oracle's reporter");
    const height = await readHeight(nodeUrl);
    const reporter = await start("reporter", "agents/reporterMain.ts", [
      ...["--data", join(data, "reporter"), "--node", nodeUrl, "--question", QUESTION],
      ...["--result", result, "--at", String(height + reportAfter)],
    ]);

    say(`starting an operator, who locks ${amount / VEO} VEO as the prize of his chain`);
    const chain = [amount, height + expireAfter, 0, 12, 24].join(",");
    const operator = await start("operator", "operator/main.ts", [
      ...["--data", join(data, "operator"), "--key", join(data, "operator", "key")],
      ...["--node", nodeUrl, "--port", String(ports.operator), "--create", chain, "--faucet"],
      ...["--market", QUESTION, "--oracle", reporter.oracleId ?? ""],
    ]);
    const operatorUrl = operator.address ?? "";

    say("starting a counterparty, who buys space and takes the other side of bets");
    await start("counterparty", "agents/counterpartyMain.ts", [
      ...["--data", join(data, "counterparty"), "--node", nodeUrl, "--operator", operatorUrl],
      ...["--space", String(space), "--spread-bps", "200"],
    ]);
    return { nodeUrl, operatorUrl, processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Height of a node's tip: the last header that it has. */
async function readHeight(nodeUrl: string): Promise<number> {
  const answer = await fetch(`${nodeUrl}/headers?from=0&count=2000`);
  return Math.max(0, (await answer.arrayBuffer()).byteLength / 143 - 1);
}
