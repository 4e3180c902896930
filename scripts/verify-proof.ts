import { readFileSync, statSync } from "node:fs";
import process from "node:process";
import { createLocalGenesis } from "../src/chain/localNetwork.ts";
import { describeProof } from "../src/proof/describeProof.ts";
import { verifyProofFile } from "../src/proof/verifyProofFile.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";

const USAGE = "usage: npm run -s verify-proof -- FILE\n";
/** No file that proves anything is longer; a longer one is not even read. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

process.exitCode = main(process.argv.slice(2));

/** The exit code: 0 if the file proves a contract, 1 if not, 2 if it could not be read. Nothing is asked of anybody. */
function main([file, ...rest]: readonly string[]): number {
  if (file === undefined || rest.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const bytes = read(file);
  if (bytes === undefined) return 2;
  const rules = createRules(LOCAL_NETWORK);
  const genesis = createLocalGenesis(rules).header;
  const proven = verifyProofFile(bytes, { rules, genesis });
  if (!proven.ok) {
    process.stdout.write(`proves nothing: ${proven.code}: ${proven.message}\n`);
    return 1;
  }
  const { headline, proves, asOf, unknown } = describeProof(proven.value);
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join("");
  process.stdout.write(
    `${headline}\n\nIt proves\n${list(proves)}\nAs of\n${list(asOf)}\nIt cannot know\n${list(unknown)}`,
  );
  return 0;
}

function read(file: string): Uint8Array | undefined {
  try {
    const { size } = statSync(file);
    if (size <= FILE_BYTES_MAX) return new Uint8Array(readFileSync(file));
    process.stderr.write(`expected a file of at most ${FILE_BYTES_MAX} bytes, got ${size}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  }
  return undefined;
}
