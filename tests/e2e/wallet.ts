import type { Page } from "@playwright/test";
import { expect } from "./localNetwork.ts";

export const PASSPHRASE = "correct horse battery staple";

/** Make a key and get coins, as a new user does. */
export async function beginWallet(page: Page, address: string): Promise<void> {
  await createKey(page, address);
  await page.getByRole("button", { name: "Get coins" }).click();
  await expect(page.getByText("1,200 VEO").first()).toBeVisible();
}

export async function createKey(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("Type it again").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("button", { name: "Get coins" })).toBeVisible();
}

export async function openChain(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Chains" }).first().click();
  await page.locator(".cards a").first().click();
  await expect(page.getByRole("heading", { name: "Verdict" })).toBeVisible();
}

export async function unlock(page: Page): Promise<void> {
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: "Unlock", exact: true }).click();
}
