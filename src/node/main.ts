import { pino } from "pino";
import { createLocalGenesis } from "../chain/localNetwork.ts";
import { createUpgradingVerify } from "../crypto/upgradingVerify.ts";
import { openStore } from "../disk/openStore.ts";
import { accept, type Verdict } from "../lib/verdict.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { createFaucet } from "./faucet.ts";
import { followPeer } from "./followPeer.ts";
import { openNode } from "./node.ts";
import { parseFlags } from "./parseFlags.ts";
import { createServer } from "./server/createServer.ts";

const flags = parseFlags(process.argv.slice(2));
if (!flags.ok) {
  process.stderr.write(`${flags.message}\n`);
  process.exit(2);
}
const { port, host, data, peers, miner, faucet, manual } = flags.value;
const log = pino({ name: "node" });
const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());
const periodMs = rules.parameters.periodTenths * 100;

// With a manual clock the node knows no other time than that of the last command.
let commandedMs = 0;
const now = () => (manual ? commandedMs : Date.now());
const store = await openStore(data);
const node = await openNode({ rules, genesis: createLocalGenesis(rules), store, now });

/** A command of no blocks says what time it is. */
async function mineOnCommand(count: number, ms: number): Promise<Verdict<null>> {
  commandedMs = Math.max(commandedMs, ms);
  for (let made = 0; made < count && miner !== undefined; made++) {
    commandedMs = Math.max(commandedMs, ms + made * periodMs);
    const mined = await node.mine(miner, commandedMs);
    if (!mined.ok) return mined;
  }
  return accept(null);
}

const server = createServer(node, {
  now: Date.now,
  giveCoins: faucet ? createFaucet(node) : undefined,
  mine: manual && miner !== undefined ? mineOnCommand : undefined,
});
const address = await server.listen({ port, host });
const links = peers.map((peer) => followPeer(node, peer, (what) => log.warn(what)));
const timer =
  miner !== undefined && !manual
    ? setInterval(() => {
        node.mine(miner, Date.now()).then(
          (mined) => {
            if (!mined.ok) log.error(`no block was made: ${mined.message}`);
          },
          (error: unknown) => stop(1, error),
        );
      }, periodMs)
    : undefined;
log.info({ address, height: node.tip().header.header.height }, "the node is up");
process.send?.({ kind: "up", address });

let isStopping = false;
function stop(code: number, error?: unknown): void {
  if (isStopping) return;
  isStopping = true;
  if (error !== undefined) log.fatal(error);
  clearInterval(timer);
  for (const link of links) link.close();
  void server
    .close()
    .then(() => node.close())
    .finally(() => process.exit(code));
}
process.on("SIGTERM", () => stop(0));
process.on("SIGINT", () => stop(0));
