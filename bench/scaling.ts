import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { build } from "vite";
import { findChromium } from "../scripts/findChromium.mjs";
import type { Nesting } from "./scaling/deepClaim.ts";
import { type ClaimFigures, measureClaim } from "./scaling/measureClaim.ts";

/** A claim's figures, and where it was measured. */
export type ScalingBenchmark = ClaimFigures & { readonly name: string };

/** From 10^3 contracts to 10^12. */
const WIDE: readonly Nesting[] = [1, 2, 3, 4].flatMap((depth) =>
  (["parent", "top"] as const).map((anchors) => ({ depth, breadth: 1_000, anchors })),
);
/** How the figures grow with depth alone, and with breadth alone. */
const GROWTH: readonly Nesting[] = [
  ...[8, 16].map((depth) => ({ depth, breadth: 10, anchors: "parent" as const })),
  ...[10, 100, 10_000].map((breadth) => ({ depth: 4, breadth, anchors: "parent" as const })),
];

/** Build claims under many levels of many siblings and check them, here and in a browser. */
export async function benchScaling(): Promise<ScalingBenchmark[]> {
  const here = [...WIDE, ...GROWTH].map((nesting) => ({
    name: `${nameOf(nesting)}, Node`,
    ...measureClaim(nesting, () => performance.now()),
  }));
  return [...here, ...(await measureInBrowser(WIDE))];
}

function nameOf({ depth, breadth, anchors }: Nesting): string {
  const siblings = breadth.toLocaleString("en");
  return `claim: depth ${depth}, ${siblings} siblings, posts in the ${anchors}`;
}

async function measureInBrowser(nestings: readonly Nesting[]): Promise<ScalingBenchmark[]> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "esnext",
      lib: {
        entry: fileURLToPath(new URL("scaling/inBrowser.ts", import.meta.url)),
        formats: ["iife"],
        name: "scaling",
      },
    },
  });
  const [bundle] = Array.isArray(built) ? built : [];
  const code = bundle?.output[0].code;
  if (code === undefined) throw new Error("the bundler made no script");
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: code });
    const rows: ScalingBenchmark[] = [];
    for (const nesting of nestings) {
      const figures = await page.evaluate((each) => {
        const { measureClaim: measure } = globalThis as unknown as {
          measureClaim: (nesting: unknown) => ClaimFigures;
        };
        return measure(each);
      }, nesting);
      rows.push({ name: `${nameOf(nesting)}, Chromium`, ...figures });
    }
    return rows;
  } finally {
    await browser.close();
  }
}
