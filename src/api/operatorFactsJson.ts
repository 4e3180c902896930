import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";
import { readLabel } from "./chainLabel.ts";
import { amount, bytes, fields, form, integer, type JsonForm, text } from "./jsonForm.ts";
import { marketsForm } from "./marketsForm.ts";
import type { OperatorFacts } from "./operatorApi.ts";

type Parent = NonNullable<OperatorFacts["parent"]>;

function writeParent({ chainId, url }: Parent): unknown {
  return { chainId: formatHex(chainId), url };
}

function readParent(json: unknown): Parent {
  const all = fields(json, ["chainId", "url"], "parent");
  return { chainId: bytes(all.chainId, "chainId", 32), url: text(all.url, "url") };
}

export const factsForm: JsonForm<OperatorFacts> = form(
  (facts) => ({
    ...facts,
    chainId: formatHex(facts.chainId),
    operator: formatHex(facts.operator),
    parent: facts.parent === undefined ? null : writeParent(facts.parent),
    networkId: formatHex(facts.networkId),
    lo: facts.lo.toString(),
    hi: facts.hi.toString(),
    widthMin: facts.widthMin.toString(),
    markets: marketsForm.write(facts.markets),
    tip: formatHex(facts.tip),
  }),
  (json) => {
    const names = ["chainId", "operator", "label", "parent", "networkId", "lo", "hi", "expiry"];
    const more = ["feeBps", "widthMin", "markets", "height", "tip", "mainHeight"];
    const all = fields(json, [...names, ...more], "facts");
    return {
      chainId: bytes(all.chainId, "chainId", 32),
      operator: bytes(all.operator, "operator", 33),
      label: readLabel(all.label),
      parent: all.parent === null ? undefined : readParent(all.parent),
      networkId: bytes(all.networkId, "networkId", 32),
      lo: amount(all.lo, "lo"),
      hi: amount(all.hi, "hi"),
      expiry: integer(all.expiry, "expiry"),
      feeBps: integer(all.feeBps, "feeBps", 10_000),
      widthMin: amount(all.widthMin, "widthMin"),
      markets: insist(marketsForm.read(all.markets)),
      height: integer(all.height, "height"),
      tip: bytes(all.tip, "tip", 32),
      mainHeight: integer(all.mainHeight, "mainHeight"),
    };
  },
);
