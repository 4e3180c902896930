import { expect, test } from "./localNetwork.ts";
import { beginWallet, openChain, unlock } from "./wallet.ts";

const POSITION = "Yes: Do the reds win on Saturday?";

test("the bet is won: placed, signed, held, drawn, claimed and paid", async ({ page, network }) => {
  await beginWallet(page, network.address);
  await openChain(page);
  await page.getByLabel("Stake").fill("50");
  await page.getByRole("button", { name: "Place bet" }).click();
  await expect(page.getByText("Bet placed.")).toBeVisible();

  // In the middle of the journey the page goes away; what was begun is on disk.
  await page.reload();
  await unlock(page);
  await page.getByRole("link", { name: "Portfolio" }).first().click();
  await page.getByText(POSITION).first().click({ timeout: 90_000 });
  await expect(page.getByText("1 in 2 (50 %)").first()).toBeVisible();
  await page.getByRole("button", { name: "Sign next state" }).click();
  await expect(page.getByText("you and the operator").first()).toBeVisible();
  await expect(page.getByText("held and verified")).toBeHidden();

  // The result, the expiry and the draw come by themselves. All of the space is the user's now.
  await expect(page.getByRole("button", { name: "Claim" }).or(toBeWonElsewhere(page))).toBeVisible({
    timeout: 180_000,
  });
  await page.getByRole("link", { name: "Portfolio" }).first().click();
  await page.getByRole("link", { name: /claim/i }).first().click();
  await page.getByRole("button", { name: "Claim" }).click();
  await page.getByRole("button", { name: "Collect" }).click({ timeout: 120_000 });
  await page.getByRole("link", { name: "Portfolio" }).first().click();
  // 1,200 received, 50.25 paid for the space, 100 won, and the fees of four transactions.
  await expect(page.getByText(/^1,249\.7/).first()).toBeVisible({ timeout: 60_000 });
});

/** The position is a pair of contracts; the point may lie in the other one. */
function toBeWonElsewhere(page: import("@playwright/test").Page) {
  return page.getByText(/lost/i).first();
}

test.describe("when the game goes the other way", () => {
  test.use({ result: "false" });

  test("the bet is lost, and the wallet says so", async ({ page, network }) => {
    await beginWallet(page, network.address);
    await openChain(page);
    await page.getByLabel("Stake").fill("50");
    await page.getByRole("button", { name: "Place bet" }).click();
    await page.getByRole("link", { name: "Portfolio" }).first().click();
    await page.getByText(POSITION).first().click({ timeout: 90_000 });
    await expect(page.getByText(/lost/i).first()).toBeVisible({ timeout: 180_000 });
    await expect(page.getByRole("button", { name: "Claim" })).toHaveCount(0);
  });
});

test.describe("long before the answer", () => {
  // Nobody waits for it here: a bet and a sale, each with its records, must be done by then.
  test.use({ reportAfter: 90 });

  test("a position is sold to the counterparty before the draw", async ({ page, network }) => {
    await beginWallet(page, network.address);
    await openChain(page);
    await page.getByLabel("Stake").fill("20");
    await page.getByRole("button", { name: "Place bet" }).click();
    await page.getByRole("link", { name: "Portfolio" }).first().click();
    await page.getByText(POSITION).first().click({ timeout: 90_000 });
    await expect(page.getByText("verified").first()).toBeVisible({ timeout: 30_000 });
    await page.getByRole("button", { name: "Sell" }).click();
    await expect(page.getByText("19.6 VEO").first()).toBeVisible();
    await page.getByRole("button", { name: "Confirm sale" }).click();
    await page.getByRole("link", { name: "Activity" }).first().click();
    await expect(
      page.getByText("The position is sold and the payment is in your account."),
    ).toBeVisible({ timeout: 90_000 });
  });
});

test("the wallet opens without any network, and shows what it had checked", async ({
  page,
  network,
  context,
}) => {
  await beginWallet(page, network.address);
  await openChain(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await context.setOffline(true);
  await network.stop();
  network.server.closeAllConnections();
  await page.reload();
  await unlock(page);
  await page.getByRole("link", { name: "Chains" }).first().click();
  await expect(page.getByText("Prize of 100 VEO").first()).toBeVisible();
  await expect(page.getByText(/cannot be reached|no node|0 of 1/i).first()).toBeVisible();
});
