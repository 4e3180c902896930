/**
 * Pictures of every screen in every state, at phone and desktop width, light and dark, with what axe
 * and two checks of our own have against them. `npx tsx tests/preview/screenshots.ts FOLDER [NAME…]`
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "@playwright/test";
import { createServer } from "vite";
import { NOW_MS } from "./fixtures.ts";
import { type PreviewState, type Step, states } from "./states.ts";

const sizes = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
] as const;
const schemes = ["light", "dark"] as const;
const NARROWEST = { width: 320, height: 640 };

async function main(folder: string, wanted: readonly string[]): Promise<number> {
  await mkdir(folder, { recursive: true });
  const server = await createServer({
    configFile: fileURLToPath(new URL("./vite.config.ts", import.meta.url)),
    logLevel: "warn",
  });
  await server.listen();
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error("expected the preview server to have an address");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const chosen = states.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  let findings = 0;
  for (const scheme of schemes) {
    for (const size of sizes) {
      const shots = { browser, address, folder, scheme, size };
      for (const state of chosen) findings += await shoot(shots, state);
    }
  }
  await browser.close();
  await server.close();
  report(`${chosen.length} states, ${findings} serious findings`);
  return findings;
}

type Shots = {
  readonly browser: Browser;
  readonly address: string;
  readonly folder: string;
  readonly scheme: (typeof schemes)[number];
  readonly size: (typeof sizes)[number];
};

/** Take one picture; returns the number of serious findings. */
async function shoot(shots: Shots, state: PreviewState): Promise<number> {
  const { browser, address, folder, scheme, size } = shots;
  const context = await browser.newContext({
    viewport: size,
    colorScheme: scheme,
    reducedMotion: "reduce",
    timezoneId: "UTC",
    locale: "en-GB",
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  await page.clock.setFixedTime(NOW_MS);
  await page.goto(`${address}?state=${state.name}#${state.path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  for (const step of state.steps ?? []) await take(page, step);
  await page.screenshot({
    path: join(folder, `${state.name}-${size.width}-${scheme}.png`),
    fullPage: true,
  });
  problems.push(...(await findAxeProblems(page)), ...(await findOwnProblems(page)));
  await context.close();
  for (const problem of problems) report(`${state.name} ${size.width} ${scheme}: ${problem}`);
  return problems.length;
}

async function take(page: Page, step: Step): Promise<void> {
  if ("fill" in step) await page.getByLabel(step.fill, { exact: true }).fill(step.text);
  else if ("choose" in step) await page.getByRole("radio", { name: step.choose }).check();
  else if ("focus" in step) await page.getByRole("button", { name: step.focus }).first().focus();
  else await page.getByRole("button", { name: step.press, exact: true }).click();
}

async function findAxeProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes[0]?.target.join(" ")})`);
}

/** Nothing scrolls sideways down to the narrowest screen, and no style is written into the markup. */
async function findOwnProblems(page: Page): Promise<string[]> {
  const problems: string[] = [];
  // Taking a picture leaves empty style attributes behind.
  const styled = await page.locator('#app [style]:not([style=""])').count();
  if (styled > 0) problems.push(`${styled} elements with a style attribute`);
  const before = page.viewportSize() ?? NARROWEST;
  for (const size of [before, NARROWEST]) {
    await page.setViewportSize(size);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > size.width) problems.push(`${width} pixels wide on a screen of ${size.width}`);
  }
  await page.setViewportSize(before);
  return problems;
}

function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

const [folder, ...wanted] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a folder for the pictures");
process.exitCode = (await main(folder, wanted)) === 0 ? 0 : 1;
