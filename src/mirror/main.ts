import { join } from "node:path";
import { pino } from "pino";
import { openStore } from "../disk/openStore.ts";
import { openWallet } from "../headless/openWallet.ts";
import { formatHex } from "../lib/hex.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { openArchive } from "./archive.ts";
import { createServer } from "./createServer.ts";
import { createMirroredChains } from "./mirroredChains.ts";
import { parseFlags } from "./parseFlags.ts";

/** Looked again at least so often: a node or an operator that is gone now may come back. */
const LOOK_MS = 5_000;

const flags = parseFlags(process.argv.slice(2));
if (!flags.ok) {
  process.stderr.write(`${flags.message}\n`);
  process.exit(2);
}
const { port, host, data, node, operators, mirrors } = flags.value;
const log = pino({ name: "mirror" });
const { networkId } = createRules(LOCAL_NETWORK);

// The blocks have a store of their own: the light client's rows are read whole at its start.
const store = await openStore(join(data, "blocks"));
const archive = await openArchive(store);
const client = await openWallet({
  directory: join(data, "client"),
  node,
  signer: undefined,
  now: Date.now,
  mirrors,
  archive,
});
const { wallet } = client;
const chains = createMirroredChains(wallet, networkId, archive);
const server = createServer(archive, chains, Date.now);
// What is on disk is served at once, whoever else is there.
const address = await server.listen({ port, host });

/** Operators whose chains are followed since this start, each with what ends the listening to his new blocks. */
const followed = new Map<string, () => void>();
let isLooking = false;
let isWanted = false;
/** What the log was told last of each operator and chain. */
const told = new Map<string, string>();

function warn(about: string, words: string): void {
  if (told.get(about) === words) return;
  told.set(about, words);
  log.warn({ about }, words);
}

function look(): void {
  isWanted = true;
  if (isLooking) return;
  isLooking = true;
  lookAround()
    .catch((error: unknown) => stop(1, error))
    .finally(() => {
      isLooking = false;
    });
}

async function lookAround(): Promise<void> {
  while (isWanted && !isStopping) {
    isWanted = false;
    await wallet.sync();
    for (const url of operators) {
      if (followed.has(url) || isStopping) continue;
      const said = await wallet.follow(url);
      if (!said.ok) {
        warn(url, `not followed yet: ${said.message}`);
        continue;
      }
      followed.set(
        url,
        client.operatorAt(url).follow(look, () => undefined),
      );
      isWanted = true;
    }
    for (const { book } of wallet.tracker.chains()) {
      const { breach, chain } = book;
      if (breach === undefined) continue;
      const what = `block ${breach.blockHeight} breaks the rule ${breach.rule}; nothing from there on is kept`;
      warn(formatHex(chain.id), what);
    }
  }
}

let isStopping = false;
function stop(code: number, error?: unknown): void {
  if (isStopping) return;
  isStopping = true;
  if (error !== undefined) log.fatal(error);
  clearInterval(timer);
  for (const unfollow of followed.values()) unfollow();
  void server
    .close()
    .then(() => client.close())
    .then(() => store.close())
    .finally(() => process.exit(code));
}
process.on("SIGTERM", () => stop(0));
process.on("SIGINT", () => stop(0));

const timer = setInterval(look, LOOK_MS);
client.followTip(look);
look();
log.info({ address }, "the mirror is up");
process.send?.({ kind: "up", address });
