import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { judgeFill } from "../market/judgeFill.ts";
import { isOfYes, placeOf } from "../market/piece.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Fill, Match } from "../protocol/match.ts";
import { encodeOrder } from "../protocol/order.ts";
import type { ConditionSide, Place } from "../protocol/place.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../protocol/script.ts";

/** What a match closes, and the contracts that it makes, fill by fill. */
export type MatchChange = {
  readonly closed: readonly { readonly place: Place; readonly leaf: Leaf }[];
  readonly contracts: readonly ContractNew[];
};

/**
 * Whether a match is the word of all who signed its orders: every fill keeps to its order, names the block just
 * before, is good at `height`, and is signed by the one owner of all that it uses up; nothing is used up that was made above
 * the height to which they all take the chain to be recorded; and nothing is given but what they bring. Shared by blocks and by slashes on the main chain.
 *
 * @param standing - the contract at a place before the match.
 * @param height - main-chain height that the block names; in a slash, that of the record.
 * @see docs/PROTOCOL.md section 7
 */
export function judgeMatch(
  match: Match,
  standing: (place: Place) => Leaf | undefined,
  context: { readonly rules: Rules; readonly previousHash: Uint8Array; readonly height: number },
): Verdict<MatchChange> {
  return judge(() => {
    const { market, recorded, price, fills } = match;
    const closed = new Map<string, { place: Place; leaf: Leaf }>();
    const contracts: ContractNew[] = [];
    for (const fill of fills) {
      const { terms } = fill;
      const isYes = isOfYes(terms.side);
      demand(
        terms.heightMax >= context.height,
        "CLOSE_TOO_LATE",
        `an order is good to height ${terms.heightMax}, got ${context.height}`,
      );
      let owner: Uint8Array | undefined;
      for (const piece of insist(judgeFill(fill, price))) {
        const place = placeOf(market, isYes, piece);
        const leaf = standing(place);
        if (leaf === undefined) {
          throw new Refusal(
            "NO_SUCH_CONTRACT",
            `no contract that the order names stands in [${piece.lo}, ${piece.hi})`,
          );
        }
        demand(!leaf.sealed, "SEALED", "a sealed contract is a chain for ever");
        demand(
          leaf.madeIn <= recorded,
          "NOT_RECORDED",
          `the orders take blocks to ${recorded} to be recorded, and a contract was made in ${leaf.madeIn}`,
        );
        demand(
          owner === undefined || equalBytes(owner, leaf.owner),
          "OTHER_OWNER",
          "the contracts of one order have different owners",
        );
        owner = leaf.owner;
        const id = formatHex(leaf.id);
        demand(!closed.has(id), "CLOSED_TWICE", "two orders of a match use up one contract");
        closed.set(id, { place, leaf });
      }
      if (owner === undefined) throw new Refusal("NOTHING_USED", "an order uses up no contract");
      demand(
        isSignedFill(match, fill, owner, context),
        "BAD_SIGNATURE",
        "an order is not signed by the owner of its contracts for the block before",
      );
      for (const piece of fill.pieces) {
        contracts.push({
          place: placeOf(market, isYes, piece),
          owner,
          depositBps: market.depositBps,
          scriptHash: TRUE_SCRIPT_HASH,
        });
      }
    }
    demand(closed.size > 0, "NOTHING_USED", "a match fills no order");
    const brought = [...closed.values()].map(({ place }) => place);
    for (const { place } of contracts) {
      demand(
        brought.some((own) => isPartOf(place, own)),
        "NOT_BROUGHT",
        `no order of the match brings [${place.lo}, ${place.hi}) as it is given`,
      );
    }
    return { closed: [...closed.values()], contracts };
  });
}

/** Whether `owner` has signed the order of a fill for the block just before the match's. */
export function isSignedFill(
  { market, recorded }: Match,
  { terms, signature }: Fill,
  owner: Uint8Array,
  { rules, previousHash }: { readonly rules: Rules; readonly previousHash: Uint8Array },
): boolean {
  const body = encodeOrder({ seenBlock: previousHash, recorded, market, terms });
  return isSignedBy(rules, "signOrder", body, signature, owner);
}

/**
 * Whether a place is space that another one holds: of its range, and on its side of every condition. Who gives up
 * one side of a condition brings nothing of the other, which a slash does not show to be free.
 */
function isPartOf(place: Place, { lo, hi, conditions }: Place): boolean {
  const isUnder = (own: ConditionSide) =>
    place.conditions.some(({ hash, side }) => side === own.side && equalBytes(hash, own.hash));
  return lo <= place.lo && place.hi <= hi && conditions.every(isUnder);
}
