import { execFile } from "node:child_process";
import process from "node:process";
import { PASSPHRASE } from "./wallet.ts";

/** What `npm run -s kit` says of a claim kit, opened by the passphrase of these wallets. */
export function runKit(file: string, nodeUrl: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = ["--import", "tsx", "scripts/kit.ts", file, "--node", nodeUrl];
    const child = execFile(process.execPath, command, (error, output) => {
      if (error === null) resolve(output);
      else reject(error);
    });
    child.stdin?.end(`${PASSPHRASE}\n`);
  });
}
