import { join } from "node:path";
import { type Agent, openAgent } from "../../../src/agents/openAgent.ts";
import type { Market } from "../../../src/api/marketApi.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { type DrivenNetwork, keyOf } from "../drivenNetwork.ts";
import { takeOtherSide } from "../takeOtherSide.ts";
import type { Attack, DisputeStage, Exchange } from "./stage.ts";

/** An attack with the chain that was made for it. */
export type Scene = {
  readonly attack: Attack;
  readonly exchange: Exchange;
  readonly market: Market | undefined;
};

/** Where attacks are played: a node, operators and a reporter. Whoever takes part has a wallet in the driver's process, on disk. */
export type Ground = {
  readonly network: DrivenNetwork;
  readonly seed: string;
  readonly data: string;
  readonly reporter: Agent;
  /** Ends something when all is over, what was opened last first. */
  atEnd(close: () => Promise<void>): void;
};

/** A wallet of this name, which has its turn like everybody. */
export async function openPerson(
  { network, seed, data, atEnd }: Omit<Ground, "reporter">,
  name: string,
): Promise<Agent> {
  const agent = await openAgent({
    data: join(data, name),
    node: network.nodeUrl,
    key: keyOf(seed, name),
    now: () => network.nowMs,
  });
  atEnd(agent.close);
  network.join(agent.wallet);
  return agent;
}

/** The stage of one attack among others, which all wait for the same blocks. */
export function createProcessStage(
  ground: Ground,
  { attack, exchange, market }: Scene,
  nextBlock: () => Promise<void>,
): DisputeStage {
  const { network, reporter } = ground;
  const agents = new Map<string, Agent>();

  async function act<Value>(work: Promise<Value>): Promise<Value> {
    const done = await network.during(work);
    await network.settle();
    return done;
  }

  async function mine(count: number): Promise<void> {
    for (let made = 0; made < count; made++) await nextBlock();
  }

  return {
    height: () => network.height,
    mine,
    act,
    exchange,
    market,

    async open(name) {
      const agent = await openPerson(ground, `${attack.name}, ${name}`);
      agents.set(name, agent);
      const { wallet } = agent;
      await network.during(wallet.sync());
      insist(await act(wallet.requestCoins()));
      await mine(1);
      insist(await act(wallet.follow(exchange.url)));
      return { name, wallet };
    },

    deal({ name }, policy) {
      const agent = agents.get(name);
      if (agent === undefined) throw new Error(`${name} is not there`);
      return network.during(takeOtherSide(agent, exchange.url, exchange.chainId, policy));
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
