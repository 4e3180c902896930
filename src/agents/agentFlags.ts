import { parseArgs } from "node:util";
import { parseHex } from "../lib/hex.ts";

/** What every agent is started with. */
export type AgentFlags = {
  readonly data: string;
  readonly node: string;
  readonly key: Uint8Array | undefined;
  /** Act on the parent's word alone, for a scenario that fixes all order. */
  readonly manual: boolean;
  /** One of the agent's own flags; it must be there where nothing stands for it. */
  readonly text: (name: string, orElse?: string) => string;
  /** The same for a whole number that is not negative. */
  readonly amount: (name: string, orElse?: string) => bigint;
};

/** The environment variable that may hold the key as hex, for tests and scripted networks. */
const KEY_VARIABLE = "SORTITION_AGENT_KEY";

/** Read the command line; throws with the flag that is wrong or missing. */
export function readAgentFlags(args: readonly string[], own: readonly string[]): AgentFlags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(["data", "node", ...own].map((name) => [name, TEXT])),
      manual: { type: "boolean" },
    },
  });
  const byName: Readonly<Record<string, unknown>> = values;
  const text = (name: string, orElse?: string): string => {
    const value = byName[name] ?? orElse;
    if (typeof value !== "string") throw new Error(`expected --${name}`);
    return value;
  };
  const amount = (name: string, orElse?: string): bigint => {
    const value = text(name, orElse);
    if (!/^[0-9]{1,16}$/.test(value)) {
      throw new Error(`expected --${name} as a whole number, got ${value}`);
    }
    return BigInt(value);
  };
  const hex = process.env[KEY_VARIABLE];
  if (hex !== undefined && !/^[0-9a-f]{64}$/.test(hex)) {
    throw new Error(`expected 64 letters of lower-case hex in ${KEY_VARIABLE}`);
  }
  return {
    data: text("data"),
    node: text("node"),
    key: hex === undefined ? undefined : parseHex(hex),
    manual: values.manual === true,
    text,
    amount,
  };
}

const TEXT = { type: "string" } as const;
