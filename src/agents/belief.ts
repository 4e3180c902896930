import { PRICE_PARTS } from "../protocol/limits.ts";
import { chanceAt } from "./chance.ts";

/** What a `yes` is taken to be worth once a block of this height is made, in thousandths. */
export type Belief = (height: number) => number;

/** A belief stays this far from being sure, in thousandths. */
const DOUBT = 50;

/**
 * A belief that goes up or down by `step` thousandths with each block, by the seed alone: who starts anew believes the same at
 * the same height. A step of 0 is a belief that stays.
 */
export function createBelief(seed: string, start: number, step: number): Belief {
  const known = [reflect(start)];
  return (height) => {
    for (let next = known.length; next <= height; next++) {
      const move = chanceAt(seed, next) < 0.5 ? -step : step;
      known.push(reflect((known[next - 1] ?? start) + move));
    }
    return known[height] ?? start;
  };
}

/** What goes beyond an end comes back from it. */
function reflect(thousandths: number): number {
  const most = PRICE_PARTS - DOUBT;
  const above = thousandths > most ? 2 * most - thousandths : thousandths;
  return Math.min(most, Math.max(DOUBT, above < DOUBT ? 2 * DOUBT - above : above));
}
