import { parseArgs } from "node:util";
import { drawCurve, sumOf } from "./simulation/curve.ts";

/**
 * `npm run simulate`: days of trade in one market, for operators who deal with more or less money of their own; what they
 * needed, and what the crowd had of it.
 */
const { values } = parseArgs({
  options: {
    batches: { type: "string", default: "200" },
    traders: { type: "string", default: "60" },
    days: { type: "string", default: "3" },
  },
});
const VEO = 100_000_000n;
const CAPITALS = [0n, 1n, 2n, 4n, 8n, 16n, 32n].map((veo) => veo * VEO);
const plan = {
  batches: Number(values.batches),
  traders: Number(values.traders),
  orders: 12,
  wealth: 4n * VEO,
};
const seeds = Array.from({ length: Number(values.days) }, (_, index) => index + 1);

const columns: readonly (readonly [string, number])[] = [
  ["capital", 10],
  ["traded", 12],
  ["held at most", 14],
  ["of traded", 11],
  ["his side of", 13],
  ["orders filled", 15],
  ["worst result", 14],
];
const row = (cells: readonly string[]) =>
  console.log(cells.map((cell, index) => cell.padStart(columns[index]?.[1] ?? 0)).join(""));
console.log(
  `${seeds.length} days of ${plan.batches} batches, ${plan.traders} traders with 4 VEO each; means of a day, in VEO\n`,
);
row(columns.map(([name]) => name));
for (const point of drawCurve(plan, CAPITALS, seeds)) {
  const veo = (satoshi: bigint) => (Number(satoshi) / Number(VEO) / seeds.length).toFixed(2);
  const share = (part: bigint, whole: bigint) =>
    whole === 0n ? "-" : `${((100 * Number(part)) / Number(whole)).toFixed(1)} %`;
  const traded = sumOf(point, "traded");
  const held = sumOf(point, "held");
  const bar = "#".repeat(
    Math.round((40 * Number(sumOf(point, "filled"))) / Number(sumOf(point, "wanted"))),
  );
  row([
    String(point.capital / VEO),
    veo(traded),
    veo(held),
    share(held, traded),
    share(sumOf(point, "dealt"), traded),
    share(sumOf(point, "filled"), sumOf(point, "wanted")),
    veo(sumOf(point, "worst")),
    `  ${bar}`,
  ]);
}
