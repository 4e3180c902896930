import { parseHex } from "../../lib/hex.ts";
import { demand } from "../../lib/verdict.ts";
import type { PostPlace } from "../../protocol/anchor.ts";

/** Which contract of the parent becomes a chain. Amounts and coordinates in satoshi. */
export type ContractChoice =
  /** One that this operator's key holds already. */
  | { readonly kind: "held"; readonly id: Uint8Array }
  /** The one that its owner hands over to this operator's key: exactly this range. */
  | { readonly kind: "range"; readonly lo: bigint; readonly hi: bigint }
  /** One that this operator buys first. */
  | { readonly kind: "bought"; readonly width: bigint };

/** A chain inside a contract, as the command line asks for it. */
export type InsideFlags = {
  readonly parentUrl: string;
  /** Undefined where the data directory has its contract already. */
  readonly choice: ContractChoice | undefined;
  /** Where it posts: the parent unless told otherwise. Undefined where nothing is said. */
  readonly anchor: { readonly kind: "parent" } | PostPlace | undefined;
  /** Main-chain blocks of the anchor's silence after which it switches to the main chain; 0 at once, undefined never. */
  readonly switchAfter: number | undefined;
};

/** The flags that belong to a chain inside a contract. */
export const INSIDE_OPTIONS = {
  parent: { type: "string" },
  contract: { type: "string" },
  range: { type: "string" },
  buy: { type: "string" },
  anchor: { type: "string" },
  switch: { type: "boolean" },
  "switch-after": { type: "string" },
} as const;

type Values = {
  readonly [Name in keyof typeof INSIDE_OPTIONS]?:
    | ((typeof INSIDE_OPTIONS)[Name]["type"] extends "boolean" ? boolean : string)
    | undefined;
};

const AMOUNT = /^(?:0|[1-9][0-9]{0,18})$/;
const ID = /^[0-9a-f]{64}$/;

/** Read them; undefined without `--parent`. Throws a `Refusal` that names the flag at fault. */
export function readInside(values: Values): InsideFlags | undefined {
  const { parent, contract, range, buy, anchor } = values;
  if (parent === undefined) {
    const { parent: _, ...others } = INSIDE_OPTIONS;
    for (const name of Object.keys(others) as (keyof typeof others)[]) {
      const value = values[name];
      const what = `--${name} is for a chain inside another: expected --parent too`;
      demand(value === undefined, "BAD_FLAG", what);
    }
    return undefined;
  }
  const isHttp = /^https?:[/][/]/.test(parent) && URL.canParse(parent);
  demand(isHttp, "BAD_FLAG", `expected --parent as an http or https address, got ${parent}`);
  const chosen = [contract, range, buy].filter((each) => each !== undefined);
  demand(
    chosen.length <= 1,
    "BAD_FLAG",
    "expected one of --contract, --range and --buy: a chain is inside one contract",
  );
  return {
    parentUrl: parent.replace(/[/]+$/, ""),
    choice: readChoice({ contract, range, buy }),
    anchor: anchor === undefined ? undefined : readAnchorFlag(anchor),
    switchAfter: readSwitchAfter(values),
  };
}

function readChoice({ contract, range, buy }: Values): ContractChoice | undefined {
  if (contract !== undefined) return { kind: "held", id: readId(contract, "--contract") };
  if (buy !== undefined) {
    const isWidth = AMOUNT.test(buy) && buy !== "0";
    demand(isWidth, "BAD_FLAG", `expected --buy as a width in satoshi, got ${buy}`);
    return { kind: "bought", width: BigInt(buy) };
  }
  if (range === undefined) return undefined;
  const [lo = "", hi = "", ...more] = range.split(",");
  const isRange =
    AMOUNT.test(lo) && AMOUNT.test(hi) && more.length === 0 && BigInt(lo) < BigInt(hi);
  demand(isRange, "BAD_FLAG", `expected --range as LO,HI in satoshi, LO below HI, got ${range}`);
  return { kind: "range", lo: BigInt(lo), hi: BigInt(hi) };
}

function readSwitchAfter(values: Values): number | undefined {
  const after = values["switch-after"];
  demand(
    values.switch !== true || after === undefined,
    "BAD_FLAG",
    "expected one of --switch and --switch-after: now, or after a silence",
  );
  if (values.switch === true) return 0;
  if (after === undefined) return undefined;
  const isCount = /^[1-9][0-9]{0,6}$/.test(after);
  demand(isCount, "BAD_FLAG", `expected --switch-after in main-chain blocks, from 1, got ${after}`);
  return Number(after);
}

function readAnchorFlag(anchor: string): NonNullable<InsideFlags["anchor"]> {
  if (anchor === "parent") return { kind: "parent" };
  if (anchor === "main") return { kind: "mainChain" };
  return { kind: "chain", id: readId(anchor, "--anchor as parent, main, or a chain's id:") };
}

function readId(text: string, what: string): Uint8Array {
  const isId = ID.test(text);
  demand(isId, "BAD_FLAG", `expected ${what} 64 letters of lower-case hex, got ${text}`);
  return parseHex(text);
}
