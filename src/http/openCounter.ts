/** How many things may be open at a time: of one source, and of all together. */
export type OpenLimits = { readonly perSource: number; readonly total: number };

/**
 * Count what is open, for each source that has anything open.
 *
 * @returns a function that opens one more for a source, and gives back how it is closed (once); undefined if the
 *   source, or all together, may have no more.
 */
export function createOpenCounter({
  perSource,
  total,
}: OpenLimits): (source: string) => (() => void) | undefined {
  const bySource = new Map<string, number>();
  let all = 0;
  return (source) => {
    const open = bySource.get(source) ?? 0;
    if (open >= perSource || all >= total) return undefined;
    bySource.set(source, open + 1);
    all += 1;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      all -= 1;
      const rest = (bySource.get(source) ?? 1) - 1;
      if (rest > 0) bySource.set(source, rest);
      else bySource.delete(source);
    };
  };
}
