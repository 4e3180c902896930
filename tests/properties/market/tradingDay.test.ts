import { describe, expect, it } from "vitest";
import { drawCurve, sumOf } from "../../../scripts/simulation/curve.ts";

const VEO = 100_000_000n;
const plan = { batches: 40, traders: 40, orders: 10, wealth: 4n * VEO };
const [bystander, dealer] = drawCurve(plan, [0n, 4n * VEO], [1, 2]);
if (bystander === undefined || dealer === undefined) throw new Error("expected both points");

describe("a day of trade", () => {
  it("needs nothing of the operator, and everybody owns together what they owned before", () => {
    expect(sumOf(bystander, "traded")).toBeGreaterThan(100n * VEO);
    expect(sumOf(bystander, "held")).toBe(0n);
    for (const { owned } of bystander.days) {
      expect(owned).toEqual({ true: 160n * VEO, false: 160n * VEO, bad: 160n * VEO });
    }
  });

  it("fills more orders where the operator deals himself, with a tenth of what is traded at most", () => {
    expect(sumOf(dealer, "dealt")).toBeGreaterThan(0n);
    expect(sumOf(dealer, "held")).toBeGreaterThan(0n);
    expect(10n * sumOf(dealer, "held")).toBeLessThanOrEqual(sumOf(dealer, "traded"));
    const fillOf = (point: typeof dealer) =>
      Number(sumOf(point, "filled")) / Number(sumOf(point, "wanted"));
    expect(fillOf(dealer)).toBeGreaterThan(1.1 * fillOf(bystander));
  });
});
