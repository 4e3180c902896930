import { afterEach, describe, expect, it } from "vitest";
import type * as BetOracles from "../../../src/blocks/betOracles.ts";
import type * as Matches from "../../../src/blocks/judgeMatch.ts";
import { accept, refuse } from "../../../src/lib/verdict.ts";
import type * as Fills from "../../../src/market/judgeFill.ts";
import type * as Pieces from "../../../src/market/piece.ts";
import type { Fill } from "../../../src/protocol/match.ts";
import type { OrderTerms, Piece } from "../../../src/protocol/order.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { type Bug, findFirstWrong, replace, restoreAll } from "./plantBug.ts";

/** A planted bug must fall within as many histories as the property plays. */
const HISTORIES = 350;

const matches = (change: (real: typeof Matches) => Partial<typeof Matches>): Bug => ({
  mock: () => replace<typeof Matches>("blocks/judgeMatch.ts", change),
});

/** The real rule of fills, asked about another one. */
const fills = (change: (fill: Fill) => Fill): Bug => ({
  mock: () =>
    replace<typeof Fills>("market/judgeFill.ts", (real) => ({
      judgeFill: (fill, price) => real.judgeFill(change(fill), price),
    })),
});

/** What a match that holds changes, changed again. */
const changes = (change: (made: Matches.MatchChange) => Matches.MatchChange): Bug =>
  matches((real) => ({
    judgeMatch: (...asked) => {
      const judged = real.judgeMatch(...asked);
      return judged.ok ? accept(change(judged.value)) : judged;
    },
  }));

const isBuyer = ({ side }: OrderTerms) => side === "buyYes" || side === "buyNo";
const widthOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);

/** Each plants one bug in what is said of matches; everything else stays the chain's own. */
const BUGS: Record<string, Bug> = {
  "a buyer's limit is not checked": fills((fill) => {
    const { terms } = fill;
    return isBuyer(terms) ? { ...fill, terms: { ...terms, limit: 999 } } : fill;
  }),
  "an order may be filled beyond its quantity": fills((fill) => {
    const { terms, quantity } = fill;
    return isBuyer(terms) ? { ...fill, terms: { ...terms, quantity } } : fill;
  }),
  "a position may lack a piece": fills((fill) => {
    const { terms, quantity, pieces } = fill;
    const missing = quantity - widthOf(pieces.filter(({ kind }) => kind !== "cash"));
    if (!isBuyer(terms) || missing <= 0n) return fill;
    return { ...fill, pieces: [...pieces, { lo: 0n, hi: missing, kind: "refund" }] };
  }),
  "nobody looks who signed an order": matches((real) => ({
    judgeMatch: (match, standing, context) =>
      real.judgeMatch(match, standing, {
        ...context,
        rules: { ...context.rules, verify: () => true },
      }),
  })),
  "a match may use up what has no record yet": matches((real) => ({
    judgeMatch: (match, standing, context) => {
      const recorded = (place: Place) => {
        const leaf = standing(place);
        return leaf && { ...leaf, madeIn: 0 };
      };
      return real.judgeMatch(match, recorded, context);
    },
  })),
  "a match counts above the height of an order": matches((real) => ({
    judgeMatch: (match, standing, context) =>
      real.judgeMatch(match, standing, { ...context, height: 0 }),
  })),
  "a match counts after its oracle's result": {
    mock: () =>
      replace<typeof BetOracles>("blocks/betOracles.ts", () => ({
        findMarketOracles: () => accept([]),
      })),
  },
  "a match counts without a piece that it makes": changes(({ closed, contracts }) => ({
    closed,
    contracts: contracts.slice(1),
  })),
  "a match closes its first contract alone": changes(({ closed, contracts }) => ({
    closed: closed.slice(0, 1),
    contracts,
  })),
  "a slash by a match is refused": matches(() => ({
    judgeMatch: () => refuse("NOT_A_CLOSE", "a match closes nothing"),
  })),
  "the sides of a position are swapped": {
    mock: () =>
      replace<typeof Pieces>("market/piece.ts", (real) => ({
        placeOf: (market, isYes, piece) => real.placeOf(market, !isYes, piece),
      })),
  },
};

const loadTrial = async () => (await import("./play.ts")).tryMarket;

describe("planted bugs of matches", () => {
  afterEach(restoreAll);

  it.each(Object.entries(BUGS))("catches it when %s", async (_, bug) => {
    expect(await findFirstWrong(bug, HISTORIES, loadTrial)).toMatch(/^seed \d+: /);
  });
});
