import type { Browser, Page } from "@playwright/test";

/** A task of the main thread that the page's own observer calls long: milliseconds to its end, and of those on a core. */
export type LongTask = { readonly wallMs: number; readonly coreMs: number };

/** Milliseconds of a task that a person feels. */
const LONG_MS = 50;
const MARK = "longTasksBegin";

type Span = { readonly start: number; readonly wallMs: number };

type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
};

/**
 * The tasks by which the page kept its main thread from a person while `work` went on. They are found by a
 * `PerformanceObserver`; but what it calls long may have waited for a core that other processes held, so each
 * is looked up in the browser's trace, and counts only if it was on a core for as long.
 */
export async function findLongTasks(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<LongTask[]> {
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  let trace = "";
  let long: readonly Span[] = [];
  let beginMs = 0;
  try {
    beginMs = await page.evaluate(watch, MARK);
    await work();
    long = await page.evaluate(readLongTasks);
  } finally {
    trace = (await browser.stopTracing()).toString();
  }
  const { traceEvents } = JSON.parse(trace) as { readonly traceEvents: readonly TraceEvent[] };
  const mark = traceEvents.find(({ name, ph }) => name === MARK && ph !== "M");
  if (mark === undefined) throw new Error("the trace has not the mark of its begin");
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith("RunTask") && pid === mark.pid && tid === mark.tid,
  );
  return long
    .filter(({ start }) => start >= beginMs)
    .map(({ start, wallMs }) => {
      const from = mark.ts + (start - beginMs) * 1_000;
      const to = from + wallMs * 1_000;
      const within = tasks.filter(({ ts, dur = 0 }) => ts < to && ts + dur > from);
      if (within.length === 0) throw new Error("the trace has not a task that was observed");
      const coreMs = within.reduce((most, { tdur = 0 }) => Math.max(most, tdur / 1_000), 0);
      return { wallMs, coreMs };
    })
    .filter(({ coreMs }) => coreMs > LONG_MS);
}

/** In the page: observe long tasks from now on. */
function watch(mark: string): number {
  const seen: Span[] = [];
  const take = (entries: PerformanceEntryList): void => {
    for (const { startTime, duration } of entries) {
      seen.push({ start: startTime, wallMs: duration });
    }
  };
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: "longtask" });
  const read = (): readonly Span[] => {
    take(observer.takeRecords());
    observer.disconnect();
    return seen;
  };
  Object.assign(globalThis, { readLongTasks: read });
  return performance.mark(mark).startTime;
}

/** In the page: what was observed, a moment after it has happened. */
async function readLongTasks(): Promise<readonly Span[]> {
  await new Promise((resolve) => requestIdleCallback(resolve));
  return (globalThis as unknown as { readLongTasks: () => readonly Span[] }).readLongTasks();
}
