import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { marketsForm } from "../../../src/api/marketsForm.ts";
import { accept } from "../../../src/lib/verdict.ts";
import { runConsole } from "../../../src/operator/console.ts";
import { readMarketsFile } from "../../../src/operator/marketsFile.ts";
import { MARKETS, World } from "./world.ts";

const IDS = ["cd", "ef"].map((byte) => byte.repeat(32));

/** What the console answers to lines, at an operator with the engine of a world. */
async function type(world: World, ...lines: string[]): Promise<string[]> {
  const said: string[] = [];
  const operator = {
    state: world.state,
    ask: async (request: Parameters<World["ask"]>[0]) =>
      world.answers.get(world.ask(request)) ?? accept({ kind: "market" } as const),
  };
  async function* typed() {
    yield* lines;
  }
  await runConsole(operator, typed(), (words) => said.push(words));
  return said;
}

it("opens a market that is still there after a restart", async () => {
  const world = new World();
  const outcomes = `--outcomes "the reds,the blues" --tick 5`;
  const said = await type(
    world,
    `open --market "Who wins?" --oracle ${IDS.join()} ${outcomes}`,
    "markets",
  );
  expect(said[0]).toMatch(/^open: Who wins\? \[the reds, the blues\] tick 5 lot 100000/);
  expect(said).toHaveLength(3);
  const { markets } = new World(world.durable).state;
  expect(markets.map(({ question }) => question)).toEqual(["Do the reds win?", "Who wins?"]);
});

it("changes the terms of a market that asks the same, and takes none that shares an outcome", async () => {
  const world = new World();
  const [first, second] = IDS;
  const two = `open --market A --oracle ${first},${second} --outcomes x,y`;
  const said = await type(
    world,
    two,
    `${two} --tick 20`,
    `open --market B --oracle ${first},${"01".repeat(32)} --outcomes x,z`,
  );
  expect(world.state.markets.map(({ tick }) => tick)).toEqual([10, 20]);
  expect(said[2]).toMatch(/^MARKET_EXISTS/);
});

it.each([
  ["open", /expected --market/],
  ["open --market Who?", /--oracle with each --market/],
  ["open --nonsense", /nonsense/],
  ['open --market "Who', /every quote/],
  ["halt", /^open --market/],
])("answers %s in words, and opens nothing", async (line, words) => {
  const world = new World();
  expect((await type(world, line)).join()).toMatch(words);
  expect(world.state.markets).toEqual(MARKETS);
});

it("reads markets from a file, and says what is wrong with one", async () => {
  const directory = await mkdtemp(join(tmpdir(), "markets-"));
  const path = join(directory, "markets.json");
  await writeFile(path, JSON.stringify(marketsForm.write(MARKETS)));
  expect(await readMarketsFile(path)).toEqual({ ok: true, value: MARKETS });
  await writeFile(path, '[{"question":"Who?"}]');
  expect(await readMarketsFile(path)).toMatchObject({ ok: false, code: "BAD_FLAG" });
  expect(await readMarketsFile(join(directory, "none"))).toMatchObject({ ok: false });
});
