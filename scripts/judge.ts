import { readFileSync } from "node:fs";
import process from "node:process";
import { createLocalGenesis } from "../src/chain/localNetwork.ts";
import { createHeaderBook } from "../src/client/headerBook.ts";
import { judgeEvidenceFile } from "../src/client/judgeFile.ts";
import { createMainChain } from "../src/client/mainChain.ts";
import type { WalletStore } from "../src/client/ports.ts";
import { formatHex } from "../src/lib/hex.ts";
import { createMainChainSource } from "../src/network/mainChainSource.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";

const USAGE = "usage: npm run -s judge -- FILE --node URL\n";

/** Everything is checked from the beginning, and nothing is kept. */
const NOTHING_KEPT: WalletStore = { rows: async () => [], commit: async () => undefined };

process.exitCode = await main(process.argv.slice(2));

/** The exit code: 0 if the file proves a breach, 1 if not, 2 if it could not be judged. */
async function main([file, flag, node]: readonly string[]): Promise<number> {
  if (file === undefined || flag !== "--node" || node === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const rules = createRules(LOCAL_NETWORK);
  const start = createHeaderBook(rules.parameters, createLocalGenesis(rules).header);
  const mainChain = await createMainChain(
    start,
    [createMainChainSource(node.replace(/\/$/, ""))],
    NOTHING_KEPT,
    Date.now,
  );
  await mainChain.sync();
  if (mainChain.tip().header.height === 0) {
    process.stderr.write(`no header of ${node} could be checked\n`);
    return 2;
  }
  const judged = await judgeEvidenceFile(new Uint8Array(readFileSync(file)), rules, mainChain);
  if (!judged.ok) {
    process.stdout.write(`proves nothing: ${judged.code}: ${judged.message}\n`);
    return 1;
  }
  const { breach, chain } = judged.value;
  const at =
    breach.transactionIndex === undefined ? "" : `, transaction ${breach.transactionIndex + 1}`;
  process.stdout.write(
    `${breach.rule} in block ${breach.blockHeight}${at}: ${breach.message}\n` +
      `chain ${formatHex(chain.id)}\noperator ${formatHex(chain.operator)}\n` +
      `judged under main-chain block ${mainChain.tip().header.height}\n`,
  );
  return 0;
}
