import { parseArgs } from "node:util";
import { parseHex } from "../lib/hex.ts";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";

/** What a node is started with. */
export type NodeFlags = {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly peers: readonly string[];
  /** 33-byte key that is paid for blocks; undefined for a node that does not mine. */
  readonly miner: Uint8Array | undefined;
  /** Whether the faucet of the local network is open here. */
  readonly faucet: boolean;
  /** Whether blocks are made on command alone, at the times that the command says. */
  readonly manual: boolean;
};

/** How a node is started, for a person. */
const USAGE = `node --data DIR [--port 8300] [--host 127.0.0.1] [--peer URL]...
  [--mine PUBLIC_KEY] [--faucet] [--manual]`;

/** Read the command line. A flag that is wrong or missing is named. */
export function parseFlags(args: readonly string[]): Verdict<NodeFlags> {
  return judge(() => {
    const values = readValues(args);
    if (values.data === undefined) throw new Refusal("FLAG_MISSING", `expected --data\n${USAGE}`);
    const port = Number(values.port ?? "8300");
    demand(
      /^[0-9]{1,5}$/.test(values.port ?? "8300") && port <= 65_535,
      "BAD_FLAG",
      `expected --port as an integer of 0 to 65535, got ${values.port}`,
    );
    const peers = values.peer ?? [];
    for (const peer of peers) {
      const isUrl = /^https?:\/\//.test(peer) && URL.canParse(peer);
      demand(isUrl, "BAD_FLAG", `expected --peer as a URL of http or https, got ${peer}`);
    }
    const { mine } = values;
    demand(
      mine === undefined || /^0[23][0-9a-f]{64}$/.test(mine),
      "BAD_FLAG",
      "expected --mine as a compressed public key in lower-case hex",
    );
    return {
      port,
      host: values.host ?? "127.0.0.1",
      data: values.data,
      peers: peers.map((peer) => peer.replace(/\/+$/, "")),
      miner: mine === undefined ? undefined : parseHex(mine),
      faucet: values.faucet === true,
      manual: values.manual === true,
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
        peer: { type: "string", multiple: true },
        mine: { type: "string" },
        faucet: { type: "boolean" },
        manual: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("BAD_FLAG", `${why}\n${USAGE}`);
  }
}
