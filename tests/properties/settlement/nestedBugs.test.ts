import { afterEach, describe, expect, it } from "vitest";
import type * as Hops from "../../../src/blocks/hops.ts";
import type * as Lineages from "../../../src/blocks/lineage.ts";
import type * as Removals from "../../../src/chain/settlement/removal.ts";
import type * as ResultOrder from "../../../src/chain/settlement/resultOrder.ts";
import type * as Views from "../../../src/chain/settlement/settlementView.ts";
import type * as ShownLines from "../../../src/chain/settlement/shownLine.ts";
import type * as SplitPrize from "../../../src/chain/settlement/splitPrize.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { accept, refuse } from "../../../src/lib/verdict.ts";
import type { Rules } from "../../../src/protocol/rules.ts";
import { type Bug, changeEffects, findFirstWrong, replace, restoreAll } from "./plantBug.ts";

/** A planted bug must fall within this many histories: less than the property plays. */
const HISTORIES = 600;

const trusting = (rules: Rules): Rules => ({ ...rules, verify: () => true });
const removals = (change: (real: typeof Removals) => Partial<typeof Removals>) => ({
  mock: () => replace<typeof Removals>("chain/settlement/removal.ts", change),
});

/** Each plants one bug in what is said of lines; everything else stays the chain's own. */
const BUGS: Record<string, Bug> = {
  "a close touches a leaf that was sealed before": removals(() => ({ isPostedBefore: () => true })),
  "no close touches a sealed leaf": removals(() => ({ isPostedBefore: () => false })),
  "a close touches what is sealed under the same record": removals((real) => ({
    isPostedBefore: (close, sealed) => !real.isPostedBefore(sealed, close),
  })),
  "a new line comes through a leaf that was removed": removals(() => ({
    isTouchedBy: () => false,
  })),
  "a removal cannot be undone": removals(() => ({ isUndoing: () => false })),
  "a removal is undone with nothing earlier": removals(() => ({ isUndoing: () => true })),
  "the timeout does not wait for an undo": removals(() => ({ isUndoOpen: () => false })),
  "an undo costs no more than the claim did": {
    wrap: (judges) => ({
      ...judges,
      judgeClaim: (claim, carrier, view) => {
        const verdict = judges.judgeClaim(claim, carrier, view);
        const isUndo = (key: Uint8Array) =>
          view.results(key).some(({ removal }) => removal !== undefined);
        if (!verdict.ok || !isUndo(claim.chainId)) return verdict;
        const { deposit, minerFee } = verdict.value;
        return accept({ ...verdict.value, deposit: deposit / 2n, minerFee: minerFee / 2n });
      },
    }),
  },
  "a slash takes only the line that it names": {
    wrap: (judges) => ({
      ...judges,
      judgeSlash: (slash, carrier, view) => {
        const verdict = judges.judgeSlash(slash, carrier, view);
        if (!verdict.ok || slash.kind === "move") return verdict;
        return accept({ ...verdict.value, put: verdict.value.put.slice(0, 1) });
      },
    }),
  },
  "every share is one of the whole prize": {
    mock: () =>
      replace<typeof SplitPrize>("chain/settlement/splitPrize.ts", (real) => ({
        splitPrize: (prize, bps) => {
          const shares = bps.map((each) => real.splitPrize(prize, [each]).shares[0] ?? 0n);
          return { shares, net: shares.reduce((left, share) => left - share, prize) };
        },
      })),
  },
  "the shares are taken from the bottom up": {
    mock: () =>
      replace<typeof SplitPrize>("chain/settlement/splitPrize.ts", (real) => ({
        splitPrize: (prize, bps) => {
          const { shares, net } = real.splitPrize(prize, bps.toReversed());
          return { shares: shares.toReversed(), net };
        },
      })),
  },
  "only the chain's own operator has a share": {
    mock: () =>
      replace<typeof ShownLines>("chain/settlement/shownLine.ts", () => ({
        sharesOn: ({ depositBps }) => [depositBps],
      })),
  },
  "the wrong operator's share burns": {
    wrap: changeEffects((effect) => {
      const { settled, burn } = effect;
      const [first, ...rest] = effect.pay;
      if (settled === undefined || settled.burnt === 0n || first === undefined) return effect;
      const pay = [{ ...first, amount: settled.burnt }, ...rest];
      return { ...effect, burn: burn - settled.burnt + first.amount, pay };
    }),
  },
  "states are signed by the operator at the top": {
    mock: () =>
      replace<typeof ShownLines>("chain/settlement/shownLine.ts", () => ({
        operatorOf: ({ operator }) => operator,
      })),
  },
  "a map's entry is believed without its signature": {
    mock: () =>
      replace<typeof Hops>("blocks/hops.ts", (real) => ({
        followHops: (path, posted, hops, rules) =>
          real.followHops(path, posted, hops, trusting(rules)),
        findPosts: (path, posted, hops, rules) =>
          real.findPosts(path, posted, hops, trusting(rules)),
        followEntries: (path, posted, hops, rules) =>
          real.followEntries(path, posted, hops, trusting(rules)),
      })),
  },
  "a contract may have the id of a chain above": {
    mock: () =>
      replace<typeof Lineages>("blocks/lineage.ts", () => ({
        descend: (lineage, { id, owner: operator, lo, hi, anchor }) => {
          if (anchor.kind === "none") return refuse("NOT_SEALED", "no chain");
          return accept([
            ...lineage,
            { id, operator, lo, hi, expiry: lineage[0].expiry, anchor },
          ] as const);
        },
      })),
  },
  "a chain made by a timeout is drawn anew": {
    mock: () =>
      replace<typeof Views>("chain/settlement/settlementView.ts", (real) => ({
        findPoint: (view, chain) => real.findPoint(view, { ...chain, won: undefined }),
      })),
  },
  "its claim window is the old one": {
    mock: () =>
      replace<typeof Views>("chain/settlement/settlementView.ts", (real) => ({
        findClaimStart: (chain, parameters) =>
          real.findClaimStart({ ...chain, won: undefined }, parameters),
      })),
  },
  "the claims below are lost with the chain above": {
    wrap: changeEffects((effect) =>
      effect.made === undefined ? effect : { ...effect, made: { ...effect.made, results: [] } },
    ),
  },
  "the shorter line stands": {
    mock: () =>
      replace<typeof ResultOrder>("chain/settlement/resultOrder.ts", (real) => ({
        createOrder: (shown) => {
          const outranks = real.createOrder(shown);
          return (a, b) => {
            const isSameStart = equalBytes(a[0].leaf.id, b[0].leaf.id);
            return isSameStart && a.length !== b.length ? a.length < b.length : outranks(a, b);
          };
        },
      })),
  },
  "only the last leaves are compared": {
    mock: () =>
      replace<typeof ResultOrder>("chain/settlement/resultOrder.ts", (real) => ({
        createOrder: (shown) => {
          const last = (line: ShownLines.ShownLine): ShownLines.ShownLine => [
            line.at(-1) ?? line[0],
          ];
          const outranks = real.createOrder(shown.map(last));
          return (a, b) => outranks(last(a), last(b));
        },
      })),
  },
  "only the first leaves are compared": {
    mock: () =>
      replace<typeof ResultOrder>("chain/settlement/resultOrder.ts", (real) => ({
        createOrder: (shown) => {
          const outranks = real.createOrder(shown.map(([first]) => [first]));
          return (a, b) => outranks([a[0]], [b[0]]);
        },
      })),
  },
};

const loadTrial = async () => (await import("./nestedPlay.ts")).tryNestedHistory;

describe("bugs planted in the rules of lines", () => {
  afterEach(restoreAll);

  it.each(Object.entries(BUGS))("catches it when %s", async (_, bug) => {
    expect(await findFirstWrong(bug, HISTORIES, loadTrial)).toMatch(/^seed \d+: /);
  });
});
