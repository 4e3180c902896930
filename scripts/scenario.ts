import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { playFootball } from "./scenario/football.ts";

/** `npm run scenario -- football [--seed S] [--ending hold|sell]`: a whole story with real processes. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "football" },
    ending: { type: "string", default: "hold" },
  },
});
const [name] = positionals;
const { seed, ending } = values;
if (name !== "football" || (ending !== "hold" && ending !== "sell")) {
  process.stderr.write("usage: scenario football [--seed S] [--ending hold|sell]\n");
  process.exit(2);
}
const data = await mkdtemp(join(tmpdir(), "sortition-scenario-"));
let code = 0;
try {
  const say = (words: string) => process.stdout.write(`${words}\n`);
  const { point, tip, balance } = await playFootball({ seed, ending, data, say });
  process.stdout.write(`Ended as it should: point ${point}, tip ${tip}, balance ${balance}\n`);
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  code = 1;
} finally {
  await rm(data, { recursive: true, force: true });
}
process.exit(code);
