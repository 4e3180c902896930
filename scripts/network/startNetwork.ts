import { once, setMaxListeners } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeChainAddress } from "../../src/api/chainAddress.ts";
import { parseHex } from "../../src/lib/hex.ts";
import { type Running, startProcess } from "./startProcess.ts";

const VEO = 100_000_000n;
/** Heights of the local story: blocks come every two seconds. */
const REPORT_AFTER = 150;
const EXPIRE_AFTER = 300;
const YES_BPS = 5_000;
/** Blocks before the result from which the market maker quotes no more. */
const LAST_QUOTE_BEFORE = 6;

const inVeo = (amounts: Readonly<Record<string, bigint>>): string[] =>
  Object.entries(amounts).flatMap(([flag, veo]) => [`--${flag}`, String(veo * VEO)]);
/** Quotes deep enough that a user trades tens of VEO with them: each of its own piece of space. */
const MAKER = ["--levels", "4", "--pieces", "10", ...inVeo({ size: 20n, width: 15n, loss: 80n })];
const TAKER = inVeo({ size: 5n });

/** The local network: who runs, and where a wallet finds them. */
export type LocalNetwork = {
  readonly nodeUrl: string;
  readonly operatorUrl: string;
  /** All operators, the outermost first; those further in answer once `innerUp` resolves. */
  readonly operatorUrls: readonly string[];
  /** The exchange's address with the id of its chain in it: by that, a mirror can stand in for it from the first start on. */
  readonly exchangeAddress: string;
  /** Where the blocks of all chains are kept, too; none unless asked for. */
  readonly mirrorUrls: readonly string[];
  /** Where wallets' evidence is kept; none unless asked for. */
  readonly towerUrls: readonly string[];
  readonly innerUp: Promise<void>;
  readonly processes: readonly Running[];
  stop(): Promise<void>;
};

export const QUESTION = "Do the reds win on Saturday?";

/** How wide the two chains inside are, and how much of the outer one a counterparty holds; in satoshi. */
export type InnerChains = {
  readonly sports: bigint;
  readonly sportsSpace: bigint;
  readonly syndicate: bigint;
};

/**
 * Start a main-chain node that mines, an oracle's reporter, an operator with a chain of 1,000 VEO, and a
 * counterparty; each with its data below `data`. While the rest runs already there follow, with `isTrading`, a market
 * maker and a taker in the exchange; with `inner` a sports market inside the exchange with a counterparty of its own, and a
 * syndicate inside that, which posts in the exchange; and with `isMirrored` a mirror of all three. With `isGuarded` a watchtower
 * is up before anybody trades.
 *
 * @param say - told what is being waited for.
 */
