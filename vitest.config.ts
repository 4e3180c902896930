import { defineConfig } from "vitest/config";

/** Unit tests that put other modules in the place of ours, or load them anew. */
const REPLACING = ["tests/unit/client/{spreadCheck,verifyPool}.test.ts"];
/** Unit tests that use modules as they are: those are loaded, and warm, once for all of them. */
const USING = "tests/unit/**/*.test.ts";

export default defineConfig({
  test: {
    testTimeout: 120_000,
    // Vitest leaves one core of two idle; no test here measures time.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "units", include: [USING], exclude: REPLACING, isolate: false },
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
