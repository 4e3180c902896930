import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./localNetwork.ts";
import { beginWallet, openChain } from "./wallet.ts";

/** What axe calls serious or critical on the screen that is open, in light and in dark. */
async function findBarriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, impact, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      found.push(
        `${colorScheme}: ${id} at ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
      );
    }
  }
  return found;
}

for (const [width, height] of [
  [390, 844],
  [1280, 800],
] as const) {
  test(`every screen can be used by everyone at ${width} pixels`, async ({ page, network }) => {
    await page.setViewportSize({ width, height });
    await page.goto(network.address);
    await expect(page.getByRole("button", { name: "Create key" })).toBeVisible();
    expect(await findBarriers(page)).toEqual([]);
    await beginWallet(page, network.address);
    expect(await findBarriers(page)).toEqual([]);
    await openChain(page);
    expect(await findBarriers(page)).toEqual([]);
    for (const name of ["Chains", "Settle", "Activity", "Settings"]) {
      await page.getByRole("link", { name }).first().click();
      await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
      expect(await findBarriers(page)).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
    }
  });
}

test("a wrong passphrase says so, and a second tab may look but not sign", async ({
  page,
  network,
  context,
}) => {
  await beginWallet(page, network.address);
  const second = await context.newPage();
  await second.goto(network.address);
  await second.getByLabel("Passphrase", { exact: true }).fill("correct horse battery staple");
  await second.getByRole("button", { name: "Unlock", exact: true }).click();
  await expect(second.getByText(/another tab/)).toBeVisible();
  await second.close();
  await page.reload();
  await page.getByLabel("Passphrase", { exact: true }).fill("wrong horse battery staple");
  await page.getByRole("button", { name: "Unlock", exact: true }).click();
  await expect(page.getByText(/passphrase does not open/)).toBeVisible();
});
