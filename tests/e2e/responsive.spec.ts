import type { Page, Worker } from "@playwright/test";
import { countWorkers } from "../../src/workers/verifyWorkers.ts";
import { expect, test } from "./localNetwork.ts";
import { findLongTasks } from "./longTasks.ts";
import { createKey, openChain } from "./wallet.ts";

const BLOCKS = 600;
/** The first worker is ended from within, without a word, when it has been given so many blocks. */
const END_AFTER = 60;

const isVerifier = (worker: Worker) => worker.url().includes("/verify.worker");

/** Count the blocks that each verification worker is given, from when it is seen on. */
function countTasks(page: Page): ReadonlyMap<Worker, number> {
  const tasks = new Map<Worker, number>();
  // A worker that has ended already is not told anything more.
  const tell = (worker: Worker, what: () => void) =>
    void worker.evaluate(what).catch(() => undefined);
  page.on("worker", (worker) => {
    if (!isVerifier(worker)) return;
    const isFirst = tasks.size === 0;
    tasks.set(worker, 0);
    worker.on("console", () => {
      const count = (tasks.get(worker) ?? 0) + 1;
      tasks.set(worker, count);
      if (isFirst && count === END_AFTER) tell(worker, () => self.close());
    });
    tell(worker, () => self.addEventListener("message", () => console.log("a block")));
  });
  return tasks;
}

test.describe("a chain of many blocks", () => {
  test.use({ longChain: BLOCKS, counterparty: 0n });

  test("is checked by a worker for each core there is for it, one of which dies, while the page stays responsive", async ({
    page,
    network,
    browser,
  }) => {
    const tasks = countTasks(page);
    await createKey(page, network.address);
    await page.getByRole("link", { name: "Chains" }).first().click();
    const verdict = page.getByRole("region", { name: "Verdict" });
    const long = await findLongTasks(browser, page, async () => {
      await page.getByLabel("Operator’s address").fill(network.frontUrl);
      await page.getByRole("button", { name: "Add chain" }).click();
      await openChain(page);
      await expect(verdict.getByText("Checking.")).toBeVisible();
      const isDone = verdict.getByText(`every block of the chain up to block ${BLOCKS}`);
      await expect(isDone).toBeVisible({ timeout: 60_000 });
    });
    expect(long).toEqual([]);
    const size = countWorkers(await page.evaluate(() => navigator.hardwareConcurrency));
    // The one that ended has been replaced, and all have had a good part of the work.
    expect(tasks.size).toBe(size + 1);
    for (const count of tasks.values()) expect(count).toBeGreaterThan(BLOCKS / (size * 20));
    // Whoever has nothing to do is gone.
    const left = () => page.workers().filter(isVerifier).length;
    await expect.poll(left).toBe(0);
    // And a page that is not responsive would have been noticed.
    const busy = await findLongTasks(browser, page, async () => {
      await page.evaluate(() => setTimeout(() => Array.from({ length: 4e5 }, Math.random).sort()));
      await page.evaluate(() => document.title);
    });
    expect(busy).toHaveLength(1);
  });
});
