/** One entry of a vector file: `run` gives undefined if it passes, else what is wrong. */
export type ConformanceCase = {
  readonly name: string;
  readonly run: () => string | undefined;
};

/** Values that were expected, and what came out; undefined if nothing was expected. */
export type Comparison = {
  readonly what: string;
  readonly expected: string | number | boolean | undefined;
  readonly got: string | number | boolean;
};

/** A case whose `check` throws, on a malformed entry or on a refusal, has failed. */
export function createCase(name: string, check: () => readonly Comparison[]): ConformanceCase {
  return {
    name,
    run: () => {
      try {
        return describeDifference(check());
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

/** The first comparison that does not hold. A field that the entry leaves out is not compared. */
function describeDifference(comparisons: readonly Comparison[]): string | undefined {
  const wrong = comparisons.find(({ expected, got }) => expected !== undefined && expected !== got);
  return wrong && `${wrong.what}: expected ${wrong.expected}, got ${wrong.got}`;
}
