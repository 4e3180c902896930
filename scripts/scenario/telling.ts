const VEO = 100_000_000n;

/** Throws where a step is not as it should be. */
export function expect(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`not as it should be: ${what}`);
}

/** `12.5 VEO`. */
export function veo(satoshi: bigint): string {
  const rest = (satoshi % VEO).toString().padStart(8, "0").replace(/0+$/, "");
  return `${satoshi / VEO}${rest === "" ? "" : `.${rest}`} VEO`;
}

/** What a run came to, for who compares runs. */
export type Outcome = {
  readonly point: bigint;
  readonly tip: string;
  readonly balance: bigint;
};
