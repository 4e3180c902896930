import { openCheat } from "./cheat.ts";
import { expect, test } from "./localNetwork.ts";
import { runKit } from "./runKit.ts";
import { beginWallet, openChain, unlock } from "./wallet.ts";

const POSITION = "Yes: Do the reds win on Saturday?";

const VEO = 100_000_000n;

test.describe("a bet of 1 against 99", () => {
  // Nearly all of the space was the counterparty's before the bet, so that the point falls where it may claim.
  test.use({ counterparty: 99n * VEO, yesBps: 100, reportAfter: 55 });

  test("is won: placed, signed, held, drawn, claimed, defended against who had given up his cash, and paid", async ({
    page,
    network,
  }) => {
    await beginWallet(page, network.address);
    await openChain(page);
    await page.getByLabel("Stake").fill("1");
    await page.getByRole("button", { name: "Place bet" }).click();
    await expect(page.getByText("Bet placed.")).toBeVisible();

    // In the middle of the journey the page goes away; what was begun is on disk.
    await page.reload();
    await unlock(page);
    await page.getByRole("link", { name: "Portfolio" }).first().click();
    await page.getByText(POSITION).first().click({ timeout: 90_000 });
    await expect(page.getByText(/1 in 100 \(1 %\)|99 in 100 \(99 %\)/).first()).toBeVisible();
    await page.getByRole("button", { name: "Sign next state" }).click();
    await expect(page.getByText("you and the operator").first()).toBeVisible();
    await expect(page.getByText("held and verified")).toBeHidden();

    // The contract as a file proves itself, on a page that asks neither wallet nor network.
    const proof = page.waitForEvent("download");
    await expect(async () => {
      // Before it is recorded there is nothing to prove.
      await page.getByRole("button", { name: "Save the proof file" }).click();
      await expect(page.getByText("The proof file is saved.")).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.getByRole("link", { name: "Check a proof" }).click();
    await page.getByLabel(/^Choose a proof file/).setInputFiles(await (await proof).path());
    await expect(page.getByText(/^The contract over .* stood in its chain/)).toBeVisible();
    await expect(page.getByText(/^Your own wallet has checked this very block/)).toBeVisible();
    await page.getByRole("link", { name: "Portfolio" }).first().click();
    const [kit] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the claim kit" }).click(),
    ]);
    await expect(page.getByText(/^Your claim kit /)).toBeVisible();
    expect(await runKit(await kit.path(), network.nodeUrl)).toContain(
      "Nothing is to be done before",
    );

    await page.getByRole("link", { name: "Settle" }).first().click();
    await page.getByRole("link", { name: "See what is watched and how" }).click();
    await page.getByRole("switch", { name: "Answer without asking me" }).click();
    await expect(page.getByText(/^All kept: /).first()).toBeVisible();
    await page.getByRole("link", { name: "Settle" }).first().click();
    const cheat = await openCheat(network);

    // The result, the expiry and the draw come by themselves. All of the space is the user's now.
    const claim = page.getByRole("button", { name: "Claim" });
    await expect(claim).toBeVisible({ timeout: 180_000 });
    // Nobody but the user is there to answer.
    for (const { name, kill } of network.processes) {
      if (name === "operator" || name === "counterparty") await kill();
    }
    await claim.click();
    const hasCheated = await cheat.claimGivenUp();
    await cheat.close();
    if (hasCheated) {
      await page
        .getByRole("button", { name: "Show that it was given up" })
        .click({ timeout: 60_000 });
      await page.getByRole("link", { name: "See what is watched and how" }).click();
      await expect(page.getByText(/^Answered, and confirmed/)).toBeVisible({ timeout: 60_000 });
      await page.getByRole("link", { name: "Settle" }).first().click();
    }
    await page.getByRole("button", { name: "Collect" }).click({ timeout: 150_000 });
    await page.getByRole("link", { name: "Portfolio" }).first().click();
    // 1,200 received, 1.005 paid for the space, 100 won, half of the cheat's deposit of 1, and the fees.
    const ended = hasCheated ? /^1,299\.4/ : /^1,298\.9/;
    await expect(page.getByText(ended).first()).toBeVisible({ timeout: 60_000 });
  });
});

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
  await page.goto(`${network.address}/#/proof`);
  await page.reload();
  await expect(page.getByText("Choose a proof file, or drop it here")).toBeVisible();
  await page.getByRole("link", { name: "Sortition" }).click();
  await unlock(page);
  await page.getByRole("link", { name: "Chains" }).first().click();
  await expect(page.getByText("Prize of 100 VEO").first()).toBeVisible();
  await expect(page.getByText(/cannot be reached|no node|0 of 1/i).first()).toBeVisible();
});
