import { type DayFigures, type DayPlan, tradeDay } from "./tradingDay.ts";

/** Several days with one capital, added up. `capital`: satoshi that the operator had each day. */
export type CurvePoint = { readonly capital: bigint; readonly days: readonly DayFigures[] };

/** The same days, by their seeds, for operators of different capital. */
export function drawCurve(
  plan: Omit<DayPlan, "seed" | "capital">,
  capitals: readonly bigint[],
  seeds: readonly number[],
): CurvePoint[] {
  return capitals.map((capital) => ({
    capital,
    days: seeds.map((seed) => tradeDay({ ...plan, seed, capital })),
  }));
}

/** The sum of a figure over the days of a point. */
export function sumOf(
  { days }: CurvePoint,
  figure: "traded" | "dealt" | "wanted" | "filled" | "held" | "worst",
): bigint {
  return days.reduce((sum, day) => sum + day[figure], 0n);
}
