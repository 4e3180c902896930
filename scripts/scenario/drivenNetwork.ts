import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { encodeMineRequest, NODE_PATHS } from "../../src/api/mainChainApi.ts";
import { HEADER_BYTES } from "../../src/chain/header/header.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { Cable } from "../network/cable.ts";
import { QUESTION } from "../network/startNetwork.ts";
import { type Running, startProcess } from "../network/startProcess.ts";

const VEO = 100_000_000n;
const PERIOD_MS = LOCAL_NETWORK.periodTenths * 100;
/** 2026-01-01 and an hour: after the genesis, the same in every run. */
const START_MS = 1_767_225_600_000 + 3_600_000;
/** Pause between two looks at something that another process does. */
const LOOK_MS = 3;

/** A private key that follows from a seed and a name. */
export function keyOf(seed: string, name: string): Uint8Array {
  return sha256(encodeUtf8(`${seed}:${name}`));
}

/**
 * The local network with every process driven: it has the time that the driver gives it, mines when the
 * driver says so, and acts when it is its turn. So a seed fixes keys, blocks and draw.
 */
export class DrivenNetwork {
  nowMs = START_MS;
  height = 0;
  nodeUrl = "";
  operatorUrl = "";
  oracleId = "";
  readonly #seed: string;
  readonly #data: string;
  readonly #processes: Running[] = [];
  /** In the order of their turns: whoever posts in another comes after him. */
  readonly #operators: Running[] = [];
  readonly #agents: Running[] = [];
  /** Wallets in the driver's own process that have their turn like everybody else. */
  readonly #wallets: Wallet[] = [];
  #way: Cable | undefined;
  #round = 0;

  constructor(seed: string, data: string) {
    this.#seed = seed;
    this.#data = data;
  }

  /** A node, and nobody else yet. `isForkable`: everybody reaches it by a way that can lead elsewhere. */
  async start({ isForkable = false } = {}): Promise<void> {
    const node = await this.#startNode("node", "miner", []);
    this.nodeUrl = node.up.address ?? "";
    if (isForkable) {
      this.#way = await Cable.lay();
      this.#way.target = portOf(this.nodeUrl);
      this.nodeUrl = this.#way.url;
    }
    await this.#mineOne();
  }

  /**
   * From here on another miner goes on by himself, and knows nothing of what is mined after this.
   *
   * @returns what has him mine `count` blocks, and everybody's way lead to his node: it must come to more work than theirs.
   */
  async fork(): Promise<(count: number) => Promise<void>> {
    const way = this.#way;
    if (way === undefined) throw new Error("the network is not forkable");
    const toNode = await Cable.lay();
    toNode.target = way.target;
    const rival = await this.#startNode("rival", "rival miner", ["--peer", toNode.url]);
    const url = rival.up.address ?? "";
    // It is told the time: what is ahead of its clock it does not take.
    await mineAt(url, this.nowMs, 0);
    while ((await countHeaders(url)) <= this.height) await pause();
    toNode.close();
    return async (count) => {
      for (let made = 0; made < count; made++) {
        this.nowMs += PERIOD_MS;
        this.height = await mineAt(url, this.nowMs);
      }
      way.cut();
      way.target = portOf(url);
      way.mend();
    };
  }

  #startNode(name: string, minerName: string, flags: readonly string[]): Promise<Running> {
    const miner = formatHex(computePublicKey(keyOf(this.#seed, minerName)));
    const data = ["--data", join(this.#data, name), "--port", "0"];
    return this.#start(name, "node/main.ts", {
      args: [...data, "--manual", "--faucet", "--mine", miner, ...flags],
    });
  }

  /** A reporter, an exchange with his question for a market, and a counterparty there. */
  async startFootball(expiry: number, reportAt: number, result: string): Promise<void> {
    await this.start();
    const reporter = await this.#start("reporter", "agents/reporterMain.ts", {
      args: [
        ...["--data", join(this.#data, "reporter"), "--node", this.nodeUrl, "--manual"],
        ...["--question", QUESTION, "--result", result, "--at", String(reportAt)],
      ],
      key: ["SORTITION_AGENT_KEY", "reporter"],
    });
    this.#agents.push(reporter);
    this.oracleId = reporter.up.oracleId ?? "";
    await this.mine(3);

    await this.startExchange(expiry, [
      "--market",
      QUESTION,
      "--oracle",
      this.oracleId,
      "--yes-bps",
      "5000",
    ]);

    const counterparty = await this.#start("counterparty", "agents/counterpartyMain.ts", {
      args: [
        ...["--data", join(this.#data, "counterparty"), "--node", this.nodeUrl, "--manual"],
        ...["--operator", this.operatorUrl, "--space", String(300n * VEO), "--spread-bps", "200"],
      ],
      key: ["SORTITION_AGENT_KEY", "counterparty"],
    });
    this.#agents.push(counterparty);
    await this.mine(12);
  }

  /** Start the operator of a chain on the main chain, of `amount` satoshi. Blocks are mined until it is up. */
  async startExchange(
    expiry: number,
    flags: readonly string[],
    { name = "operator", amount = 1_000n * VEO, depositBps = 0 } = {},
  ): Promise<Running> {
    const create = ["--create", [amount, expiry, depositBps, 12, 24].join(","), "--faucet"];
    const running = await this.#startOperator(name, () => this.#mineOne(), [...create, ...flags]);
    this.operatorUrl = running.up.address ?? "";
    return running;
  }

  /**
   * Start the operator of a chain inside another; its flags say which. Blocks are mined until it is up.
   *
   * @param onStart - told of the process at once, by who means to end it; it may end whenever it does. Rejects if it
   *   ends on the way up. @param mineOne - how a block is mined, where others have a say in when.
   */
  async startNested(
    name: string,
    flags: readonly string[],
    onStart?: (child: ChildProcess) => void,
    mineOne = () => this.mine(1),
  ): Promise<Running> {
    const mine = async () => {
      // What it asked for is on its way at the parent's operator: that comes before the next block.
      await this.settle();
      await mineOne();
    };
    return this.#startOperator(name, mine, flags, onStart);
  }

  /** Start a program that has its turn like everybody, with a key that follows from `keyName`. */
  async startAgent(
    name: string,
    program: string,
    data: string,
    keyName: string,
    flags: readonly string[] = [],
  ): Promise<Running> {
    const running = await this.#start(name, program, {
      args: ["--data", data, "--node", this.nodeUrl, "--manual", ...flags],
      key: ["SORTITION_AGENT_KEY", keyName],
    });
    this.#agents.push(running);
    return running;
  }

