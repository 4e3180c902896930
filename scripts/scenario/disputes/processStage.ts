import { join } from "node:path";
import { type Agent, openAgent } from "../../../src/agents/openAgent.ts";
import type { Market } from "../../../src/api/marketApi.ts";
import { createLocalSigner } from "../../../src/client/localSigner.ts";
import { openNodeSocket } from "../../../src/headless/nodeSocket.ts";
import { parseHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { createMainChainSource } from "../../../src/network/mainChainSource.ts";
import { createOperatorSource } from "../../../src/network/operatorSource.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import type { SignedPost } from "../../../src/protocol/post.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { computePublicKey } from "../../../src/protocol/signature.ts";
import type { Running } from "../../network/startProcess.ts";
import { type DrivenNetwork, keyOf } from "../drivenNetwork.ts";
import { takeOtherSide } from "../takeOtherSide.ts";
import { createSpammer } from "./spam.ts";
import type { Attack, DisputeStage, Exchange, Person } from "./stage.ts";
import { turnLiar } from "./turnLiar.ts";

/** An attack with the chain that was made for it, and the operator who runs it. */
export type Scene = {
  readonly attack: Attack;
  readonly running: Running;
  readonly expiry: number;
  readonly market: Market | undefined;
};

/** Where attacks are played: a node, operators and a reporter. Whoever takes part has a wallet in the driver's process, on disk. */
export type Ground = {
  readonly network: DrivenNetwork;
  readonly seed: string;
  readonly data: string;
  readonly reporter: Agent;
  /** Whether honest users' wallets answer disputes by themselves. */
  readonly isDefended: boolean;
  /** Ends something when all is over, what was opened last first. */
  atEnd(close: () => Promise<void>): void;
};

/** Main-chain blocks after which an operator to whom nobody comes has everything recorded. */
const BLOCKS_TO_REST = 4;

/** A wallet of this name, which has its turn like everybody. */
export async function openPerson(
  { network, seed, data, atEnd }: Pick<Ground, "network" | "seed" | "data" | "atEnd">,
  name: string,
  keyName = name,
  towers: readonly string[] = [],
): Promise<Agent> {
  const agent = await openAgent({
    data: join(data, name),
    node: network.nodeUrl,
    key: keyOf(seed, keyName),
    now: () => network.nowMs,
    towers,
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await agent.close();
    isOpen = false;
  };
  atEnd(close);
  network.join(agent.wallet);
  return { ...agent, close };
}

/** The stage of one attack among others, which all wait for the same blocks. */
export function createProcessStage(
  ground: Ground,
  { attack, running, expiry, market }: Scene,
  nextBlock: () => Promise<void>,
): DisputeStage {
  const { network, reporter, seed } = ground;
  const agents = new Map<string, Agent>();
  const people: Person[] = [];
  const operators: Running[] = [running];
  const exchange = toExchange(running, operatorName(attack));

  function toExchange(own: Running, keyName: string): Exchange {
    return {
      url: own.up.address ?? "",
      chainId: parseHex(own.up.chainId ?? ""),
      operator: computePublicKey(keyOf(seed, keyName)),
      expiry,
      kill: () => network.kill(own),
    };
  }

  /** Nobody but those who are in this attack has a part in what one of them does. */
  async function act<Value>(work: Promise<Value>): Promise<Value> {
    const done = await network.during(work);
    const wallets = [reporter, ...agents.values()].map(({ wallet }) => wallet);
    await network.settleAmong(operators, wallets);
    return done;
  }

  function findAgent(name: string): Agent {
    const agent = agents.get(name);
    if (agent === undefined) throw new Error(`${name} is not there`);
    return agent;
  }

  async function mine(count: number): Promise<void> {
    for (let made = 0; made < count; made++) await nextBlock();
  }

  /** The parent's operator takes what is posted inside. */
  async function recordInside(signed: SignedPost): Promise<void> {
    const source = createOperatorSource(exchange.url, { openSocket: openNodeSocket });
    insist(await act(source.submitPost(signed)));
  }

  async function recorder(keyName: string): Promise<(signed: SignedPost) => Promise<void>> {
    const agent = await openPerson(ground, `${keyName}, turned`, keyName);
    await network.during(agent.wallet.sync());
    return async (signed) => {
      const outbox = agent.wallet.hands()?.outbox;
      if (outbox === undefined) throw new Error("the operator's account has no key");
      insist(await act(outbox.send({ kind: "existence", entry: { kind: "post", ...signed } })));
    };
  }

  const insideName = `${attack.name}, operator inside`;

  return {
    height: () => network.height,
    nowMs: () => network.nowMs,
    mine,
    act,
    exchange,
    market,
    people,
    insideSigner: createLocalSigner(keyOf(seed, insideName), createRules(LOCAL_NETWORK).networkId),

    async startInside(flags) {
      const all = [
        "--parent",
        exchange.url,
        "--anchor",
        "parent",
        "--faucet",
        "--no-defence",
        ...flags,
      ];
      const inside = await network.startNested(insideName, all, undefined, nextBlock);
      operators.push(inside);
      return toExchange(inside, insideName);
    },

    async open(name, isHonest, chain = exchange, guards = []) {
      const towers = isHonest && ground.isDefended ? guards.map(({ url }) => url) : [];
      const fullName = `${attack.name}, ${name}`;
      const agent = await openPerson(ground, fullName, fullName, towers);
      agents.set(name, agent);
      const { wallet } = agent;
      await network.during(wallet.setAutoDefence(isHonest && ground.isDefended));
      await network.during(wallet.sync());
      insist(await act(wallet.requestCoins()));
      await mine(1);
      insist(await act(wallet.follow(chain.url)));
      const person = { name, wallet };
      people.push(person);
      return person;
    },

    async close({ name, wallet }) {
      network.part(wallet);
      await network.during(findAgent(name).close());
      agents.delete(name);
    },

    async reopen({ name }) {
      const agent = await openPerson(ground, `${attack.name}, ${name}`);
      agents.set(name, agent);
      await act(agent.wallet.sync());
      return { name, wallet: agent.wallet };
    },

    async leaveAlone({ name }) {
      const keyName = `${attack.name}, ${name}`;
      const program = "../scripts/scenario/disputes/userMain.ts";
      const alone = await network.startAgent(name, program, join(ground.data, keyName), keyName);
      return () => network.killAgent(alone);
    },

    async startTower() {
      const name = `${attack.name}, tower`;
      const program = "../scripts/scenario/disputes/towerMain.ts";
      const start = (port: string) =>
        network.startAgent(name, program, join(ground.data, name), name, ["--port", port]);
      let tower = await start("0");
      const url = tower.up.address ?? "";
      await mine(2);
      return {
        url,
        kill: () => network.killAgent(tower),
        async restart() {
          tower = await start(new URL(url).port);
        },
      };
    },

    fork: () => network.fork(),

    async openSpammer() {
      const source = createMainChainSource(network.nodeUrl, { openSocket: openNodeSocket });
      const { networkId } = createRules(LOCAL_NETWORK);
      const spammer = createSpammer(source, networkId, (index) => keyOf(seed, `spam ${index}`));
      await network.during(spammer.fund());
      await mine(1);
      return spammer;
    },

    rest(...people) {
      for (const { wallet } of people) network.part(wallet);
    },

    deal({ name }, { url, chainId }, policy) {
      return network.during(takeOtherSide(findAgent(name), url, chainId, policy));
    },

    async corrupt({ wallet }, chain = exchange) {
      // What the honest operator has said is recorded, so that nothing of his is on its way any more.
      await mine(BLOCKS_TO_REST);
      const [isInside, keyName] =
        chain === exchange ? [false, operatorName(attack)] : [true, insideName];
      const tracked = wallet.tracker.find(chain.chainId);
      if (tracked === undefined) throw new Error("the user does not follow the chain");
      return network.during(
        turnLiar({
          rules: createRules(LOCAL_NETWORK),
          facts: tracked.followed.facts,
          posted: tracked.book.postCount,
          url: chain.url,
          end: chain.kill,
          privateKey: keyOf(seed, keyName),
          now: () => ({ mainHeight: network.height, nowMs: network.nowMs }),
          atEnd: ground.atEnd,
          place: isInside ? { kind: "chain", id: exchange.chainId } : { kind: "mainChain" },
          record: isInside ? recordInside : await recorder(keyName),
        }),
      );
    },

    async answer(result) {
      const outbox = reporter.wallet.hands()?.outbox;
      if (market?.ask.kind !== "binary" || outbox === undefined) throw new Error("nobody is asked");
      const { oracle: oracleId } = market.ask;
      insist(await act(outbox.send({ kind: "oracle-report", oracleId, result })));
      await mine(1);
    },
  };
}

/** The name that the key of an attack's operator follows from. */
export function operatorName({ name }: Attack): string {
  return `${name}, operator`;
}
