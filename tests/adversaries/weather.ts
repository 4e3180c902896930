import type { SeededRandom } from "../reference/seededRandom.ts";
import type { Weather } from "./replay.ts";

/** How often the weather struck. */
export type WeatherCounts = { cuts: number; delays: number; shortAnswers: number };

/** Answers that do not come, come short, or are some blocks old; until it clears. */
export function createWeather(
  random: SeededRandom,
  counts: WeatherCounts,
): Weather & { clear(): void } {
  const badness = 2 + random.below(12);
  let isClear = false;
  const strikes = () => !isClear && random.below(badness) === 0;
  return {
    cut() {
      const isCut = strikes() && random.below(3) === 0;
      counts.cuts += Number(isCut);
      return isCut;
    },
    sent(count) {
      if (count === 0 || !strikes()) return count;
      counts.shortAnswers += 1;
      return random.below(count);
    },
    lag() {
      if (!strikes()) return 0;
      counts.delays += 1;
      return 1 + random.below(3);
    },
    clear() {
      isClear = true;
    },
  };
}
