import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "vite";
import { serveWallet } from "./network/serveWallet.ts";
import { startNetwork } from "./network/startNetwork.ts";

const VEO = 100_000_000n;

/** `npm start`: build the wallet, start a local network of real processes, and serve the one to the other. */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    data: { type: "string" },
    "report-after": { type: "string", default: "150" },
    "expire-after": { type: "string", default: "300" },
    result: { type: "string", default: "true" },
  },
});
const say = (words: string) => process.stdout.write(`  ${words}\n`);
const root = fileURLToPath(new URL("..", import.meta.url));
const isOwnData = values.data === undefined;
const data = values.data ?? (await mkdtemp(join(tmpdir(), "sortition-")));

process.stdout.write("Starting a local sortition network\n");
say("building the wallet");
await build({ root, logLevel: "error" });

let isStopping = false;
const network = await startNetwork({
  data,
  say,
  onEnd: (why) => void stop(1, why),
  result: values.result === "false" ? "false" : "true",
  reportAfter: Number(values["report-after"]),
  expireAfter: Number(values["expire-after"]),
  isMirrored: true,
  isGuarded: true,
  isTrading: true,
  inner: { sports: 200n * VEO, sportsSpace: 50n * VEO, syndicate: 50n * VEO },
});
const { address, server } = await serveWallet({
  folder: join(root, "dist"),
  port: Number(values.port),
  nodes: [network.nodeUrl],
  operators: [network.exchangeAddress, ...network.operatorUrls.slice(1)],
  mirrors: network.mirrorUrls,
  towers: network.towerUrls,
});

async function stop(code: number, why?: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  if (why !== undefined) process.stderr.write(`${why}\n`);
  server.close();
  server.closeAllConnections();
  await network.stop();
  if (isOwnData) await rm(data, { recursive: true, force: true });
  process.exit(code);
}
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));

process.stdout.write(`
The wallet is at ${address}

What to try
  1. Make a key with a passphrase, and get coins from the faucet.
  2. Open the exchange: your wallet checks every block of it, and shows how its space is held.
  3. Bet on the game: buy one side with a stake. A step takes a few blocks of two seconds.
     Within a minute a sports market opens inside the exchange, and a syndicate inside that,
     each with an operator of its own: bet in the one, buy a share of the other.
     In the exchange a market maker and a taker trade on the game: buy space, and place orders there.
  4. Open the contract, sign its next state, and sell it or hold it.
  5. The result arrives about five minutes after the start, the draw five minutes later.
     Then claim, if the point is yours, and collect.

Main-chain node ${network.nodeUrl}, exchange ${network.operatorUrl}. Stop with Ctrl-C.

`);
