import { createLine } from "../../src/client/ownProof.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { SeededRandom } from "../reference/seededRandom.ts";
import { type Adversary, BOUNDARIES, lieAboutBlock, lieAboutHeader } from "./adversary.ts";
import { BLOCK_LIES, BROKEN_RULES } from "./blockLies.ts";
import { findSpot, leavesOf } from "./forging.ts";
import { type Held, Holder } from "./holder.ts";
import {
  type Culprit,
  judgeHonestRun,
  judgeRun,
  momentOf,
  type Outcome,
  planSteps,
  type Truths,
} from "./judge.ts";
import {
  BROKEN_HEADER_RULES,
  HEADER_LIES,
  lieAboutProofs,
  PROOF_LIES,
  showNothingAfter,
} from "./nodeLies.ts";
import { IDLE_POSTS, POSTED_LIES, type Posted } from "./postedLies.ts";
import { LEVELS, type Level, type Moment, type Recording } from "./recording.ts";
import { Replay } from "./replay.ts";
import { createWeather, type WeatherCounts } from "./weather.ts";
import { FALSE_FACTS, WITHHOLDINGS } from "./withholding.ts";

/** A recorded story, and what was to be known in it. */
export type Story = { readonly recording: Recording; readonly truths: Truths };

/** How often a class of attack was run, in how many runs the culprit was named, and what went wrong. */
export type ClassReport = {
  runs: number;
  named: number;
  readonly accepted: string[];
  readonly wrongCulprit: string[];
  readonly lost: string[];
};

const MAPS = ["existence", "chains", "oracles"] as const;
const HEADERS_TRIED = 3;
/** Questions to a node in the course of a story, at one of which it begins to lie. */
const QUESTIONS = 60;
const HOUR_MS = 3_600_000;

function createReport(): ClassReport {
  return { runs: 0, named: 0, accepted: [], wrongCulprit: [], lost: [] };
}

function add(report: ClassReport, outcome: Outcome, where: string, mustBeNamed: boolean): void {
  const at = (what: string) => `${where}: ${what}`;
  report.runs += 1;
  report.named += Number(outcome.isNamed);
  report.accepted.push(...outcome.accepted.map(at));
  report.wrongCulprit.push(...outcome.wrong.map(at));
  report.lost.push(...outcome.lost.map(at));
  if (mustBeNamed && !outcome.isNamed) report.wrongCulprit.push(at("nobody is named"));
}

function run({ recording, truths }: Story, adversary: Adversary, by: Culprit, marks: number[]) {
  return judgeRun(recording, truths, adversary, by, planSteps(recording, marks));
}

/** The story that a seed is about, and its chance. */
function open(stories: readonly Story[], seed: number) {
  const story = stories[seed % stories.length] as Story;
  return { story, random: new SeededRandom(seed * 104_729) };
}

type Attack = (stories: readonly Story[], seeds: readonly number[]) => Promise<ClassReport>;

/** A lie about one block of each level, at every boundary. */
const attackBlocks =
  (name: string): Attack =>
  async (stories, seeds) => {
    const report = createReport();
    const lie = BLOCK_LIES[name] ?? (() => undefined);
    for (const seed of seeds) {
      const { story, random } = open(stories, seed);
      for (const level of LEVELS) {
        const chain = story.recording.chains[level];
        const lies = chain.blocks.flatMap((_, index) => {
          const bytes = lie(findSpot(story.recording, chain, index + 1), random);
          return bytes === undefined ? [] : [{ height: index + 1, bytes }];
        });
        const told = lies[random.below(Math.max(1, lies.length))];
        if (told === undefined) continue;
        const at = momentOf(story.recording, level, told.height);
        for (const boundary of BOUNDARIES) {
          const { height, bytes } = told;
          const adversary = lieAboutBlock(chain.url, height, bytes, boundary, random);
          const outcome = await run(story, adversary, level, [at - 1, at, at + 3]);
          const where = `seed ${seed}, ${level}, block ${height}, ${boundary}`;
          // What is told once too often, after the truth, may pass unnoticed: nothing was believed.
          add(report, outcome, where, boundary !== "after");
          const isFound = outcome.rules.some((rule) => BROKEN_RULES[name]?.includes(rule));
          if (boundary === "instead" && !isFound) {
            report.wrongCulprit.push(`${where}: named for ${outcome.rules.join()}`);
          }
        }
      }
    }
    return report;
  };

