import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const UNITS = fileURLToPath(new URL("tests/unit/", import.meta.url));

/**
 * Unit tests that put other modules in the place of ours, or load them anew, have a process each. The others use modules as they
 * are: those are loaded, and warm, once for all of them.
 */
const REPLACING = readdirSync(UNITS, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => /vi[.](mock|doMock|resetModules)[(]/.test(readFileSync(UNITS + name, "utf8")))
  .map((name) => `tests/unit/${name.replaceAll("\\", "/")}`);

export default defineConfig({
  test: {
    testTimeout: 120_000,
    // Vitest leaves one core of two idle; no test here measures time.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "units",
          include: ["tests/unit/**/*.test.ts"],
          exclude: REPLACING,
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "others",
          include: ["tests/!(unit|e2e)/**/*.test.ts", ...REPLACING],
        },
      },
    ],
  },
});
