/**
 * One watchtower that keeps this wallet's evidence.
 *
 * - `state`: `lags` where it has not read the main chain for too long, or has not acted on what it signed for; `refused`
 *   where it keeps nothing more, or proves nothing; `note` says why in a sentence, empty when live.
 * - `scannedHeight`: the last main-chain block that it says, signed, it has read.
 * - `appointments`: pieces of evidence that this wallet wants kept. `receipts`: those it has a signed receipt for.
 */
export type TowerView = {
  readonly url: string;
  readonly state: "live" | "lags" | "down" | "refused";
  readonly scannedHeight: number;
  readonly appointments: number;
  readonly receipts: number;
  readonly note: string;
};
