import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { createServer, type ViteDevServer } from "vite";
import { NOW_MS } from "../preview/fixtures.ts";
import { states } from "../preview/states.ts";

/** Settling and disputes over wallets that stand still: for states that a network is in for moments only. */
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
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** Notifications are kept on the page, and permission is given as soon as it is asked for. */
function keepNotifications(): void {
  const shown: string[] = [];
  class Kept {
    static permission = "default";
    static async requestPermission(): Promise<string> {
      shown.push("asked");
      Kept.permission = "granted";
      return Kept.permission;
    }
    constructor(title: string) {
      shown.push(title);
    }
  }
  Object.assign(window, { Notification: Kept, shown });
}

test("costs stand before the button, deadlines go to a calendar, reminders come when asked for", async ({
  page,
}) => {
  await page.addInitScript(keepNotifications);
  await openState(page, "settle-claim");
  await expect(page.getByText("Tried out on this device: it will succeed.")).toBeVisible();
  await expect(page.getByText("0.0101 VEO")).toBeVisible();
  await expect(page.getByRole("button", { name: "Claim" })).toBeEnabled();

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "To calendar" }).click();
  const file = await (await saved).path();
  expect(await readFile(file, "utf8")).toContain("SUMMARY:Claim the prize of 1\\,000 VEO\r\n");

  const shown = () => page.evaluate(() => (window as unknown as { shown: string[] }).shown);
  expect(await shown()).toEqual([]);
  await page.getByRole("button", { name: "Turn reminders on" }).click();
  await expect(page.getByText("Reminders are on for this device.")).toBeVisible();
  await page.clock.fastForward(16_000);
  await expect.poll(shown).toEqual(["asked", "Reminders are on", "Claim the prize of 1,000 VEO"]);
  await page.clock.fastForward(60_000);
  expect(await shown()).toHaveLength(3);
});

test("an answer that would fail, or that leans on what is not known, cannot be sent", async ({
  page,
}) => {
  const answer = page.getByRole("button", { name: "Show that it was given up" });
  await openState(page, "disputes-incomplete");
  await expect(page.getByText(/accuses nobody on incomplete data/)).toBeVisible();
  await expect(answer).toBeDisabled();
  await openState(page, "disputes-fails");
  await expect(page.getByText(/the main chain would refuse it now/)).toBeVisible();
  await expect(answer).toBeDisabled();
  await openState(page, "disputes-open");
  await expect(page.getByRole("switch", { name: "Answer without asking me" })).not.toBeChecked();
  await answer.click();
  await expect(page.getByText(/^Sent\. It counts once/)).toBeVisible();
});

test("settling and disputes can be read by everyone, wide and narrow", async ({ page }) => {
  for (const [name, width] of [
    ["disputes-several", 390],
    ["disputes-behind", 1280],
    ["settle-dispute", 390],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await openState(page, name);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(
      ({ impact }) => impact === "serious" || impact === "critical",
    );
    expect(serious.map(({ id, nodes }) => `${name} ${id} ${nodes[0]?.target}`)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${name} is wider than ${width} pixels`).toBeLessThanOrEqual(0);
  }
});
