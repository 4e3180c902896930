import { expect, test } from "./localNetwork.ts";
import { beginWallet } from "./wallet.ts";

test.use({ isNested: true });

test("a share three levels down is bought, checked all the way up, and paid with the middle gone", async ({
  page,
  network,
}) => {
  test.setTimeout(480_000);
  await beginWallet(page, network.address);
  await page.getByRole("link", { name: "Chains" }).first().click();
  await expect(page.getByText("inside Exchange, posts in Exchange")).toBeVisible({
    timeout: 120_000,
  });
  await page.getByRole("link", { name: "Syndicate" }).click({ timeout: 120_000 });
  await expect(page.getByRole("navigation", { name: "Ancestors" })).toHaveText(
    /Main chain.*Exchange.*Sports market.*Syndicate/,
  );
  await page.getByLabel("Width of the space").fill("100");
  await page.getByRole("button", { name: "Buy space" }).click();
  await expect(page.getByText("Space asked for.")).toBeVisible();
  await expect(page.getByText("Plain space").first()).toBeVisible({ timeout: 60_000 });

  const up = page.locator("section", {
    has: page.getByRole("heading", { name: "All the way up" }),
  });
  await expect(up.getByText("Honest so far")).toHaveCount(3);
  await expect(up.getByText("the posts go through it")).toHaveCount(1);

  const sports = network.processes.find(({ name }) => name === "sports");
  await sports?.kill();
  await expect(up.getByText(/nothing is posted in it; its operator does not answer/)).toBeVisible({
    timeout: 60_000,
  });

  await page.getByRole("link", { name: "Portfolio" }).first().click();
  await page.getByRole("link", { name: /claim/i }).first().click({ timeout: 240_000 });
  await page.getByRole("button", { name: "Claim", exact: true }).click();
  await page.getByRole("button", { name: "Collect" }).click({ timeout: 180_000 });
  await page.getByRole("link", { name: "Portfolio" }).first().click();
  // 1,200 received, 100.5 paid for the space, 100 won, and the fees of four transactions.
  await expect(page.getByText(/^1,199\.4/).first()).toBeVisible({ timeout: 60_000 });
});
