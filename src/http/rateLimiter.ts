/** Sources that are remembered; the one unheard of for longest is forgotten first. */
const SOURCES_MAX = 10_000;

type Bucket = { tokens: number; atMs: number };

/**
 * A token bucket for each source: `perSecond` in the long run, `burst` at once. Memory is bounded.
 *
 * @returns whether the source may have one more now.
 */
export function createRateLimiter(
  perSecond: number,
  burst: number,
  now: () => number,
): (source: string) => boolean {
  const buckets = new Map<string, Bucket>();
  return (source) => {
    const atMs = now();
    const known = buckets.get(source);
    const refill = known === undefined ? burst : ((atMs - known.atMs) / 1_000) * perSecond;
    const tokens = Math.min(burst, (known?.tokens ?? 0) + Math.max(0, refill));
    buckets.delete(source);
    const isAllowed = tokens >= 1;
    buckets.set(source, { tokens: isAllowed ? tokens - 1 : tokens, atMs });
    if (buckets.size > SOURCES_MAX) {
      const [oldest] = buckets.keys();
      if (oldest !== undefined) buckets.delete(oldest);
    }
    return isAllowed;
  };
}
