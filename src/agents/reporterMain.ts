import { formatHex } from "../lib/hex.ts";
import { readOracleRecord } from "../protocol/facts.ts";
import { computeOracleId } from "../protocol/keys.ts";
import { readAgentFlags } from "./agentFlags.ts";
import { openAgent } from "./openAgent.ts";
import { runAgent } from "./runAgent.ts";

/**
 * The oracle's reporter: asks one question on the main chain, and answers it at a height.
 * `reporter --data DIR --node URL --question TEXT --result true|false|bad --at HEIGHT`
 */
const flags = readAgentFlags(process.argv.slice(2), ["question", "result", "at"]);
const question = flags.text("question");
const result = flags.text("result");
const at = Number(flags.text("at"));
if (result !== "true" && result !== "false" && result !== "bad") {
  throw new Error(`expected --result true, false or bad, got ${result}`);
}
let nowMs = 0;
const now = () => (flags.manual ? nowMs : Date.now());
const agent = await openAgent({ ...flags, now });
const { wallet, signer } = agent;
const reporter = signer.publicKey;
// The reporter's first transaction asks the question: its id follows from the key alone.
const oracleId = computeOracleId(reporter, 1);

async function work(): Promise<void> {
  const hands = wallet.hands();
  if (hands === undefined || hands.outbox.pendingCount() > 0) return;
  const { balance, nonce } = hands.outbox.account();
  if (balance === 0n) {
    await wallet.requestCoins();
  } else if (nonce === 0) {
    await hands.outbox.send({ kind: "oracle-new", reporter, question });
  } else if (wallet.mainChain.tip().header.height + 1 >= at) {
    const record = await wallet.mainChain.read("oracles", oracleId, readOracleRecord);
    if (
      record?.result !== "open" ||
      (result !== "true" && result !== "false" && result !== "bad")
    ) {
      return;
    }
    await hands.outbox.send({ kind: "oracle-report", oracleId, result });
  }
}

runAgent(agent, {
  manual: flags.manual,
  work,
  onTime: (ms) => {
    nowMs = ms;
  },
  close: () => undefined,
});
process.send?.({ kind: "up", oracleId: formatHex(oracleId), publicKey: formatHex(reporter) });
