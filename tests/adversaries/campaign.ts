import { SeededRandom } from "../reference/seededRandom.ts";
import { type Adversary, BOUNDARIES, lieAboutBlock, lieAboutHeader } from "./adversary.ts";
import { BLOCK_LIES, BROKEN_RULES } from "./blockLies.ts";
import { findSpot } from "./forging.ts";
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
import { LEVELS, type Level, type Recording } from "./recording.ts";
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
  const replay = await Replay.open(recording, adversary);
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
    const replay = await Replay.open(recording, adversary);
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
  ...Object.keys(HEADER_LIES).map((name) => [name, attackHeaders(name)] as const),
  ...Object.keys(PROOF_LIES).map((name) => [name, attackProofs(name)] as const),
  ["a stale tip", attackByStaleness] as const,
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
