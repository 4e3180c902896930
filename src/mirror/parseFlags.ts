import { parseArgs } from "node:util";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";

/** What a mirror is started with. */
export type MirrorFlags = {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly node: string;
  /** Where the chains are served that it mirrors, with all that they are inside of. */
  readonly operators: readonly string[];
  /** Other mirrors, which may have what an operator does not serve any more. */
  readonly mirrors: readonly string[];
};

const URLS_MAX = 64;

/** How a mirror is started, for a person. */
const USAGE = `mirror --data DIR --node URL [--operator URL]... [--mirror URL]...
  [--port 8500] [--host 127.0.0.1]`;

/** Read the command line. A flag that is wrong or missing is named. */
export function parseFlags(args: readonly string[]): Verdict<MirrorFlags> {
  return judge(() => {
    const { data, node, operator = [], mirror = [], port = "8500", host } = readValues(args);
    if (data === undefined || node === undefined) {
      throw new Refusal("FLAG_MISSING", `expected --data and --node\n${USAGE}`);
    }
    demand(
      /^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535,
      "BAD_FLAG",
      `expected --port as an integer of 0 to 65535, got ${port}`,
    );
    return {
      data,
      port: Number(port),
      host: host ?? "127.0.0.1",
      node: readUrl("--node", node),
      operators: readUrls("--operator", operator),
      mirrors: readUrls("--mirror", mirror),
    };
  });
}

function readUrls(flag: string, urls: readonly string[]): string[] {
  demand(urls.length <= URLS_MAX, "BAD_FLAG", `expected ${flag} at most ${URLS_MAX} times`);
  return urls.map((url) => readUrl(flag, url));
}

function readUrl(flag: string, url: string): string {
  demand(
    /^https?:/.test(url) && URL.canParse(url),
    "BAD_FLAG",
    `expected ${flag} as a URL, got ${url}`,
  );
  return url.replace(/\/+$/, "");
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
        operator: { type: "string", multiple: true },
        mirror: { type: "string", multiple: true },
      },
    });
    return values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("BAD_FLAG", `${why}\n${USAGE}`);
  }
}
