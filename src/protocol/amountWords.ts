import { PRICE_PARTS } from "./limits.ts";

export const SATOSHI_PER_VEO = 100_000_000n;
/** Decimals of a VEO. */
export const VEO_DECIMALS = 8;

/** `1,204` for a height or a count, given as a number or in decimal digits. */
export function groupThousands(count: bigint | number | string): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1,234.5` for 123450000000 satoshi: exact, no trailing zeros, thousands parted. */
export function formatAmount(satoshi: bigint): string {
  const size = satoshi < 0n ? -satoshi : satoshi;
  const whole = groupThousands(size / SATOSHI_PER_VEO);
  const part = (size % SATOSHI_PER_VEO).toString().padStart(VEO_DECIMALS, "0").replace(/0+$/, "");
  return `${satoshi < 0n ? "−" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}

/** `12.5 VEO`: an amount or a coordinate with its unit, for sentences. */
export function formatVeo(satoshi: bigint): string {
  return `${formatAmount(satoshi)} VEO`;
}

/** `412 to 432 VEO`: a half-open range of the space, in satoshi, as people read it everywhere. */
export function formatRange(lo: bigint, hi: bigint): string {
  return `${formatAmount(lo)} to ${formatAmount(hi)} VEO`;
}

/** `0.57` for 570 thousandths, `0.575` for 575: a price of a position that pays 1, as people read it everywhere. */
export function formatPrice(thousandths: number): string {
  return (thousandths / PRICE_PARTS).toFixed(3).replace(/0$/, "");
}
