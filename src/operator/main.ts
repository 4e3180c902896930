import { join } from "node:path";
import { pino } from "pino";
import { formatHex } from "../lib/hex.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { createManualClock, createSystemClock } from "./clock.ts";
import { createEngineState } from "./engine/engineState.ts";
import { DEFAULT_POLICY } from "./engine/policy.ts";
import { replay } from "./engine/replay.ts";
import { createHttpNode } from "./httpNode.ts";
import { createMainChainLink } from "./mainChainLink.ts";
import { openChain } from "./openChain.ts";
import { runOperator } from "./operator.ts";
import { parseFlags } from "./parseFlags.ts";
import { createServer } from "./server/createServer.ts";
import { startSigner } from "./signer/startSigner.ts";
import { openRowStore } from "./store/openRowStore.ts";

const flags = parseFlags(process.argv.slice(2));
if (!flags.ok) {
  process.stderr.write(`${flags.message}\n`);
  process.exit(2);
}
const { port, host, data, node: nodeUrl, keyFile, create, markets, feeBps } = flags.value;
const { manualClockMs, faucet } = flags.value;
const log = pino({ name: "operator" });
const rules = createRules(LOCAL_NETWORK);

const signer = await startSigner({
  data: join(data, "signer"),
  networkId: rules.networkId,
  keyFile,
});
const store = await openRowStore(join(data, "chain"));
const node = createHttpNode(nodeUrl);

const waiting = new Set<() => void>();
const nextTip = () =>
  new Promise<void>((resolve) => {
    waiting.add(resolve);
    // Whoever mines on command learns that a block is wanted.
    process.send?.({ kind: "waiting" });
  });
const unfollow = node.follow(() => {
  for (const wake of waiting) wake();
  waiting.clear();
});
await nextTip();
const operator = signer.publicKey;
const chain = await openChain({
  store,
  node,
  signer,
  operator,
  create,
  nextTip,
  requestCoins: faucet ? () => node.requestCoins(operator) : undefined,
});
unfollow();

// Time that is moved by hand moves once for each main-chain block: nothing may wait for more of it.
const pace = manualClockMs === undefined ? {} : { batchMs: 0, postMs: 0 };
const state = createEngineState(rules, chain, { ...DEFAULT_POLICY, ...pace, feeBps }, markets);
replay(state, await store.rows());
const manualClock = manualClockMs === undefined ? undefined : createManualClock(manualClockMs);
const clock = manualClock ?? createSystemClock();
const running = runOperator({
  state,
  store,
  signer,
  mainChain: createMainChainLink(node, operator, rules.parameters.confirmations),
  clock,
  onTrouble: (what, error) => log.warn({ error }, what),
});
const server = createServer(running, {
  now: clock.now,
  wallNow: Date.now,
  setTime: manualClock?.setTime,
});
const address = await server.listen({ port, host });
const facts = { operator: formatHex(operator), chainId: formatHex(chain.id) };
log.info({ address, ...facts }, "the operator is up");
process.send?.({ kind: "up", address, ...facts });

/** What a driver asks before it goes on: whether anything is still under way here. */
process.on("message", (question: { readonly kind: string; readonly round: number }) => {
  if (question.kind !== "standing") return;
  const isQuiet = running.isAtRest() && node.pendingCount() === 0;
  const words = `${state.main?.height ?? 0} ${state.tip.height} ${state.posts.length}`;
  process.send?.({ kind: "standing", round: question.round, isQuiet, words });
});

let isStopping = false;
function stop(code: number, error?: unknown): void {
  if (isStopping) return;
  isStopping = true;
  if (error !== undefined) log.fatal(error);
  void server
    .close()
    .then(() => running.close())
    .then(() => signer.stop())
    .then(() => store.close())
    .finally(() => process.exit(code));
}
running.failed.catch((error: unknown) => stop(1, error));
signer.failed.catch((error: unknown) => stop(1, error));
process.on("SIGTERM", () => stop(0));
process.on("SIGINT", () => stop(0));