/** Looks at every moment from just before a lie on; or, now and then, not before it has long been posted. */
function planLooks({ story, at, isPassing = false }: Posted, random: SeededRandom): number[] {
  const { moments } = story.recording;
  const isLate = random.below(3) === 0 && !isPassing;
  const from = isLate ? moments.length - 1 : at - 1;
  return moments.map((_, index) => index).filter((index) => index >= from || index === at - 1);
}

/** A lie of each level that stands on the main chain: found by its rule, and nothing lost that held before. */
const attackByPosting =
  (name: string): Attack =>
  async (stories, seeds) => {
    const report = createReport();
    const lie = POSTED_LIES[name];
    for (const seed of lie === undefined ? [] : seeds) {
      const { story, random } = open(stories, seed);
      for (const level of LEVELS) {
        const posted = lie?.(story, level, random);
        if (posted === undefined) continue;
        const { adversary = {} } = posted;
        const looks = planLooks(posted, random);
        const outcome = await run(posted.story, adversary, level, looks);
        const where = `seed ${seed}, ${level}, ${posted.where}`;
        add(report, outcome, where, true);
        report.wrongCulprit.push(
          ...judgePosted(outcome, level, posted).map((what) => `${where}: ${what}`),
        );
        report.lost.push(
          ...findUnproven(outcome.replay, level, posted).map((what) => `${where}: ${what}`),
        );
      }
    }
    return report;
  };

/** What is posted where it does not count changes nothing, and nobody is named for it. */
const attackByIdlePost =
  (name: string): Attack =>
  async (stories, seeds) => {
    const report = createReport();
    for (const seed of seeds) {
      const { story, random } = open(stories, seed);
      for (const level of LEVELS) {
        const posted = IDLE_POSTS[name]?.(story, level, random);
        if (posted === undefined) continue;
        const looks = planLooks(posted, random);
        const outcome = await run(posted.story, {}, level, looks);
        const where = `seed ${seed}, ${level}, ${posted.where}`;
        add(report, { ...outcome, isNamed: !outcome.isNamed }, where, true);
      }
    }
    return report;
  };

/**
 * The user himself, with his key and what he had under way, meets a posted lie: he signs nothing more where he is
 * kept from it, and with every operator gone he is paid for what was shown as his.
 */
const attackHolders: Attack = async (stories, seeds) => {
  const report = createReport();
  const names = Object.keys(POSTED_LIES);
  for (const seed of seeds) {
    const { story, random } = open(stories, seed);
    const name = names[random.below(names.length)] as string;
    for (const level of LEVELS) {
      const posted = POSTED_LIES[name]?.(story, level, random);
      if (posted === undefined) continue;
      const { story: told, adversary = {}, at } = posted;
      const { moments } = told.recording;
      const from = Math.max(0, at - 1 - random.below(5));
      let holder = await Holder.open(told.recording, moments[from] as Moment, adversary);
      const signed: string[] = [];
      const all = moments.map((_, index) => index);
      let shown: readonly Held[] = [];
      for (const [index, { moment, url }] of planSteps(told.recording, all).entries()) {
        if (index < from) continue;
        signed.push(...(await holder.goTo(moment, url)));
        if (index < at) shown = holder.shown();
      }
      if (random.below(2) === 0) {
        holder = await holder.reopen();
        signed.push(...(await holder.goTo(moments.at(-1) as Moment, undefined)));
      }
      signed.push(...(await holder.tryAll()));
      // What was shown as his before the lie, as far as he has not given it up himself.
      const standing = told.truths.get(moments.at(-1) as Moment) ?? {};
      const held = shown.filter(({ own }) =>
        LEVELS.some((each) => standing[each]?.standing.has(formatHex(own.leaf.id))),
      );
      const won = held[random.below(Math.max(1, held.length))];
      const isNamed = holder.blamed().includes(level);
      const lost = won === undefined ? undefined : await holder.win(won);
      const where = `seed ${seed}, ${name}, ${level}, ${posted.where}`;
      const whose = won?.chain.followed.url ?? "";
      report.runs += 1;
      report.named += Number(isNamed);
      report.accepted.push(...signed.map((what) => `${where}: ${what}`));
      if (!isNamed) report.wrongCulprit.push(`${where}: nobody is named`);
      if (lost !== undefined) report.lost.push(`${where}: ${lost}, of ${whose}`);
    }
  }
  return report;
};

