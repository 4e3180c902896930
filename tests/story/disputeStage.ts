import { createLiar } from "../../scripts/scenario/disputes/liar.ts";
import type { Attack, DisputeStage, Person } from "../../scripts/scenario/disputes/stage.ts";
import { createCounterparty } from "../../src/agents/counterparty.ts";
import type { Market } from "../../src/api/marketApi.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { insist } from "../../src/lib/verdict.ts";
import { computeOracleId } from "../../src/protocol/keys.ts";
import { keyOf, LocalWorld, OPERATOR_URL, RULES, VEO } from "./localWorld.ts";

const PRIZE = 100n * VEO;
/** Main-chain blocks in which an attack comes to its last trade. */
const BLOCKS_TO_PLAY = 50;
/** Main-chain blocks after which an operator to whom nobody comes has everything recorded. */
const BLOCKS_TO_REST = 4;

/**
 * Where an attack is played in one process: on one chain of the main chain, without chains inside it, and with nothing done to the
 * main chain itself.
 */
export async function openDisputeStage(
  { yesBps, depositBps = 0 }: Attack,
  seed: string,
  isDefended: boolean,
): Promise<DisputeStage> {
  const world = await LocalWorld.start(seed);
  const height = () => world.node.tip().header.header.height;
  const reporter = await world.openWallet("reporter");
  insist(await reporter.requestCoins());
  await world.mine(2);
  const market = yesBps === undefined ? undefined : await ask(world, reporter, yesBps);
  const expiry = height() + BLOCKS_TO_PLAY;
  const nothing = { oracleId: new Uint8Array(32), question: "" };
  const markets = market === undefined ? [] : [market];
  await world.startOperator({ ...nothing, amount: PRIZE, expiry, depositBps, markets });
  const { chain } = world.operator.state;
  const people: Person[] = [];
  const never = () => Promise.reject(new Error("this needs processes"));

  async function act<Value>(work: Promise<Value>): Promise<Value> {
    const done = await world.during(work);
    await world.settle();
    return done;
  }

  return {
    height,
    nowMs: () => world.nowMs,
    mine: (count) => world.mine(count),
    act,
    exchange: {
      url: OPERATOR_URL,
      chainId: chain.id,
      operator: chain.operator,
      expiry,
      async kill() {
        world.down.add(OPERATOR_URL);
      },
    },
    market,
    people,
    insideSigner: world.signerOf("inside"),
    startInside: never,
    startTower: never,
    close: never,
    reopen: never,
    leaveAlone: never,
    fork: never,
    openSpammer: never,

    async open(name, isHonest) {
      const wallet = await world.openWallet(name);
      insist(await wallet.setAutoDefence(isHonest && isDefended));
      await wallet.sync();
      insist(await act(wallet.requestCoins()));
      await world.mine();
      insist(await act(wallet.follow(OPERATOR_URL)));
      const person = { name, wallet };
      people.push(person);
      return person;
    },

    rest(...resting) {
      for (const { wallet } of resting) {
        const at = world.wallets.indexOf(wallet);
        if (at !== -1) world.wallets.splice(at, 1);
      }
    },

    async deal({ wallet }, { chainId }, policy) {
      const counterparty = createCounterparty(wallet, chainId, policy);
      const taker = wallet.hands()?.signer.publicKey ?? new Uint8Array();
      const { operator } = world;
      let isOpen = true;
      operator.onTakerMessage((to, message) => {
        if (!isOpen || !equalBytes(to, taker)) return;
        void counterparty.answer(message).then((answer) => {
          if (answer?.kind !== "quote") return;
          operator.tell({ kind: "quote", taker, id: answer.proposalId, price: answer.price });
        });
      });
      operator.tell({ kind: "takerJoined", taker });
      return {
        close() {
          isOpen = false;
          operator.tell({ kind: "takerLeft", taker });
        },
      };
    },

    async corrupt({ wallet }) {
      await world.mine(BLOCKS_TO_REST);
      const { operator } = world;
      const blocks: Uint8Array[] = [];
      while (blocks.length < operator.publishedHeight()) {
        const bytes = await operator.block(blocks.length + 1);
        if (bytes === undefined) throw new Error("the operator has lost a block");
        blocks.push(bytes);
      }
      await operator.close();
      const recorder = await world.openWallet("operator");
      const { liar, shelf, holding } = createLiar({
        rules: RULES,
        facts: chain,
        privateKey: keyOf(seed, "operator"),
        blocks,
        posted: wallet.tracker.find(chain.id)?.book.postCount ?? 0,
        place: { kind: "mainChain" },
        now: () => ({ mainHeight: height(), nowMs: world.nowMs }),
        async record(signed) {
          await recorder.sync();
          const outbox = recorder.hands()?.outbox;
          if (outbox === undefined) throw new Error("the operator has no key");
          insist(await outbox.send({ kind: "existence", entry: { kind: "post", ...signed } }));
        },
      });
      const lying = {
        ...operator,
        ...shelf,
        publishedHeight: () => liar.forger.blocks.length,
        holding: async (...asked: Parameters<typeof holding>) => holding(...asked),
      };
      world.operators.set(OPERATOR_URL, { operator: lying, parent: undefined });
      return liar;
    },

    async answer(result) {
      const outbox = reporter.hands()?.outbox;
      if (market?.ask.kind !== "binary" || outbox === undefined) throw new Error("nobody is asked");
      const { oracle: oracleId } = market.ask;
      insist(await act(outbox.send({ kind: "oracle-report", oracleId, result })));
      await world.mine();
    },
  };
}

async function ask(world: LocalWorld, reporter: Wallet, yesBps: number): Promise<Market> {
  const hands = reporter.hands();
  if (hands === undefined) throw new Error("nobody asks");
  const { publicKey } = hands.signer;
  const oracle = computeOracleId(publicKey, hands.outbox.nextNonce());
  const question = "Do the reds win on Saturday?";
  insist(await hands.outbox.send({ kind: "oracle-new", reporter: publicKey, question }));
  await world.mine();
  const terms = { outcomes: ["yes"], depositBps: 0, tick: 10, lot: 100_000n, yesBps };
  return { question, ask: { kind: "binary", oracle }, ...terms };
}
