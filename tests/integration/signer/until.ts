import { performance } from "node:perf_hooks";

/** Far more than anything here takes on a busy machine, and far less than a test may take. */
const WAIT_MS_MAX = 60_000;
const LOOK_EVERY_MS = 2;

/**
 * Wait for other processes until something is so. Rejects, and says what was waited for, if it takes too long.
 *
 * @param trading - what must go on meanwhile: it rejects as well once that is over.
 */
export async function until(
  what: string,
  isSo: () => boolean,
  trading?: Promise<unknown>,
): Promise<void> {
  const startedMs = performance.now();
  let cut: { readonly cause: unknown } | undefined;
  void trading?.then((cause) => {
    cut = { cause };
  });
  while (!isSo()) {
    if (cut !== undefined) throw new Error(`the trade was cut before ${what}`, cut);
    if (performance.now() - startedMs > WAIT_MS_MAX)
      throw new Error(`waited in vain until ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
