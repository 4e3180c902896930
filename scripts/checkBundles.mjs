// Holds the built wallet to its budget: what a page must load before it can be used, compressed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * Kilobytes of gzip for scripts whose name begins so, together with all that they import at once; what they ask for later
 * is loaded after first use.
 */
const BUDGETS = [
  { name: "page", kilobytes: 150 },
  { name: "wallet.worker", kilobytes: 120 },
  { name: "signer.worker", kilobytes: 120 },
  { name: "verify.worker", kilobytes: 120 },
  { name: "proof.worker", kilobytes: 120 },
];
const FOLDER = "dist/assets";

/** The file and everything that it imports at once, itself or by way of others. */
function collect(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(`${FOLDER}/${file}`, "utf8");
  // `import … from "./x.js"`, `export … from "./x.js"` and `import "./x.js"`, but not `import("./x.js")`.
  for (const [, other] of source.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
    collect(other, found);
  }
  return found;
}

let isOver = false;
for (const { name, kilobytes } of BUDGETS) {
  const files = readdirSync(FOLDER).filter(
    (file) => file.startsWith(`${name}-`) && file.endsWith(".js"),
  );
  if (files.length !== 1) {
    console.error(`expected one script called ${name} in ${FOLDER}, got ${files.length}`);
    isOver = true;
    continue;
  }
  const all = [...collect(files[0])];
  const bytes = all.reduce(
    (sum, file) => sum + gzipSync(readFileSync(`${FOLDER}/${file}`)).length,
    0,
  );
  const size = bytes / 1_000;
  console.log(`${name}: ${size.toFixed(1)} KB of ${kilobytes}, in ${all.length} files`);
  if (size > kilobytes) isOver = true;
}
process.exit(isOver ? 1 : 0);