export async function startNetwork(options: {
  readonly data: string;
  readonly say: (words: string) => void;
  readonly onEnd: (why: string) => void;
  readonly result?: "true" | "false";
  readonly reportAfter?: number;
  readonly expireAfter?: number;
  /** What the operator takes a `yes` to be worth, in basis points. */
  readonly yesBps?: number;
  /** The prize in satoshi, and how much of the space the counterparty holds; there is none for 0. */
  readonly amount?: bigint;
  readonly space?: bigint;
  readonly inner?: InnerChains;
  readonly isMirrored?: boolean;
  /** Whether there is a watchtower. */
  readonly isGuarded?: boolean;
  /** Whether a market maker and a taker trade in the exchange's books. */
  readonly isTrading?: boolean;
  readonly ports?: { readonly node: number; readonly operator: number };
}): Promise<LocalNetwork> {
  const { data, say, onEnd, result = "true", yesBps = YES_BPS } = options;
  const { reportAfter = REPORT_AFTER, expireAfter = EXPIRE_AFTER } = options;
  const { amount = 1_000n * VEO, space = 300n * VEO, inner } = options;
  const { isMirrored = false, isTrading = false, isGuarded = false } = options;
  const ports = options.ports ?? { node: 0, operator: 0 };
  const processes: Running[] = [];
  const start = async (name: string, program: string, args: readonly string[]) => {
    const running = await startProcess({
      name,
      program,
      args,
      onEnd,
      signal: stopping.signal,
    });
    processes.unshift(running);
    return running.up;
  };
  let innerUp: Promise<void> = Promise.resolve();
  /** What starts while the rest runs already. */
  const later: Promise<void>[] = [];
  const stopping = new AbortController();
  // Every process of the network listens.
  setMaxListeners(0, stopping.signal);
  const orEnd = (starting: Promise<void>): Promise<void> =>
    starting.catch((error: unknown) => {
      if (!stopping.signal.aborted) onEnd(String(error));
    });
  const stop = async () => {
    stopping.abort();
    await Promise.all([innerUp, ...later]);
    for (const running of processes) await running.stop();
  };
  try {
    say("starting a main-chain node that mines a block every two seconds");
    const miner = `02${"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"}`;
    const nodeArgs = ["--data", join(data, "node"), "--port", String(ports.node)];
    const node = await start("node", "node/main.ts", [...nodeArgs, "--mine", miner, "--faucet"]);
    const nodeUrl = node.address ?? "";

    say("starting the oracle's reporter");
    const height = await readHeight(nodeUrl);
    const reporter = await start("reporter", "agents/reporterMain.ts", [
      ...["--data", join(data, "reporter"), "--node", nodeUrl, "--question", QUESTION],
      ...["--result", result, "--at", String(height + reportAfter)],
    ]);

    say(`starting an operator, who locks ${amount / VEO} VEO as the prize of his chain`);
    const chain = [amount, height + expireAfter, 0, 12, 24].join(",");
    const asked = ["--market", QUESTION, "--oracle", reporter.oracleId ?? ""];
    const market = [...asked, "--yes-bps", String(yesBps)];
    const operator = await start("operator", "operator/main.ts", [
      ...["--data", join(data, "operator"), "--key", join(data, "operator", "key")],
      ...["--node", nodeUrl, "--port", String(ports.operator), "--create", chain, "--faucet"],
      ...market,
      ...(inner === undefined ? [] : ["--label", "Exchange"]),
    ]);
    const operatorUrl = operator.address ?? "";
    const exchangeAddress = writeChainAddress(operatorUrl, parseHex(operator.chainId ?? ""));

    const towerUrls: string[] = [];
    if (isGuarded) {
      say("starting a watchtower, which acts for wallets while they are closed");
      const tower = await start("tower", "tower/main.ts", [
        ...["--data", join(data, "tower"), "--node", nodeUrl, "--port", "0", "--faucet"],
      ]);
      towerUrls.push(tower.address ?? "");
    }
    const startCounterparty = async (name: string, url: string, width: bigint) => {
      if (width === 0n) return;
      await start(name, "agents/counterpartyMain.ts", [
        ...["--data", join(data, name), "--node", nodeUrl, "--operator", url],
        ...["--space", String(width), "--spread-bps", "200"],
      ]);
    };
    say("starting a counterparty, who buys space and takes the other side of bets");
    await startCounterparty("counterparty", operatorUrl, space);
    if (isTrading) {
      const until = ["--until", String(height + reportAfter - LAST_QUOTE_BEFORE)];
      const startTrader = (name: string, flags: readonly string[]) =>
        start(name, `agents/${name}Main.ts`, [
          ...["--data", join(data, name), "--node", nodeUrl, "--operator", operatorUrl],
          ...["--seed", name, ...until, ...flags],
        ]);
      const startTraders = async () => {
        await startTrader("maker", MAKER);
        await startTrader("taker", TAKER);
        say("a market maker and a taker are up: they buy space of the exchange, and then trade");
      };
      later.push(orEnd(startTraders()));
    }
    if (inner === undefined) {
      const alone = { operatorUrls: [operatorUrl], mirrorUrls: [], towerUrls };
      return { nodeUrl, operatorUrl, ...alone, exchangeAddress, innerUp, processes, stop };
    }

    /** An operator inside a contract that he buys first. */
    const startInside = (
      name: string,
      width: bigint,
      port: number,
      parentUrl: string,
      more: readonly string[],
    ) =>
      start(name, "operator/main.ts", [
        ...["--data", join(data, name), "--key", join(data, name, "key"), "--node", nodeUrl],
        ...["--port", String(port), "--faucet"],
        ...["--parent", parentUrl, "--buy", String(width), ...more],
      ]);
    const [sportsPort, syndicatePort, mirrorPort] = await findFreePorts();
    const sportsUrl = `http://127.0.0.1:${sportsPort}`;
    const operatorUrls = [operatorUrl, sportsUrl, `http://127.0.0.1:${syndicatePort}`];
    const mirrorUrls = isMirrored ? [`http://127.0.0.1:${mirrorPort}`] : [];
    const startMirror = () =>
      start("mirror", "mirror/main.ts", [
        ...["--data", join(data, "mirror"), "--node", nodeUrl, "--port", String(mirrorPort)],
        ...operatorUrls.flatMap((url) => ["--operator", url]),
      ]);
    const startInner = async () => {
      say("a sports market begins inside the exchange: it buys space and seals it");
      const { sports, sportsSpace, syndicate } = inner;
      const called = (label: string) => ["--label", label];
      const sportsFlags = [...called("Sports market"), ...market];
      await startInside("sports", sports, sportsPort, operatorUrl, sportsFlags);
      say("the sports market is up; a counterparty goes there, and a syndicate begins inside it");
      const anchor = ["--anchor", operator.chainId ?? ""];
      await Promise.all([
        startCounterparty("sports-counterparty", sportsUrl, sportsSpace),
        startInside("syndicate", syndicate, syndicatePort, sportsUrl, [
          ...called("Syndicate"),
          ...anchor,
        ]),
      ]);
      say("the syndicate is up: inside the sports market, and posting in the exchange");
      if (!isMirrored) return;
      await startMirror();
      say("a mirror is up, which keeps the blocks of all three for when their operators are gone");
    };
    innerUp = orEnd(startInner());
    const urls = { nodeUrl, operatorUrl, operatorUrls, exchangeAddress, mirrorUrls, towerUrls };
    return { ...urls, innerUp, processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Three ports that nobody listens at now. */
async function findFreePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0, ports[2] ?? 0];
}

/** Height of a node's tip: the last header that it has. */
async function readHeight(nodeUrl: string): Promise<number> {
  const answer = await fetch(`${nodeUrl}/headers?from=0&count=2000`);
  return Math.max(0, (await answer.arrayBuffer()).byteLength / 143 - 1);
}
