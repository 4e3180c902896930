import { parseArgs } from "node:util";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";

/** What a tower is started with. */
export type TowerFlags = {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly node: string;
  readonly keyFile: string;
  /** Whether it asks a local network's faucet when it has no money for fees. */
  readonly faucet: boolean;
};

/** How a tower is started, for a person. */
const USAGE = `tower --data DIR --node URL [--key FILE] [--port 8600] [--host 127.0.0.1] [--faucet]`;

/** Read the command line. A flag that is wrong or missing is named. */
export function parseFlags(args: readonly string[]): Verdict<TowerFlags> {
  return judge(() => {
    const { data, node, key, port = "8600", host, faucet } = readValues(args);
    if (data === undefined || node === undefined) {
      throw new Refusal("FLAG_MISSING", `expected --data and --node\n${USAGE}`);
    }
    demand(
      /^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535,
      "BAD_FLAG",
      `expected --port as an integer of 0 to 65535, got ${port}`,
    );
    demand(
      /^https?:/.test(node) && URL.canParse(node),
      "BAD_FLAG",
      `expected --node as a URL, got ${node}`,
    );
    return {
      data,
      port: Number(port),
      host: host ?? "127.0.0.1",
      node: node.replace(/\/+$/, ""),
      keyFile: key ?? `${data}/key`,
      faucet: faucet === true,
    };
  });
}

function readValues(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        node: { type: "string" },
        key: { type: "string" },
        faucet: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("BAD_FLAG", `${why}\n${USAGE}`);
  }
}
