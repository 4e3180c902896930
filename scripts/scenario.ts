import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { playDisputes } from "./scenario/disputes.ts";
import { playFootball } from "./scenario/football.ts";
import { playMarketProcesses } from "./scenario/marketProcesses.ts";
import { playNested } from "./scenario/nested.ts";
import type { Telling } from "./scenario/story.ts";
import type { Outcome } from "./scenario/telling.ts";

/** A way to play a story. `only`: the one part of it that is wanted. Returns how it ended, in a line. */
type Play = (telling: Telling, only: string | undefined) => Promise<string>;

/** Every story by its name, and every ending that it can have, the usual one first. */
const STORIES: Readonly<Record<string, Readonly<Record<string, Play>>>> = {
  football: {
    hold: tellOutcome((telling) => playFootball({ ...telling, ending: "hold" })),
    sell: tellOutcome((telling) => playFootball({ ...telling, ending: "sell" })),
  },
  market: {
    day: tellOutcome((telling) =>
      playMarketProcesses({ ...telling, traders: 6, batches: 16, pieces: 4 }),
    ),
  },
  nested: {
    claim: tellOutcome((telling) => playNested({ ...telling, ending: "claim" })),
    levels: tellOutcome((telling) => playNested({ ...telling, ending: "levels" })),
  },
  disputes: {
    defended: (telling, only) => playDisputes(telling, true, only),
    undefended: (telling, only) => playDisputes(telling, false, only),
  },
};

function tellOutcome(play: (telling: Telling) => Promise<Outcome>): Play {
  return async (telling) => {
    const { point, tip, balance } = await play(telling);
    return `point ${point}, tip ${tip}, balance ${balance}`;
  };
}

/** `npm run scenario -- NAME [--seed S] [--ending E] [--only PART]`: a whole story with real processes. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, ending: { type: "string" }, only: { type: "string" } },
});
const [name = ""] = positionals;
const endings = STORIES[name] ?? {};
const play = endings[values.ending ?? Object.keys(endings)[0] ?? ""];
if (play === undefined) {
  const known = Object.entries(STORIES).map(
    ([story, ends]) => `  scenario ${story} [--seed S] [--ending ${Object.keys(ends).join("|")}]\n`,
  );
  process.stderr.write(`usage:\n${known.join("")}`);
  process.exit(2);
}
const data = await mkdtemp(join(tmpdir(), "sortition-scenario-"));
let code = 0;
try {
  const say = (words: string) => process.stdout.write(`${words}\n`);
  const ended = await play({ seed: values.seed ?? name, data, say }, values.only);
  process.stdout.write(`Ended as it should: ${ended}\n`);
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  code = 1;
} finally {
  await rm(data, { recursive: true, force: true });
}
process.exit(code);
