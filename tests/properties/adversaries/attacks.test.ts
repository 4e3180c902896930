import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ATTACKS, type ClassReport, runHonestly, type Story } from "../../adversaries/campaign.ts";
import { findTruths } from "../../adversaries/judge.ts";
import { recordStory } from "../../adversaries/recording.ts";

/** How often each lie is told on each level, and how many honest runs there are. */
const SEEDS = Number(process.env.ADVERSARY_SEEDS ?? 2);
const HONEST_RUNS = Number(process.env.HONEST_RUNS ?? 200);
const FIRST_SEED = Number(process.env.ADVERSARY_SEED ?? 1);

const seeds = (count: number) => Array.from({ length: count }, (_, index) => FIRST_SEED + index);
const stories: Story[] = [];
const reports = new Map<string, ClassReport>();
const totals = { attacks: 0, accepted: 0, wrongCulprit: 0, lostHoldings: 0 };
const honest = { honestRuns: 0, falseAccusations: 0 };

beforeAll(async () => {
  for (const anchor of ["exchange", "mainChain"] as const) {
    const recording = await recordStory(`story-${anchor}`, anchor);
    stories.push({ recording, truths: await findTruths(recording) });
  }
}, 120_000);

afterAll(() => {
  for (const [name, { runs, named }] of reports) {
    console.log(`${name}: ${runs} runs, the culprit named in ${named}`);
  }
  console.log({ ...totals, ...honest });
});

describe("a liar on any level, at every boundary of every message", () => {
  it.each([...ATTACKS])("is not believed, and is named: %s", async (name, attack) => {
    const report = await attack(stories, seeds(SEEDS));
    reports.set(name, report);
    const { runs, named, accepted, wrongCulprit, lost } = report;
    totals.attacks += runs;
    totals.accepted += accepted.length;
    totals.wrongCulprit += wrongCulprit.length;
    totals.lostHoldings += lost.length;
    const nothing = { accepted: [], wrongCulprit: [], lost: [] };
    expect({ accepted, wrongCulprit, lost }).toEqual(nothing);
    // A class that was never really tried, or that nobody could be named for, says nothing.
    expect(runs).toBeGreaterThan(0);
    expect(named).toBeGreaterThan(0);
  });
});

describe("honest servers in bad weather", () => {
  it(`are accused of nothing in ${HONEST_RUNS} runs with delays, cuts and reorgs`, async () => {
    const { wrong, weather } = await runHonestly(stories, seeds(HONEST_RUNS));
    honest.honestRuns += HONEST_RUNS;
    honest.falseAccusations += wrong.length;
    console.log(weather);
    expect(wrong).toEqual([]);
    for (const [what, count] of Object.entries(weather)) expect(count, what).toBeGreaterThan(0);
  });
});
