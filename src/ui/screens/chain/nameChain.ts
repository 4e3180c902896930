import type { ChainView } from "../../../workers/walletApi.ts";
import { formatVeo } from "../../words/amount.ts";

/** `Prize of 1,000 VEO`: what people tell a chain by. */
export function nameChain(chain: ChainView): string {
  return `Prize of ${formatVeo(chain.prize.amount)}`;
}
