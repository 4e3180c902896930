import type { Browser, Page } from "@playwright/test";

/** What a task of a page's main thread took: milliseconds from its begin to its end, and of those on a core. */
export type MainThreadTask = { readonly wallMs: number; readonly cpuMs: number };

type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
};

/**
 * The tasks of the page's main thread while `work` goes on, from the browser's own trace. The time on a core is
 * what the page itself is to blame for: a task also takes long where other processes leave it none.
 */
export async function traceMainThread(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<MainThreadTask[]> {
  await browser.startTracing(page, { categories: ["toplevel"] });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  return traceEvents.flatMap(({ name, ph, pid, tid, dur, tdur }) => {
    if (ph !== "X" || !name.endsWith("RunTask") || !threads.has(`${pid}:${tid}`)) return [];
    return dur === undefined || tdur === undefined
      ? []
      : [{ wallMs: dur / 1_000, cpuMs: tdur / 1_000 }];
  });
}