/** What is wrong with how a posted lie was found. */
function judgePosted({ rules, replay }: Outcome, level: Level, posted: Posted): string[] {
  const wrong: string[] = [];
  if (!rules.some((rule) => posted.rules.includes(rule))) wrong.push(`named for ${rules.join()}`);
  const { id } = replay.recording.chains[level].chain;
  const breach = replay.wallet.tracker.find(id)?.book.breach;
  if (posted.breach === undefined) return wrong;
  const { blockHeight, transactionIndex } = posted.breach;
  const isFound =
    breach?.blockHeight === blockHeight && breach.transactionIndex === transactionIndex;
  const found = `block ${breach?.blockHeight}, transaction ${breach?.transactionIndex}`;
  if (!isFound)
    wrong.push(`${found} is named for block ${blockHeight}, transaction ${transactionIndex}`);
  return wrong;
}

/** Own contracts in blocks that held, under a post of the liar's own, which cannot be proven by what the client has. */
function findUnproven(
  { recording, wallet }: Replay,
  level: Level,
  { provableAt }: Posted,
): string[] {
  const chain = wallet.tracker.find(recording.chains[level].chain.id);
  if (provableAt === undefined || provableAt === 0 || chain === undefined) return [];
  const standing = recording.chains[level].before[provableAt];
  const own = standing === undefined ? [] : leavesOf(standing);
  return own
    .filter(({ owner }) => equalBytes(owner, recording.user))
    .map(({ id }) => formatHex(id))
    .filter((id) => {
      const kept = chain.book.own.get(id);
      return kept === undefined || !createLine(wallet.tracker.withAncestors(chain), kept).ok;
    })
    .map((id) => `${level} ${id.slice(0, 8)} cannot be proven`);
}

const attackByWithholding =
  (name: string): Attack =>
  async (stories, seeds) => {
    const report = createReport();
    for (const seed of seeds) {
      const { story, random } = open(stories, seed);
      for (const level of LEVELS) {
        const { url, blocks } = story.recording.chains[level];
        const height = 1 + random.below(blocks.length);
        const adversary = WITHHOLDINGS[name]?.(url, height) ?? {};
        const at = momentOf(story.recording, level, height);
        const outcome = await run(story, adversary, level, [at - 1, at, at + 2, at + 5]);
        add(report, outcome, `seed ${seed}, ${level}, block ${height}`, true);
      }
    }
    return report;
  };

/** What is said of a chain when somebody begins to follow it: it must not be followed. */
const attackByFacts =
  (name: string): Attack =>
  async (stories) => {
    const report = createReport();
    for (const { recording } of stories) {
      for (const level of LEVELS) {
        const adversary = FALSE_FACTS[name]?.(recording, level);
        if (adversary !== undefined) await follow(report, recording, level, adversary);
      }
    }
    return report;
  };

async function follow(
  report: ClassReport,
  recording: Recording,
  level: Level,
  adversary: Adversary,
): Promise<void> {
  const { url } = recording.chains[level];
  const replay = await Replay.open(recording, { adversary });
  await replay.goTo(recording.moments.at(-1) ?? replay.moment);
  const followed = await replay.wallet.follow(url);
  const isKnown = replay.wallet.tracker.chains().some((chain) => chain.followed.url === url);
  const where = `${recording.seed}, ${level}`;
  report.runs += 1;
  if (followed.ok || isKnown) report.accepted.push(`${where}: it is followed`);
  else report.named += 1;
}

const attackHeaders =
  (name: string): Attack =>
  async (stories, seeds) => {
    const report = createReport();
    for (const seed of seeds) {
      const { story, random } = open(stories, seed);
      for (let tried = 0; tried < HEADERS_TRIED; tried++) {
        const at = random.below(story.recording.moments.length - 4);
        const height = story.recording.moments[at]?.height ?? 1;
        const bytes = HEADER_LIES[name]?.(story.recording, height, random);
        if (bytes === undefined) continue;
        for (const boundary of BOUNDARIES) {
          const adversary = lieAboutHeader(height, bytes, boundary, random);
          const outcome = await run(story, adversary, "node", [at - 1, at, at + 3]);
          const where = `seed ${seed}, header ${height}, ${boundary}`;
          add(report, outcome, where, boundary === "instead");
          const rule = BROKEN_HEADER_RULES[name];
          const isFound = rule === undefined || outcome.rules.includes(rule);
          if (boundary === "instead" && !isFound) {
            report.wrongCulprit.push(`${where}: refused for ${outcome.rules.join()}`);
          }
        }
      }
    }
    return report;
  };

