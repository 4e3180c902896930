import { defineConfig } from "@playwright/test";
import { findChromium } from "./scripts/findChromium.mjs";

/** Every test starts a network of its own, on ports of its own. */
export default defineConfig({
  testDir: "tests/e2e",
  timeout: 360_000,
  expect: { timeout: 30_000 },
  // A test waits for blocks most of the time, so that three are no more than two cores can do.
  workers: 3,
  fullyParallel: true,
  reporter: [["list"], ["json", { outputFile: "test-results/e2e.json" }]],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: findChromium(), args: ["--no-sandbox"] },
    trace: "retain-on-failure",
  },
});
