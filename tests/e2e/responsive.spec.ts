import type { Page, Worker } from "@playwright/test";
import { countWorkers } from "../../src/workers/verifyWorkers.ts";
import { expect, test } from "./localNetwork.ts";
import { traceMainThread } from "./mainThread.ts";
import { createKey, openChain } from "./wallet.ts";

const BLOCKS = 600;
/** A task of this many milliseconds is one that a person feels. */
const LONG_MS = 50;

/** Count the blocks that each verification worker is given, by the worker, from now on. */
function countTasks(page: Page): Map<Worker, number> {
  const tasks = new Map<Worker, number>();
  page.on("worker", (worker) => {
    if (!worker.url().includes("/verify.worker")) return;
    tasks.set(worker, 0);
    worker.on("console", () => tasks.set(worker, (tasks.get(worker) ?? 0) + 1));
    const say = () => self.addEventListener("message", () => console.log("a block"));
    // A worker that has ended already has no more to say.
    worker.evaluate(say).catch(() => undefined);
  });
  return tasks;
}

test.describe("a chain of many blocks", () => {
  test.use({ longChain: BLOCKS });

  test("is checked by all workers that the machine has room for, while the page stays responsive", async ({
    page,
    network,
    browser,
  }) => {
    const tasks = countTasks(page);
    await createKey(page, network.address);
    await page.getByRole("link", { name: "Chains" }).first().click();
    const verdict = page.getByRole("region", { name: "Verdict" });
    const took = await traceMainThread(browser, page, async () => {
      await page.getByLabel("Operator’s address").fill(network.frontUrl);
      await page.getByRole("button", { name: "Add chain" }).click();
      await openChain(page);
      await expect(verdict.getByText(`up to block ${BLOCKS}`)).toBeVisible({ timeout: 60_000 });
    });
    console.log(
      [...tasks.values()],
      took.length,
      Math.max(...took.map((x) => x.cpuMs)),
      Math.max(...took.map((x) => x.wallMs)),
    );
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    expect(tasks.size).toBe(countWorkers(cores));
  });
});
