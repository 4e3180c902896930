import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { build, preview } from "vite";
import { findChromium } from "../../scripts/findChromium.mjs";
import type { ArrivedBlock, MeasureArrival } from "./inBrowser.ts";

/** The same in a Chromium, in a page in place of the wallet's worker: workers are opened from files that are served. */
export async function measureInBrowser(
  arrived: ArrivedBlock,
  resting: number,
  count: number,
): Promise<number[]> {
  const outDir = mkdtempSync(join(tmpdir(), "arrival-"));
  const shared = {
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(".", import.meta.url)),
    build: { outDir, emptyOutDir: true, target: "es2022" },
    worker: { format: "es" },
  } as const;
  await build(shared);
  const server = await preview({ ...shared, preview: { host: "localhost", port: 0 } });
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    return await page.evaluate(
      (given) => {
        const { measureArrival } = globalThis as unknown as { measureArrival: MeasureArrival };
        return measureArrival(...given);
      },
      [arrived, resting, count] as const,
    );
  } finally {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}
