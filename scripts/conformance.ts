import { readFileSync } from "node:fs";
import process from "node:process";
import { gunzipSync } from "node:zlib";
import type { ConformanceCase } from "./conformance/conformanceCase.ts";

const TOPICS = ["chalang", "chalang-asm", "headers", "keys", "difficulty"];
const FAILURES_SHOWN = 10;
const MESSAGE_SHOWN = 600;

type Topic = { readonly conformanceCases: (fileText: string) => Iterable<ConformanceCase> };

const [name = "", ...files] = process.argv.slice(2);
process.exitCode = await main(name, files);

/** The exit code: 0 if every entry of every file passed. */
async function main(name: string, files: readonly string[]): Promise<number> {
  if (!TOPICS.includes(name) || files.length === 0) {
    process.stderr.write(`usage: npm run -s conformance -- ${TOPICS.join("|")} FILE…\n`);
    return 2;
  }
  const topic: Topic = await import(`./conformance/${name}.ts`);
  const failures: string[] = [];
  let passed = 0;
  for (const file of files) {
    for (const entry of readCases(topic, file)) {
      const wrong = judgeCase(entry);
      if (wrong === undefined) passed++;
      else failures.push(`${entry.name}: ${wrong}`.slice(0, MESSAGE_SHOWN));
    }
  }
  for (const failure of failures.slice(0, FAILURES_SHOWN)) process.stdout.write(`${failure}\n`);
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
}

/** The file's cases; a file that cannot be read, or breaks off, is one failing case more. */
function* readCases(topic: Topic, file: string): Iterable<ConformanceCase> {
  try {
    const bytes = readFileSync(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    yield* topic.conformanceCases((isGzip ? gunzipSync(bytes) : bytes).toString("utf8"));
  } catch (error) {
    yield { name: file, run: () => describeError(error) };
  }
}

function judgeCase(entry: ConformanceCase): string | undefined {
  try {
    return entry.run();
  } catch (error) {
    return describeError(error);
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
