// Runs every suite that the tree can run and ends with one line, `N passed, M failed`, all added up.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "./findChromium.mjs";

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

function browserTests() {
  console.log("\n== tests in a real browser");
  try {
    findChromium();
  } catch (error) {
    console.error(error.message);
    failed += 1;
    return;
  }
  if (!run("npx", ["vite", "build", "--logLevel", "error"])) {
    console.error("the wallet does not build");
    failed += 1;
    return;
  }
  check("size of what is loaded first", "node", ["scripts/checkBundles.mjs"]);
  const ended = run("npx", ["playwright", "test"]);
  try {
    const { stats } = JSON.parse(readFileSync("test-results/e2e.json", "utf8"));
    passed += stats.expected;
    // A test that passed only at the second try is a defect as well.
    const bad = stats.unexpected + stats.flaky;
    failed += bad;
    if (!ended && bad === 0) failed += 1;
  } catch (error) {
    console.error(`the browser left no report: ${error}`);
    failed += 1;
  }
}

check("format and lint", "npx", ["biome", "check", "--error-on-warnings"]);
check("types of the pure rooms", "npx", ["tsc", "-p", "tsconfig.core.json"]);
check("types of the page and its workers", "npx", ["tsc", "-p", "tsconfig.json"]);
check("types of the servers", "npx", ["tsc", "-p", "tsconfig.node.json"]);
check("types of tests and scripts", "npx", ["tsc", "-p", "tsconfig.tests.json"]);
check("rooms", "npx", ["depcruise", "src", "--config", "dependency-cruiser.cjs"]);
check("dead code", "npx", ["knip"]);
unitTests();
browserTests();

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