  /** An agent ends without a word. */
  async killAgent(running: Running): Promise<void> {
    this.#agents.splice(this.#agents.indexOf(running), 1);
    await running.kill();
  }

  /** From now on a wallet of the driver's has its turn whenever everybody has. */
  join(wallet: Wallet): void {
    this.#wallets.push(wallet);
  }

  /** A wallet that joined has no turn any more. */
  part(wallet: Wallet): void {
    const at = this.#wallets.indexOf(wallet);
    if (at !== -1) this.#wallets.splice(at, 1);
  }

  /** Nobody waits for an operator any more, whatever becomes of it. */
  leave(running: Running): void {
    this.#operators.splice(this.#operators.indexOf(running), 1);
  }

  /** A process ends without a word, and nobody waits for it any more. */
  async kill(running: Running): Promise<void> {
    this.leave(running);
    await running.kill();
  }

  /** Nobody runs a chain any more. */
  async killOperators(): Promise<void> {
    for (const running of [...this.#operators]) await this.kill(running);
  }

  /** @param mine - called for each block that it waits for on the way up. */
  async #startOperator(
    name: string,
    mine: () => Promise<void>,
    flags: readonly string[],
    onStart?: (child: ChildProcess) => void,
  ): Promise<Running> {
    let mining: Promise<unknown> = Promise.resolve();
    const starting = this.#start(name, "operator/main.ts", {
      ...(onStart === undefined ? {} : { onStart }),
      args: [
        ...["--data", join(this.#data, name), "--node", this.nodeUrl, "--port", "0"],
        ...["--clock", `manual:${this.nowMs}`, "--local", ...flags],
      ],
      key: ["SORTITION_OPERATOR_KEY", name],
      onWaiting: (child) => {
        mining = mining.then(mine).then(() => {
          const next = { kind: "next", nowMs: this.nowMs, height: this.height };
          if (child.connected) child.send(next);
        });
      },
    });
    const running = await starting.finally(() => mining);
    this.#operators.push(running);
    return running;
  }

  async #start(
    name: string,
    program: string,
    options: {
      readonly args: readonly string[];
      readonly key?: readonly [variable: string, name: string];
      readonly onWaiting?: (child: ChildProcess) => void;
      readonly onStart?: (child: ChildProcess) => void;
    },
  ): Promise<Running> {
    const { args, key, onWaiting, onStart } = options;
    const running = await startProcess({
      name,
      program,
      args,
      env: key === undefined ? {} : { [key[0]]: formatHex(keyOf(this.#seed, key[1])) },
      ...(onStart === undefined
        ? {
            onEnd: (why) => {
              process.stderr.write(`${why}\n`);
              process.exit(1);
            },
          }
        : { onStart }),
      onMessage: ({ kind }, child) => {
        if (kind === "waiting") onWaiting?.(child);
      },
    });
    this.#processes.unshift(running);
    return running;
  }

  /** Mine blocks; after each, everyone does what it allows, one after another. */
  async mine(count: number, wallet?: Wallet): Promise<void> {
    for (let made = 0; made < count; made++) {
      await this.#mineOne();
      await this.settle(wallet);
    }
  }

  /** Do what the user asked for, and all that follows from it before the next block. */
  async act<Value>(wallet: Wallet, work: Promise<Value>): Promise<Value> {
    const done = await this.during(work);
    await this.settle(wallet);
    return done;
  }

  /** Give everyone his turn until nobody has anything to do before the next block. */
  async settle(wallet?: Wallet): Promise<void> {
    const wallets = new Set([...this.#wallets, ...(wallet === undefined ? [] : [wallet])]);
    await this.#settle(this.#operators, this.#agents, wallets);
  }

  /** The same for some alone, where nobody else has a part in what they do. */
  async settleAmong(operators: readonly Running[], wallets: Iterable<Wallet>): Promise<void> {
    const running = this.#operators.filter((each) => operators.includes(each));
    await this.#settle(running, [], wallets);
  }

  async #settle(
    operators: readonly Running[],
    agents: readonly Running[],
    wallets: Iterable<Wallet>,
  ): Promise<void> {
    for (let seen = "", quiet = 0; quiet < 2; ) {
      const standings = [await this.#waitForOperators(operators)];
      // The agents first: with their turn they are told the time, by which they judge new headers.
      for (const agent of agents) {
        standings.push(
          await this.during(this.#settleAgent(agent)),
          await this.#waitForOperators(operators),
        );
      }
      for (const each of wallets) {
        await this.during(each.sync());
        await this.during(ordersAtRest(each));
        standings.push(describe(each), await this.#waitForOperators(operators));
      }
      const now = standings.join("|");
      quiet = now === seen ? quiet + 1 : 0;
      seen = now;
    }
  }

  /** Wait for work that the operator's clock has a part in: it stands, but what is due now happens. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      await Promise.race([done.catch(() => undefined), pause()]);
      if (!isDone) this.#setOperatorTime();
    }
    return done;
  }

  async stop(): Promise<void> {
    for (const running of this.#processes) await running.stop();
    this.#way?.close();
  }

  async #settleAgent({ child }: Running): Promise<string> {
    this.#round += 1;
    const round = this.#round;
    child.send({ kind: "settle", round, nowMs: this.nowMs });
    for (;;) {
      const [report] = (await once(child, "message")) as [{ round?: number; standing?: string }];
      if (report.round === round) return report.standing ?? "";
    }
  }

  /** Let the operators look at the tip, one after another, until nothing is under way at any. */
  async #waitForOperators(operators: readonly Running[] = this.#operators): Promise<string> {
    const standings: string[] = [];
    for (const running of operators) standings.push(await this.#waitForOperator(running));
    return standings.join(" ");
  }

  /** Until the operator has seen the tip, and nothing is under way at his. */
  async #waitForOperator({ child }: Running): Promise<string> {
    for (;;) {
      this.#setOperatorTime();
      this.#round += 1;
      const asked = once(child, "message");
      child.send({ kind: "standing", round: this.#round });
      const [answer] = (await asked) as [{ isQuiet?: boolean; words?: string }];
      const isAtTip = answer.words?.startsWith(`${this.height} `) === true;
      if (answer.isQuiet === true && isAtTip) return answer.words ?? "";
      if (answer.isQuiet === true) child.send({ kind: "turn" });
      await pause();
    }
  }

  /** What is due by now happens before anything else that an operator is told from here on. */
  #setOperatorTime(): void {
    for (const { child } of this.#operators) {
      if (child.connected) child.send({ kind: "time", nowMs: this.nowMs });
    }
  }

  async #mineOne(): Promise<void> {
    this.nowMs += PERIOD_MS;
    // What is due by then comes before the block, whole: a post that it leads to is in the block, or would be by chance.
    await this.#waitForOperators();
    this.height = await mineAt(this.nodeUrl, this.nowMs);
  }
}

function describe(wallet: Wallet): string {
  const pending = wallet.hands()?.outbox.pendingCount() ?? 0;
  const heights = wallet.tracker.chains().map(({ book }) => `${book.tip.height}/${book.postCount}`);
  const sent =
    wallet
      .orders()
      ?.list()
      .map((order) => order.sent.length) ?? [];
  return `${pending} ${wallet.activity().length} ${heights.join(" ")} ${sent.join("")}`;
}

/** Until every order that is on its way to an operator is answered. */
async function ordersAtRest(wallet: Wallet): Promise<void> {
  while (wallet.orders()?.isAtRest() === false) await pause();
}

/** Have a node mine a block of a time, or only tell it the time. @returns its height. */
async function mineAt(url: string, ms: number, count = 1): Promise<number> {
  const answer = await fetch(url + NODE_PATHS.mine, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.from(encodeMineRequest({ count, ms })),
  });
  if (!answer.ok) throw new Error(`the node mines no block: ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer()).readUInt32BE(0);
}

/** Headers that a node serves, the genesis among them. */
async function countHeaders(url: string): Promise<number> {
  const answer = await fetch(`${url}${NODE_PATHS.headers}?from=0&count=2000`);
  return (await answer.arrayBuffer()).byteLength / HEADER_BYTES;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
