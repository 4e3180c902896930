// Runs every suite that the tree can run and ends with one line, `N passed, M failed`, all added up.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let passed = 0;
let failed = 0;

function run(command, args) {
  return spawnSync(command, args, { stdio: "inherit" }).status === 0;
}

/** A tool that only says yes or no counts as one test. */
function check(name, command, args) {
  console.log(`\n== ${name}`);
  if (run(command, args)) passed += 1;
  else failed += 1;
}

function unitTests() {
  console.log("\n== unit and property tests");
  const folder = mkdtempSync(join(tmpdir(), "sortition-test-"));
  const report = join(folder, "vitest.json");
  const ended = run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  try {
    const counts = JSON.parse(readFileSync(report, "utf8"));
    passed += counts.numPassedTests;
    failed += counts.numFailedTests;
    // A suite that could not even be loaded has no tests to count, but it has failed.
    if (!ended && counts.numFailedTests === 0) failed += 1;
  } catch (error) {
    console.error(`the test run left no report: ${error}`);
    failed += 1;
  }
  rmSync(folder, { recursive: true });
}

check("types of the rooms at the bottom", "npx", ["tsc", "-p", "tsconfig.core.json"]);
check("rooms", "npx", ["depcruise", "src", "--config", "dependency-cruiser.cjs"]);
unitTests();

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
