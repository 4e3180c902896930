import { readAgentFlags } from "../../../src/agents/agentFlags.ts";
import { openAgent } from "../../../src/agents/openAgent.ts";
import { runAgent } from "../../../src/agents/runAgent.ts";
import { formatHex } from "../../../src/lib/hex.ts";

/** A user's wallet in a process of its own, which nobody tells what to do. `userMain --data DIR --node URL --manual` */
const flags = readAgentFlags(process.argv.slice(2), []);
let nowMs = 0;
const agent = await openAgent({ ...flags, now: () => nowMs });
runAgent(agent, {
  manual: flags.manual,
  work: async () => undefined,
  onTime: (ms) => {
    nowMs = ms;
  },
  close: () => undefined,
});
process.send?.({ kind: "up", publicKey: formatHex(agent.signer.publicKey) });
