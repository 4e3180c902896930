import { join } from "node:path";
import { pino } from "pino";
import { createLocalSigner } from "../client/localSigner.ts";
import { TRANSACTION_FEE } from "../client/outbox.ts";
import { SourceError } from "../client/ports.ts";
import { openStore } from "../disk/openStore.ts";
import { loadPrivateKey } from "../headless/loadPrivateKey.ts";
import { openWallet } from "../headless/openWallet.ts";
import { formatHex } from "../lib/hex.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { createServer } from "./createServer.ts";
import { parseFlags } from "./parseFlags.ts";
import { openTower } from "./tower.ts";

/** Looked again at least so often: a node that is gone now may come back. */
const LOOK_MS = 5_000;
/** Slashes that it wants to be able to pay for. */
const SLASHES_AT_HAND = 100n;

const flags = parseFlags(process.argv.slice(2));
if (!flags.ok) {
  process.stderr.write(`${flags.message}\n`);
  process.exit(2);
}
const { port, host, data, node, keyFile, faucet } = flags.value;
const log = pino({ name: "tower" });
const rules = createRules(LOCAL_NETWORK);
const signer = createLocalSigner(await loadPrivateKey(keyFile), rules.networkId);
const client = await openWallet({
  directory: join(data, "client"),
  node,
  signer,
  now: Date.now,
});
const { wallet } = client;
const store = await openStore(join(data, "tower"));
const tower = await openTower({
  rules,
  wallet,
  signer,
  store,
  say: (words, about) => log.info(about, words),
});
const server = createServer(tower.desk, Date.now);
const address = await server.listen({ port, host });

let isLooking = false;
let isWanted = false;
let isStopping = false;

function look(): void {
  isWanted = true;
  if (isLooking) return;
  isLooking = true;
  lookAround()
    .catch((error: unknown) => {
      if (!(error instanceof SourceError)) return stop(1, error);
      // A node that fails may come back; what is on disk says where to go on.
      log.warn({ error }, "the tower could not read the main chain");
    })
    .finally(() => {
      isLooking = false;
    });
}

async function lookAround(): Promise<void> {
  while (isWanted && !isStopping) {
    isWanted = false;
    await tower.advance();
    const balance = wallet.hands()?.outbox.account().balance ?? 0n;
    if (faucet && balance < SLASHES_AT_HAND * TRANSACTION_FEE) await wallet.requestCoins();
  }
}

function stop(code: number, error?: unknown): void {
  if (isStopping) return;
  isStopping = true;
  if (error !== undefined) log.fatal(error);
  clearInterval(timer);
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
log.info({ address, tower: formatHex(signer.publicKey) }, "the watchtower is up");
process.send?.({ kind: "up", address, tower: formatHex(signer.publicKey) });
