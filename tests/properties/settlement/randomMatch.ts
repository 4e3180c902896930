import { concatBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import type { BatchOrder } from "../../../src/market/batchOrder.ts";
import { clearBatch } from "../../../src/market/clearBatch.ts";
import type {
  CourtFill,
  CourtLeaf,
  CourtMatch,
  CourtPiece,
  CourtTerms,
} from "../../reference/courtCase.ts";
import { pieceToPlace, usedBy } from "../../reference/courtMatch.ts";
import { isSamePlace } from "../../reference/courtPlaces.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";

/** A match with what it closes and makes, as the operator writes it into a block. */
export type MadeMatch = {
  readonly match: CourtMatch;
  readonly closed: readonly CourtLeaf[];
  readonly made: readonly CourtTerms[];
};

type Market = Pick<CourtMatch, "refund" | "win" | "recorded">;
type Bound = Pick<CourtFill, "seenBlock" | "heightMax">;

const RULES = { tick: 50, lot: 1_000n };

/** Random orders of the owners of `leaves`, cleared as an operator clears them; none where nothing crosses. */
export function createMatches(
  leaves: readonly CourtLeaf[],
  market: Market,
  bind: () => Bound,
  random: SeededRandom,
): MadeMatch[] {
  const owners = [...new Set(leaves.map(({ owner }) => owner))];
  const orders = new Map<BatchOrder, Omit<CourtFill, "filled" | "pieces">>();
  for (const owner of owners) {
    const order = createOrder(
      leaves.filter((leaf) => leaf.owner === owner),
      market,
      random,
    );
    if (order === undefined) continue;
    const bound = { ...bind(), ...order, signer: owner };
    const hash = sha256(encodeUtf8(`${bound.seenBlock} ${owner}`));
    const key = concatBytes(Uint8Array.of(2), sha256(encodeUtf8(owner)));
    orders.set({ hash, owner: key, terms: bound }, bound);
  }
  const cleared = clearBatch([...orders.keys()], RULES, new Uint8Array(32));
  return (cleared?.pairings ?? []).map((pairing) => {
    const fills = pairing.flatMap(({ order, quantity, pieces }): CourtFill[] => {
      const terms = orders.get(order);
      return terms === undefined ? [] : [{ ...terms, filled: quantity, pieces }];
    });
    const match = { ...market, price: cleared?.price ?? 0, fills };
    return { match, ...changesOf(match, leaves) };
  });
}

/** What a match would do to the leaves before it. */
export function changesOf(
  match: CourtMatch,
  leaves: readonly CourtLeaf[],
): Pick<MadeMatch, "closed" | "made"> {
  const closed = match.fills.flatMap((fill) =>
    (usedBy(match, fill) ?? []).flatMap((piece) => {
      const place = pieceToPlace(match, fill, piece);
      return leaves.find((leaf) => isSamePlace(leaf, place)) ?? [];
    }),
  );
  const made = match.fills.flatMap((fill) =>
    fill.pieces.map((piece): CourtTerms => {
      const place = pieceToPlace(match, fill, piece);
      return { ...place, owner: fill.signer, script: "true" };
    }),
  );
  return { closed, made };
}

type Order = Pick<CourtFill, "side" | "limit" | "quantity" | "refundLeast" | "contracts">;

/** An order over what one owner holds: a position sold whole, or cash for one. */
function createOrder(
  own: readonly CourtLeaf[],
  market: Market,
  random: SeededRandom,
): Order | undefined {
  const isYes = random.below(2) === 0;
  const position = own.flatMap((leaf) => toPosition(leaf, market, isYes) ?? []).slice(0, 4);
  const quantity = widthOf(position);
  if (quantity > 0n && quantity % RULES.lot === 0n && random.below(2) === 0) {
    const limit = 50 * (1 + random.below(8));
    return {
      side: isYes ? "sellYes" : "sellNo",
      limit,
      quantity,
      refundLeast: 0,
      contracts: position,
    };
  }
  const limit = 50 * (9 + random.below(8));
  const contracts = own
    .filter(({ conditions }) => conditions.length === 0)
    .slice(0, 3)
    .map(({ lo, hi }): CourtPiece => ({ lo, hi, kind: "cash" }));
  const lots = widthOf(contracts) / BigInt(limit);
  if (lots === 0n) return undefined;
  const wanted = 1n + BigInt(random.below(Number(lots)));
  const refundLeast = random.below(2) * limit;
  const side = isYes ? "buyYes" : "buyNo";
  return { side, limit, quantity: wanted * RULES.lot, refundLeast, contracts };
}

function toPosition({ lo, hi, conditions }: CourtLeaf, market: Market, isYes: boolean) {
  const [only, ...others] = conditions;
  if (only === undefined || others.length > 0 || only.side !== isYes) return undefined;
  if (only.name !== market.refund && only.name !== market.win) return undefined;
  const kind = (only.name === market.refund) === isYes ? "refund" : "win";
  return { lo, hi, kind } as const;
}

const widthOf = (pieces: readonly CourtPiece[]): bigint =>
  pieces.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
