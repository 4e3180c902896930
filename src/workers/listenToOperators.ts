import { writeChainAddress } from "../api/chainAddress.ts";
import type { ChainTracker } from "../client/chainTracker.ts";
import type { MarketFeeds } from "../client/orders/marketFeeds.ts";
import type { OperatorSource } from "../client/ports.ts";

/**
 * Listen to the operators of all chains that are followed: to the blocks of each chain, and to what each server says of its
 * books. To be called again whenever more are followed: one chain may bring all those above it.
 *
 * @param onBlock - a block is there, or the connection is cut.
 * @returns listens to what is new; a chain that `address` names is listened to there, as a server of several needs it.
 */
export function createOperatorListener(
  tracker: Pick<ChainTracker, "chains">,
  feeds: Pick<MarketFeeds, "follow">,
  sourceAt: (url: string) => OperatorSource,
  onBlock: () => void,
): (address?: string) => void {
  const heard = new Set<string>();
  return (address = "") => {
    for (const { followed } of tracker.chains()) {
      const { url, facts } = followed;
      const place = writeChainAddress(url, facts.id);
      if (!heard.has(place)) {
        heard.add(place);
        sourceAt(address === place ? address : url).follow(onBlock, onBlock);
      }
      // What is said of books is kept under the server, by whatever address its chain was named.
      if (!heard.has(url)) {
        heard.add(url);
        feeds.follow(sourceAt(url));
      }
    }
  };
}
