import { groupThousands } from "./amount.ts";

/** `1 in 50 (2 %)` for the chance `part` of `whole`; whole numbers of satoshi of space. */
export function formatChance(part: bigint, whole: bigint): string {
  if (part <= 0n || whole <= 0n) return "no chance";
  if (part >= whole) return "certain (100 %)";
  return `${formatOdds(part, whole)} (${formatPercent(part, whole)})`;
}

/** `2 %`, with as many decimals as two significant digits need, at most six. */
export function formatPercent(part: bigint, whole: bigint): string {
  const percent = (Number((part * 10n ** 12n) / whole) / 10 ** 12) * 100;
  if (percent === 0) return part > 0n ? "under 0.000001 %" : "0 %";
  const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(percent))));
  const text = percent.toFixed(percent >= 10 ? 1 : decimals);
  return `${text.includes(".") ? text.replace(/\.?0+$/, "") : text} %`;
}

/** `1 in 50`, `2 in 3`, or `about 1 in 33`: the simplest odds that say it. */
function formatOdds(part: bigint, whole: bigint): string {
  const shared = greatestDivisor(part, whole);
  const [top, bottom] = [part / shared, whole / shared];
  if (top === 1n || bottom <= 100n) return `${top} in ${groupThousands(bottom)}`;
  if (whole / part < 2n) {
    const missed = whole - part;
    const of = (whole + missed / 2n) / missed;
    return of > 1000n ? "nearly certain" : `about ${of - 1n} in ${of}`;
  }
  const exact = (whole * 10n + part / 2n) / part;
  const odds =
    exact % 10n === 0n || exact >= 100n
      ? groupThousands((exact + 5n) / 10n)
      : `${exact / 10n}.${exact % 10n}`;
  return `about 1 in ${odds}`;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

const SHARE_SCALE = 1_000_000;

/** The words for a chance in [0, 1] that was computed, good to one part in a million. */
export function formatShare(chance: number): string {
  return formatChance(BigInt(Math.round(chance * SHARE_SCALE)), BigInt(SHARE_SCALE));
}
