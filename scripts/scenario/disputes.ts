import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Agent } from "../../src/agents/openAgent.ts";
import type { Market } from "../../src/api/marketApi.ts";
import { marketsForm } from "../../src/api/marketsForm.ts";
import { insist } from "../../src/lib/verdict.ts";
import { computeOracleId } from "../../src/protocol/keys.ts";
import { ATTACKS } from "./disputes/attacks.ts";
import {
  createProcessStage,
  type Ground,
  openPerson,
  operatorName,
  type Scene,
} from "./disputes/processStage.ts";
import type { Attack } from "./disputes/stage.ts";
import { explain, isMadeGood, type Played, writeTable } from "./disputes/table.ts";
import { playInTurns, type TurnStory } from "./disputes/turns.ts";
import { DrivenNetwork } from "./drivenNetwork.ts";
import type { Telling } from "./story.ts";
import { expect } from "./telling.ts";

const VEO = 100_000_000n;
const PRIZE = 100n * VEO;
/** Main-chain blocks in which an operator comes up, and in which an attack comes to its last trade. */
const BLOCKS_TO_START = 4;
const BLOCKS_TO_PLAY = 50;

/**
 * Attacks with real processes on one main chain, each on a chain of its own, told one by one and in a table. Throws where one
 * does not come out as it must.
 *
 * @param isDefended - whether honest users' wallets answer disputes by themselves, as they do unless they are told not to. @param only - names of those that are played, with commas between; all of them without it.
 * @returns how it ended, in a line.
 */
export async function playDisputes(
  telling: Telling,
  isDefended: boolean,
  only: string | undefined,
): Promise<string> {
  const { say } = telling;
  const wanted = only?.split(",");
  const chosen = ATTACKS.filter(({ name }) => wanted?.includes(name) !== false);
  const known = ATTACKS.map(({ name }) => name).join(", ");
  expect(chosen.length > 0, `there is an attack of this name: ${known}`);
  say(
    isDefended
      ? "Each attack is tried on a user whose wallet answers by itself."
      : "Nobody defends himself: this is what each attack comes to where the user does nothing but claim.",
  );
  const played: Played[] = [];
  const smooth = chosen.filter(({ isRough }) => isRough !== true);
  const rough = chosen.filter(({ isRough }) => isRough === true);
  const groups = [...(smooth.length > 0 ? [smooth] : []), ...rough.map((attack) => [attack])];
  for (const [index, group] of groups.entries()) {
    const seed = group === smooth ? telling.seed : `${telling.seed}, ${group[0]?.name}`;
    const data = join(telling.data, String(index));
    played.push(...(await playAttacks({ say, seed, data }, group, isDefended)));
  }
  say(`\n${writeTable(played)}\n`);
  const tried = played.filter(({ judgement }) => !judgement.isIdle);
  const lost = tried.filter(({ judgement }) => !isMadeGood(judgement));
  const names = (some: readonly Played[]) => some.map(({ attack }) => attack.name).join(", ");
  if (isDefended) {
    expect(
      lost.length === 0,
      `no user ends with less than was shown as his, but in ${names(lost)}`,
    );
    return `${tried.length} attacks tried, and nobody honest has less than his wallet had shown as his`;
  }
  const costly = tried.filter(({ attack }) => attack.isCostly);
  // An attack that nobody needs to answer would show nothing of those who do.
  expect(
    names(lost) === names(costly),
    `lost are just those attacks that have to be answered: ${names(costly)}; lost were ${names(lost)}`,
  );
  return `${tried.length} attacks tried, and ${lost.length} of them took from the user what was his`;
}

async function playAttacks(
  { seed, data, say }: Telling,
  attacks: readonly Attack[],
  isDefended: boolean,
): Promise<readonly Played[]> {
  const network = new DrivenNetwork(seed, data);
  const closers: (() => Promise<void>)[] = [() => network.stop()];
  try {
    say(`Seed ${seed}. Starting a node, and an operator with his signer for each attack.`);
    await network.start({ isForkable: attacks.some(({ isRough }) => isRough === true) });
    const atEnd = (close: () => Promise<void>) => {
      closers.unshift(close);
    };
    const place = { network, seed, data, atEnd };
    const reporter = await openPerson(place, "reporter");
    insist(await network.act(reporter.wallet, reporter.wallet.requestCoins()));
    await network.mine(2);
    const ground = { ...place, reporter, isDefended };
    const expiry = network.height + attacks.length * BLOCKS_TO_START + BLOCKS_TO_PLAY;
    const scenes: Scene[] = [];
    for (const attack of attacks) scenes.push(await setScene(ground, attack, expiry));
    say(`Height ${network.height}: all are up. Their chains expire at height ${expiry}.\n`);
    const played: Played[] = [];
    const stories = scenes.map(
      (scene): TurnStory =>
        async (nextBlock) => {
          const one = await playOne(ground, scene, nextBlock);
          played.push(one);
          say(`${explain(one)}\n`);
        },
    );
    await playInTurns(stories, () => network.mine(1));
    return played;
  } finally {
    for (const close of closers) await close();
  }
}

/** Start the operator of an attack's chain. */
async function setScene(ground: Ground, attack: Attack, expiry: number): Promise<Scene> {
  const { network, data, isDefended } = ground;
  const market = attack.yesBps === undefined ? undefined : await ask(ground, attack.yesBps);
  const file = join(data, `${attack.name}.json`);
  await writeFile(file, JSON.stringify(marketsForm.write(market === undefined ? [] : [market])));
  // Wallets show here what they do by themselves: an honest operator would answer, too.
  const quiet = isDefended && attack.isOperatorHonest === true ? [] : ["--no-defence"];
  const running = await network.startExchange(
    expiry,
    ["--label", "Exchange", "--fee-bps", "0", "--markets", file, ...quiet],
    { name: operatorName(attack), amount: PRIZE, depositBps: attack.depositBps ?? 0 },
  );
  return { attack, running, expiry, market };
}

/** Have a question on the main chain, for an operator to offer. */
async function ask({ network, reporter }: Ground, yesBps: number): Promise<Market> {
  const { outbox, signer } = handsOf(reporter);
  const oracle = computeOracleId(signer.publicKey, outbox.nextNonce());
  const question = "Do the reds win on Saturday?";
  insist(await outbox.send({ kind: "oracle-new", reporter: signer.publicKey, question }));
  await network.mine(1);
  const terms = { outcomes: ["yes"], depositBps: 0, tick: 10, lot: 100_000n, yesBps };
  return { question, ask: { kind: "binary", oracle }, ...terms };
}

function handsOf({ wallet }: Agent) {
  const hands = wallet.hands();
  if (hands === undefined) throw new Error("an agent has a key");
  return hands;
}

async function playOne(
  ground: Ground,
  scene: Scene,
  nextBlock: () => Promise<void>,
): Promise<Played> {
  const told: string[] = [];
  const stage = createProcessStage(ground, scene, nextBlock);
  const judgement = await scene.attack.play(stage, (words) => {
    told.push(`height ${stage.height()}: ${words}`);
  });
  return { attack: scene.attack, told, judgement };
}
