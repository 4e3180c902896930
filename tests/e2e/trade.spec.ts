import type { Page } from "@playwright/test";
import { expect, test } from "./localNetwork.ts";
import { beginWallet, openChain, unlock } from "./wallet.ts";

/** Two users hold all of the space between them, and trade all of it: so the answer alone decides who is paid. */
test.use({ counterparty: 0n });

/** Buy plain space, as what orders are paid with, and go to the market when it is there. */
async function buySpace(page: Page, width: string): Promise<void> {
  await openChain(page);
  await page.getByLabel("Width of the space").fill(width);
  await page.getByRole("button", { name: "Buy space" }).click();
  await expect(page.getByText("Space asked for.")).toBeVisible();
  await page
    .getByRole("region", { name: "Markets" })
    .getByRole("link", { name: "Do the reds win on Saturday?" })
    .click();
}

async function placeOrder(page: Page, side: string, price: string, veo: string): Promise<void> {
  // What was bought is space of one's own once it is paid for.
  const isHeld = page.getByText(/As much as your space covers/);
  await expect(isHeld).toBeVisible({ timeout: 60_000 });
  await page.getByRole("radio", { name: side }).check({ force: true });
  await page.getByLabel("Price, at most").fill(price);
  await page.getByLabel("Quantity").fill(veo);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByText(/^Placed:/)).toBeVisible();
}

/** As many orders are filled at a price of their own side, at one price for all, and this browser has cleared the batch anew. */
async function expectFilled(page: Page, price: string, orders: number): Promise<void> {
  const filled = page.locator(".order-state", { hasText: `Filled whole at ${price}` });
  await expect(filled).toHaveCount(orders, { timeout: 60_000 });
  await expect(page.getByRole("region", { name: "Now" })).toContainText("0.55");
  await expect(page.getByText(/^Checked: this device cleared batch/)).toBeVisible();
}

test("two people trade at one price, both see it, and the one who is right is paid", async ({
  page: ann,
  network,
  browser,
}) => {
  const other = await browser.newContext();
  const bob = await other.newPage();
  await Promise.all([beginWallet(ann, network.address), beginWallet(bob, network.address)]);
  await buySpace(ann, "55");
  await buySpace(bob, "45");
  await Promise.all([
    placeOrder(ann, "Buy yes", "0.60", "40"),
    placeOrder(bob, "Buy no", "0.50", "40"),
  ]);
  for (const [page, price] of [
    [ann, "0.55"],
    [bob, "0.45"],
  ] as const) {
    await expectFilled(page, price, 1);
    await expect(page.getByText("2 VEO better than its limit")).toBeVisible();
  }
  await Promise.all([
    placeOrder(ann, "Buy yes", "0.55", "60"),
    placeOrder(bob, "Buy no", "0.45", "60"),
  ]);
  for (const [page, price] of [
    [ann, "0.55"],
    [bob, "0.45"],
  ] as const) {
    await page.reload();
    await unlock(page);
    await expectFilled(page, price, 2);
  }
  await expect(ann.getByText(/it is right/)).toBeVisible({ timeout: 120_000 });
  await expect(bob.getByText(/it is not right, and lost/)).toBeVisible({ timeout: 120_000 });
  await ann.getByRole("link", { name: "Portfolio" }).first().click();
  await ann.getByRole("link", { name: /claim/i }).first().click({ timeout: 120_000 });
  await ann.getByRole("button", { name: "Claim" }).click();
  await bob.getByRole("link", { name: "Portfolio" }).first().click();
  await expect(bob.getByText("Bet on no, lost · 3 in 5 (60 %), on 2 ranges")).toBeVisible();
  await expect(worthOf(bob)).toHaveText("1,154.7749 VEO");
  await ann.getByRole("button", { name: "Collect" }).click({ timeout: 120_000 });
  await ann.getByRole("link", { name: "Portfolio" }).first().click();
  // 1,200 received, 55.275 paid for the space, 100 won, and the fees of the transactions.
  await expect(worthOf(ann)).toHaveText("1,244.7147 VEO");
  await other.close();
});

/** What all is worth, on the first screen. */
function worthOf(page: Page) {
  return page.locator(".worth-total .amount");
}
