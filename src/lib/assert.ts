/** Check ourselves: a false condition is our own mistake, and the process dies of it. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
