import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { factsForm } from "../../src/api/operatorFactsJson.ts";
import type { SortitionBlock } from "../../src/blocks/block.ts";
import { judgeEvidence } from "../../src/client/evidence.ts";
import { insist } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { makeTwin } from "../story/forge.ts";
import { expect, type TestNetwork, test } from "./localNetwork.ts";
import { beginWallet, openChain, unlock } from "./wallet.ts";

/** The block with its first contract sold a second time, to whom the operator's own key belongs. */
function sellTwice(block: SortitionBlock): SortitionBlock {
  const sold = block.transactions.find((each) => each.kind === "contract-new");
  if (sold === undefined) throw new Error("the first block sells nothing");
  const again = { ...sold, contract: { ...sold.contract, depositBps: 1 } };
  return { ...block, transactions: [...block.transactions, again] };
}

/** The wallet says what broke, sells nothing, and pays nothing; also after a reload, and anyone can check it. */
async function expectRefused(
  page: Page,
  network: TestNetwork,
  rule: string,
  transaction: string,
): Promise<void> {
  const verdict = page.getByRole("region", { name: "Verdict" });
  const check = async () => {
    await expect(verdict.getByText("Broken.")).toBeVisible({ timeout: 60_000 });
    await expect(verdict.getByText(rule, { exact: true })).toBeVisible();
    await expect(verdict.locator(".fact", { hasText: "Block" }).first()).toContainText("1");
    await expect(verdict.locator(".fact", { hasText: "Transaction" })).toContainText(transaction);
    await expect(
      page.getByText(/refuses to buy here: the operator broke a rule in block 1/).first(),
    ).toBeVisible();
    await expect(page.getByRole("button", { name: "Place bet" })).toBeDisabled();
  };
  await check();
  await page.reload();
  await unlock(page);
  await check();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    verdict.getByRole("button", { name: "Save the evidence" }).click(),
  ]);
  const chain = insist(factsForm.read(await (await fetch(`${network.operatorUrl}/chain`)).json()));
  const { chainId: id, operator, lo, hi, expiry } = chain;
  const judged = judgeEvidence(new Uint8Array(await readFile(await download.path())), {
    rules: createRules(LOCAL_NETWORK),
    chain: { id, operator, lo, hi, expiry },
    isRecorded: () => false,
  });
  expect(judged).toMatchObject({ ok: true, value: { rule, blockHeight: 1 } });
  await page.getByRole("link", { name: "Portfolio" }).first().click();
  await expect(page.getByText("1,200 VEO").first()).toBeVisible();
}

test.describe("an operator who sells a range twice in one block", () => {
  test.use({ lie: { change: sellTwice } });

  test("is found out, by rule, block and transaction", async ({ page, network }) => {
    await beginWallet(page, network.address);
    await openChain(page);
    await expectRefused(page, network, "OCCUPIED", "number 2");
  });
});

test.describe("an operator who shows a block that he never posts", () => {
  test.use({ lie: { change: makeTwin } });

  test("is found out as soon as the posted one is seen", async ({ page, network }) => {
    await beginWallet(page, network.address);
    await openChain(page);
    await expectRefused(page, network, "EQUIVOCATION", "the block as a whole");
  });
});