const attackProofs =
  (name: string): Attack =>
  async (stories, seeds) => {
    const report = createReport();
    const lie = PROOF_LIES[name];
    for (const seed of lie === undefined ? [] : seeds) {
      const { story, random } = open(stories, seed);
      for (const map of MAPS) {
        const from = 1 + random.below(QUESTIONS);
        const adversary = lieAboutProofs(
          story.recording,
          lie as NonNullable<typeof lie>,
          map,
          from,
        );
        const outcome = await run(story, adversary, "node", [10, 20, 40, 60]);
        add(report, outcome, `seed ${seed}, ${map}, from question ${from}`, map === "existence");
      }
    }
    return report;
  };

/** A node that stands still: it is believed until its tip is too old, and then nothing is done. */
const attackByStaleness: Attack = async (stories, seeds) => {
  const report = createReport();
  for (const seed of seeds) {
    const { story, random } = open(stories, seed);
    const { recording } = story;
    const at = random.below(recording.moments.length - 1);
    const height = recording.moments[at]?.height ?? 1;
    const adversary = showNothingAfter(height);
    const outcome = await run(story, adversary, "node", [at, at + 5]);
    const replay = await Replay.open(recording, { adversary });
    replay.wait(HOUR_MS);
    await replay.goTo(recording.moments.at(-1) ?? replay.moment);
    const isNamed = replay.wallet.mainChain.isStale();
    add(report, { ...outcome, isNamed }, `seed ${seed}, header ${height}`, true);
  }
  return report;
};

/** The whole table: every class of attack, by its name. */
export const ATTACKS: ReadonlyMap<string, Attack> = new Map([
  ...Object.keys(BLOCK_LIES).map((name) => [name, attackBlocks(name)] as const),
  ...Object.keys(WITHHOLDINGS).map((name) => [name, attackByWithholding(name)] as const),
  ...Object.keys(FALSE_FACTS).map((name) => [name, attackByFacts(name)] as const),
  ...Object.keys(POSTED_LIES).map((name) => [name, attackByPosting(name)] as const),
  ...Object.keys(IDLE_POSTS).map((name) => [name, attackByIdlePost(name)] as const),
  ...Object.keys(HEADER_LIES).map((name) => [name, attackHeaders(name)] as const),
  ...Object.keys(PROOF_LIES).map((name) => [name, attackProofs(name)] as const),
  ["a stale tip", attackByStaleness] as const,
  ["posted: before a holder with his key", attackHolders] as const,
]);

/** What came of honest runs: what was said against anybody, and how bad the weather was. */
export type HonestReport = {
  readonly wrong: string[];
  readonly weather: WeatherCounts & { reorgs: number };
};

/** Honest servers with delays, cuts and, every other time, a reorg. */
export async function runHonestly(
  stories: readonly Story[],
  seeds: readonly number[],
): Promise<HonestReport> {
  const weather = { cuts: 0, delays: 0, shortAnswers: 0, reorgs: 0 };
  const report: HonestReport = { wrong: [], weather };
  for (const seed of seeds) {
    const { story, random } = open(stories, seed);
    const { recording, truths } = story;
    const marks = Array.from({ length: 10 }, () => random.below(recording.moments.length));
    const hasDetour = random.below(2) === 0;
    if (hasDetour) {
      const parted = recording.moments.findIndex(({ height }) => height > recording.detour.from);
      marks.push(parted, parted + 2);
      weather.reorgs += 1;
    }
    const steps = planSteps(recording, marks);
    const sky = createWeather(random, weather);
    const outcome = await judgeHonestRun(recording, truths, sky, steps, hasDetour);
    const all = [...outcome.accepted, ...outcome.wrong, ...outcome.lost];
    report.wrong.push(...all.map((what) => `seed ${seed}: ${what}`));
  }
  return report;
}
