import { assert } from "../../../src/lib/assert.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { encode } from "../../../src/lib/codec.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { hashOrder } from "../../../src/market/batch.ts";
import { clearMatches } from "../../../src/market/clearMatches.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { writeMatch } from "../../../src/protocol/match.ts";
import { publishedBatch } from "./orderTraders.ts";
import { CHAIN, MARKETS, type World } from "./world.ts";

/** What happened to orders, by hex of their hashes: the heights at which they traded, and at which they were published. */
export type BatchAudit = {
  readonly filled: ReadonlyMap<string, readonly number[]>;
  readonly published: ReadonlyMap<string, number>;
};

/**
 * Clear every published batch anew and compare it with the matches of its block, as anybody may who has both; a match
 * without published orders fails, too.
 */
export function auditBatches(world: World): BatchAudit {
  const filled = new Map<string, number[]>();
  const published = new Map<string, number>();
  const [rules] = MARKETS;
  assert(rules !== undefined, "the world has a market");
  let previousHash = CHAIN.id;
  for (const { block } of world.durable.checked) {
    const { height } = block.header;
    const made = block.transactions.flatMap((each) => (each.kind === "match" ? [each.match] : []));
    const expected = (publishedBatch(world, height)?.books ?? []).flatMap(({ orders }) => {
      const signed = new Map(
        orders.map((each) => [formatHex(hashOrder(each.signed.order)), each.signed]),
      );
      for (const [hash, { order }] of signed) {
        assert(
          equalBytes(order.seenBlock, previousHash),
          "a published order names the block before",
        );
        published.set(hash, height);
      }
      const first = orders[0]?.signed.order;
      const named = orders.map((each) => ({ ...each, hash: hashOrder(each.signed.order) }));
      return first ? clearMatches(named, first.market, rules, first).matches : [];
    });
    const bytes = (matches: typeof made) =>
      matches.map((match) => formatHex(encode((writer) => writeMatch(writer, match))));
    assert(
      bytes(made).join() === bytes(expected).join(),
      `block ${height} has the matches that follow from its published orders`,
    );
    for (const { market, recorded, fills } of made) {
      for (const { terms } of fills) {
        const hash = formatHex(hashOrder({ seenBlock: previousHash, recorded, market, terms }));
        filled.set(hash, [...(filled.get(hash) ?? []), height]);
      }
    }
    previousHash = hashBlockHeader(block.header);
  }
  return { filled, published };
}
