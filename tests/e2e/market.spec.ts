import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { createServer, type ViteDevServer } from "vite";
import { NOW_MS } from "../preview/fixtures.ts";
import { states } from "../preview/states.ts";

/** The trading screen over wallets that stand still: for states that a network is in for moments only. */
let server: ViteDevServer;

test.beforeAll(async () => {
  const configFile = fileURLToPath(new URL("../preview/vite.config.ts", import.meta.url));
  server = await createServer({ configFile, logLevel: "error" });
  await server.listen();
});

test.afterAll(() => server.close());

async function openState(page: Page, name: string): Promise<void> {
  const state = states.find((each) => each.name === name);
  if (state === undefined) throw new Error(`expected a state ${name}`);
  await page.clock.install({ time: NOW_MS });
  await page.goto(`${server.resolvedUrls?.local[0]}?state=${name}#${state.path}`);
  await expect(page.getByRole("heading", { name: "New order" })).toBeVisible();
}

/** What the page has asked the wallet for, in the order of its asking. */
async function listPlaced(page: Page): Promise<unknown[]> {
  const text = await page.locator("html").getAttribute("data-placed");
  return JSON.parse(text ?? "[]");
}

test("an order is written, read back and placed with the keyboard alone", async ({ page }) => {
  await openState(page, "market");
  const chart = page.getByRole("slider", { name: "Prices, batch by batch" });
  await chart.focus();
  await expect(chart).toHaveAttribute("aria-valuetext", /in batch 87/);
  await page.keyboard.press("ArrowLeft");
  await expect(chart).toHaveAttribute("aria-valuetext", /in batch 86/);
  await page.getByText("The same as a table").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("cell", { name: "5.8 VEO" })).toBeVisible();
  await page.getByRole("radio", { name: "Buy yes" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByLabel("Price, at most")).toHaveValue("0.40");
  await page.getByLabel("Quantity").focus();
  await page.keyboard.type("2.5");
  await expect(page.getByText("If no is right, you win")).toBeVisible();
  await expect(page.getByText("−1 VEO")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Placed: Buy 2.5 VEO of no at 0.40 at most.")).toBeVisible();
  expect(await listPlaced(page)).toEqual([
    expect.objectContaining({
      side: "buyNo",
      limit: 400,
      quantity: "250000000",
      goodUntilMs: expect.any(Number),
      contractIds: [],
    }),
  ]);
});

test("pressing twice sends an order once, and the next one is another", async ({ page }) => {
  await openState(page, "market");
  await page.getByLabel("Quantity").fill("1");
  await page.getByRole("button", { name: "Place order" }).dblclick();
  await expect(page.getByText(/^Placed: Buy 1 VEO/)).toBeVisible();
  await page.getByRole("button", { name: "Place order" }).dblclick();
  expect(await listPlaced(page)).toHaveLength(1);
  await page.getByLabel("Quantity").fill("1");
  await page.getByRole("button", { name: "Place order" }).click();
  await expect.poll(() => listPlaced(page)).toHaveLength(2);
  // An order that is begun elsewhere on the screen is another one, too.
  await page.getByRole("button", { name: "Sell yes" }).click();
  await expect(page.getByText(/^Placed:/)).toBeHidden();
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByText(/^Placed: Sell 10 VEO of yes/)).toBeVisible();
  expect(await listPlaced(page)).toHaveLength(3);
});

test("a feed that says nothing any more is seen to grow old", async ({ page }) => {
  await openState(page, "market");
  await expect(page.getByText(/^Live, heard/)).toBeVisible();
  await expect(page.getByText(/at the latest/)).toBeVisible();
  await page.clock.fastForward(30_000);
  await expect(page.getByText(/^Silent for 3\d s$/)).toBeVisible();
  await expect(page.getByText("its time is not known now")).toBeVisible();
  await expect(page.getByText(/The operator has gone silent/)).toBeVisible();
});

for (const width of [390, 1280]) {
  test(`every state of an order can be read by everyone at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    for (const name of ["market-orders", "market-cut", "market-long"]) {
      await openState(page, name);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(
          ({ impact }) => impact === "serious" || impact === "critical",
        );
        expect(
          serious.map(({ id, nodes }) => `${name} ${colorScheme} ${id} ${nodes[0]?.target}`),
        ).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
    }
  });
}
