import { join } from "node:path";
import { createInterface } from "node:readline";
import { pino } from "pino";
import { writeHandOverCode } from "../api/handOverCode.ts";
import { createUpgradingVerify } from "../crypto/upgradingVerify.ts";
import { formatHex } from "../lib/hex.ts";
import { insist, Refusal } from "../lib/verdict.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { createManualClock, createSystemClock } from "./clock.ts";
import { runConsole } from "./console.ts";
import { createEngineState } from "./engine/engineState.ts";
import { openMarket } from "./engine/openMarket.ts";
import { DEFAULT_POLICY } from "./engine/policy.ts";
import { replay } from "./engine/replay.ts";
import { createHttpNode } from "./httpNode.ts";
import { readMarketsFile } from "./marketsFile.ts";
import { runOperator } from "./operator.ts";
import { parseFlags } from "./parseFlags.ts";
import { createServer } from "./server/createServer.ts";
import { readSigned } from "./signer/readSigned.ts";
import { startSigner } from "./signer/startSigner.ts";
import { startChain } from "./startChain.ts";
import { openRowStore } from "./store/openRowStore.ts";
import { createDrivenTurns, createOwnTurns } from "./turns.ts";

const flags = parseFlags(process.argv.slice(2));
if (!flags.ok) {
  process.stderr.write(`${flags.message}\n`);
  process.exit(2);
}
const { port, host, data, node: nodeUrl, keyFile, feeBps, manualClockMs } = flags.value;
const { markets, marketsFile } = flags.value;
const log = pino({ name: "operator" });
const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());

const signer = await startSigner({
  data: join(data, "signer"),
  networkId: rules.networkId,
  keyFile,
});
const store = await openRowStore(join(data, "chain"));
const node = createHttpNode(nodeUrl);

const manualClock = manualClockMs === undefined ? undefined : createManualClock(manualClockMs);
const clock = manualClock ?? createSystemClock();
const turns =
  manualClock !== undefined && process.send !== undefined
    ? createDrivenTurns(node, manualClock, {
        send: (message) => process.send?.(message),
        onMessage: (listener) => process.on("message", listener),
      })
    : createOwnTurns(node);
const operator = signer.publicKey;
const handOverCode = writeHandOverCode(operator);
log.info({ operator: formatHex(operator), handOverCode }, "this operator's key");
const started = await startChain({
  flags: flags.value,
  rules,
  store,
  signer,
  node,
  turns,
  now: clock.now,
  say: (words) => {
    log.info(words);
    process.send?.({ kind: "says", words });
  },
}).catch(giveUp);
const { chain, place, mainChain, answers, end, defence, parent, above } = started;

// Time that is moved by hand moves once for each main-chain block: nothing may wait for more of it.
const pace =
  manualClockMs === undefined ? {} : { batchMs: 0, collectMs: 0, spacingMs: 0, postMs: 0 };
const { batchMs, inside } = flags.value;
const policy = {
  ...DEFAULT_POLICY,
  ...pace,
  ...(batchMs === undefined ? {} : { batchMs }),
  feeBps,
  switchAfter: inside?.switchAfter,
};
const state = createEngineState(rules, chain, policy, [], place);
await restore().catch(giveUp);
const running = runOperator({
  state,
  store,
  signer,
  mainChain,
  answers,
  end,
  defence: flags.value.isDefending ? defence : undefined,
  clock,
  onTrouble: (what, error) => log.warn({ error }, what),
});
const server = createServer(running, {
  now: clock.now,
  wallNow: Date.now,
  parent,
  above,
  label: flags.value.label,
});
const address = await server.listen({ port, host });
const facts = { operator: formatHex(operator), chainId: formatHex(chain.id) };
log.info({ address, ...facts }, "the operator is up");
process.send?.({ kind: "up", address, ...facts });
if (flags.value.isConsole) {
  void runConsole(running, createInterface({ input: process.stdin }), (words) => log.info(words));
}

/** What a driver says: what time it is, and, before it goes on, whether anything is still under way here. */
type DriverWord =
  | { readonly kind: "time"; readonly nowMs: number }
  | { readonly kind: "standing"; readonly round: number };

process.on("message", (word: DriverWord) => {
  if (word.kind === "time") manualClock?.setTime(word.nowMs);
  if (word.kind !== "standing") return;
  const isQuiet = running.isAtRest() && node.pendingCount() === 0;
  const words = `${state.main?.height ?? 0} ${state.tip.height} ${state.posts.length}`;
  process.send?.({ kind: "standing", round: word.round, isQuiet, words });
});

/**
 * Bring back what was acknowledged, and open the markets of the command line beside those that are open already; rejects
 * unless the signer's table knows all that the rows show as signed.
 */
async function restore(): Promise<void> {
  replay(state, await store.rows());
  const more = marketsFile === undefined ? [] : insist(await readMarketsFile(marketsFile));
  for (const market of [...markets, ...more]) {
    for (const effect of insist(openMarket(state, market))) {
      if (effect.kind === "commit") await store.commit(effect.operations);
    }
  }
  insist(await signer.recall(await readSigned(state, store)));
}

/** End before anything runs, the signer first: whoever starts the operator again finds its table free. */
async function giveUp(error: unknown): Promise<never> {
  const isRefused = error instanceof Refusal;
  if (isRefused) process.stderr.write(`${error.message}\n`);
  else log.fatal(error);
  turns.close();
  await signer.stop();
  await store.close();
  return process.exit(isRefused ? 2 : 1);
}

let isStopping = false;
function stop(code: number, error?: unknown): void {
  if (isStopping) return;
  isStopping = true;
  turns.close();
  if (error !== undefined) log.fatal(error);
  void server
    .close()
    .then(() => running.close())
    .then(() => signer.stop())
    .then(() => started.close())
    .then(() => store.close())
    .finally(() => process.exit(code));
}
running.failed.catch((error: unknown) => stop(1, error));
signer.failed.catch((error: unknown) => stop(1, error));
process.on("SIGTERM", () => stop(0));
process.on("SIGINT", () => stop(0));
