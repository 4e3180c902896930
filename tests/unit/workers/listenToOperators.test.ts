import { describe, expect, it } from "vitest";
import { writeChainAddress } from "../../../src/api/chainAddress.ts";
import type { FeedMessage } from "../../../src/api/marketApi.ts";
import type { TrackedChain } from "../../../src/client/chainTracker.ts";
import { createMarketFeeds } from "../../../src/client/orders/marketFeeds.ts";
import type { OperatorSource } from "../../../src/client/ports.ts";
import { createOperatorListener } from "../../../src/workers/listenToOperators.ts";

const SERVER = "http://exchange";
const NOW = 5;

/** A wallet that follows chains, and servers that say something to whoever opens a socket. */
function openYard() {
  const chains: TrackedChain[] = [];
  const streams: string[] = [];
  const told: string[] = [];
  const sourceAt = (url: string) =>
    ({
      url,
      follow: () => {
        streams.push(url);
        return () => undefined;
      },
      followFeed: (onMessage: (message: FeedMessage) => void) => {
        told.push(url);
        onMessage({ kind: "beat", sequence: 0, nowMs: NOW });
        return () => undefined;
      },
    }) as unknown as OperatorSource;
  const feeds = createMarketFeeds(() => NOW);
  const listen = createOperatorListener({ chains: () => chains }, feeds, sourceAt, () => undefined);
  const follow = (url: string, id: Uint8Array) =>
    chains.push({ followed: { url, facts: { id } } } as unknown as TrackedChain);
  return { streams, told, feeds, listen, follow };
}

const idOf = (byte: number) => new Uint8Array(32).fill(byte);

describe("listening to operators", () => {
  it("hears of the books of a chain that is named by its id, from the first moment", () => {
    const { feeds, listen, follow, streams } = openYard();
    follow(SERVER, idOf(1));
    const address = writeChainAddress(SERVER, idOf(1));
    listen(address);
    expect(feeds.of(SERVER).heardAtMs).toBe(NOW);
    expect(streams).toEqual([address]);
  });

  it("listens to each chain once, and to those above one that was added", () => {
    const { told, listen, follow, streams } = openYard();
    follow(SERVER, idOf(1));
    listen();
    follow("http://sports", idOf(2));
    follow("http://syndicate", idOf(3));
    listen("http://syndicate");
    listen("http://syndicate");
    const all = [SERVER, "http://sports", "http://syndicate"];
    expect(streams).toEqual(all);
    expect(told).toEqual(all);
  });

  it("takes the blocks of two chains from one server that has both, and asks it for books once", () => {
    const { told, listen, follow, streams } = openYard();
    const addresses = [1, 2].map((byte) => writeChainAddress(SERVER, idOf(byte)));
    for (const [index, address] of addresses.entries()) {
      follow(SERVER, idOf(index + 1));
      listen(address);
    }
    expect(streams).toEqual(addresses);
    expect(told).toEqual([SERVER]);
  });
});
