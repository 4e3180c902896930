/** The zero of header times, 2018-02-22 10:26:15.9 UTC, in tenths of a second of unix time. */
const ZERO_TENTHS = 15_192_951_759;

/**
 * The time field of a header made at `unixMs`, in tenths of a second, rounded down.
 *
 * @see AMOVEO.md section 1
 */
export function computeHeaderTime(unixMs: number): number {
  return Math.floor(unixMs / 100) - ZERO_TENTHS;
}

/** The unix time, in milliseconds, that a header's time field stands for. */
export function computeUnixMs(headerTime: number): number {
  return (headerTime + ZERO_TENTHS) * 100;
}
