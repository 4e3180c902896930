import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/e2e/**"],
    testTimeout: 120_000,
    // Vitest leaves one core of two idle; no test here measures time.
    maxWorkers: 2,
  },
});
