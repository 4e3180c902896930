import type { NetworkView } from "../../workers/walletApi.ts";
import type { Deadline } from "../figures/deadlines.ts";
import { groupThousands } from "../words/amount.ts";
import { describeDeadline } from "../words/deadline.ts";
import { estimateMs, formatDuration } from "../words/time.ts";
import type { CalendarEntry } from "./writeCalendar.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Told so long before, where there is still more time than that. */
const ALARMS = [DAY, HOUR, 10 * MINUTE];
const LENGTH_MS = HOUR / 2;
/** Blocks may come faster than they should: an entry ends earlier by this part of the time that is left. */
const HASTE = 10;
const ENTRIES_MAX = 200;

/**
 * Deadlines in blocks as entries of a calendar. They end before the deadline is expected, and say that it is an
 * estimate, and as of which block.
 */
export function createEntries(
  deadlines: readonly Deadline[],
  network: Pick<NetworkView, "name" | "height" | "tipTimeMs" | "blockPeriodMs">,
  nowMs: number,
): readonly CalendarEntry[] {
  return deadlines.slice(0, ENTRIES_MAX).map((deadline) => {
    const { title, gist } = describeDeadline(deadline);
    const left = Math.max(0, estimateMs(deadline.until, network) - nowMs);
    const endMs = nowMs + left - left / HASTE;
    const block = groupThousands(deadline.until);
    return {
      uid: `${deadline.id}@${network.name}.sortition`,
      startMs: Math.max(nowMs, endMs - LENGTH_MS),
      endMs,
      title,
      note: `${gist}\nMain-chain block ${block} is the last that counts. The main chain counts blocks, not hours: at block ${groupThousands(network.height)} there were about ${formatDuration(left)} left, and this entry ends a tenth earlier, because blocks may come faster. Save it again from the wallet to have it exact.`,
      alarmsMs: ALARMS.filter((before) => before < endMs - nowMs),
    };
  });
}
