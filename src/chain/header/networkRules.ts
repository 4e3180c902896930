import type { NetworkParameters } from "../../protocol/network.ts";

/**
 * The parameters that header rules depend on; every `NetworkParameters` is one.
 *
 * - `initialDifficulty`: the least difficulty, sci notation. - `retargetFrequency`: blocks of the old retarget.
 * - `fork2Height`: first height of today's work form. - `fork4Height`: above it the old retarget comes twice as often.
 * - `fork7Height`: parents above it use the hashrate rule. - `periodTenths`: what our networks demand in `period`.
 *
 * @see AMOVEO.md section 1
 */
export type HeaderRules = Pick<
  NetworkParameters,
  | "initialDifficulty"
  | "retargetFrequency"
  | "fork2Height"
  | "fork4Height"
  | "fork7Height"
  | "periodTenths"
>;
