import { join } from "node:path";
import { readAgentFlags } from "../../../src/agents/agentFlags.ts";
import { openAgent } from "../../../src/agents/openAgent.ts";
import { runAgent } from "../../../src/agents/runAgent.ts";
import { openStore } from "../../../src/disk/openStore.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { createServer } from "../../../src/tower/createServer.ts";
import { openTower } from "../../../src/tower/tower.ts";

/** A watchtower that has its turn like everybody in a driven network. `towerMain --data DIR --node URL --port P --manual` */
const flags = readAgentFlags(process.argv.slice(2), ["port"]);
let nowMs = 0;
const agent = await openAgent({ ...flags, now: () => nowMs });
const { wallet, signer } = agent;
const store = await openStore(join(flags.data, "tower"));
const rules = createRules(LOCAL_NETWORK);
const tower = await openTower({ rules, wallet, signer, store, say: () => undefined });
const server = createServer(tower.desk, Date.now);
const address = await server.listen({ port: Number(flags.amount("port")), host: "127.0.0.1" });
runAgent(agent, {
  manual: flags.manual,
  async work() {
    await tower.advance();
    const outbox = wallet.hands()?.outbox;
    if (outbox?.account().balance === 0n) await wallet.requestCoins();
  },
  onTime: (ms) => {
    nowMs = ms;
  },
  close: () => void server.close().then(() => store.close()),
});
process.send?.({ kind: "up", address });
