// Holds the built wallet to its budget: what a page must load before it can be used, compressed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Kilobytes of gzip for scripts whose name begins so; the rest is loaded after first use. */
const BUDGETS = [
  { name: "page", kilobytes: 150 },
  { name: "wallet.worker", kilobytes: 120 },
  { name: "signer.worker", kilobytes: 120 },
  { name: "verify.worker", kilobytes: 120 },
];

let isOver = false;
for (const { name, kilobytes } of BUDGETS) {
  const files = readdirSync("dist/assets").filter(
    (file) => file.startsWith(`${name}-`) && file.endsWith(".js"),
  );
  if (files.length !== 1) {
    console.error(`expected one script called ${name} in dist/assets, got ${files.length}`);
    isOver = true;
    continue;
  }
  const size = gzipSync(readFileSync(`dist/assets/${files[0]}`)).length / 1_000;
  console.log(`${name}: ${size.toFixed(1)} KB of ${kilobytes}`);
  if (size > kilobytes) isOver = true;
}
process.exit(isOver ? 1 : 0);
