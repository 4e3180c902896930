import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { benchArrival } from "./arrival.ts";
import { benchBlocks } from "./blocks.ts";
import { benchChalang } from "./chalang.ts";
import { benchHeaders } from "./headers.ts";
import { benchMarket } from "./market.ts";
import { benchMemory } from "./memory.ts";
import { benchPool } from "./pool.ts";
import { benchScaling } from "./scaling.ts";
import { benchShare } from "./share.ts";
import { benchSpace } from "./space.ts";
import { benchStates } from "./states.ts";

/** `npm run bench`: one table for a person, and `.bench.json` for a program. */
await build({ logLevel: "error" });
const bundles = readdirSync("dist/assets")
  .filter((file) => file.endsWith(".js"))
  .map((file) => ({
    name: `bundle: ${file.replace(/-[^-]+[.]js$/, "")}`,
    gzipKilobytes: Math.round(gzipSync(readFileSync(`dist/assets/${file}`)).length / 100) / 10,
  }));
const rows: readonly Readonly<Record<string, unknown>>[] = [
  ...benchChalang(),
  ...benchHeaders(),
  ...benchSpace(),
  ...benchShare(),
  ...(await benchBlocks()),
  ...benchMarket(),
  ...(await benchArrival()),
  ...(await benchPool()),
  ...(await benchStates()),
  ...(await benchScaling()),
  ...(await benchMemory()),
  ...bundles,
];
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
for (const { name, ...figures } of rows) {
  const words = Object.entries(figures).map(([figure, value]) => `${figure} ${String(value)}`);
  console.log(`${String(name).padEnd(56)} ${words.join("  ")}`);
}
console.log(`\n${machine.cpus} cores, ${machine.model}, Node ${machine.node}`);
writeFileSync(".bench.json", `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
