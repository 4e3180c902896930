import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../../src/chain/settlement/judgeTimeout.ts";
import { playScript } from "../../../properties/settlement/play.ts";
import type { History } from "../../../properties/settlement/randomHistory.ts";
import type {
  CourtAction,
  CourtBlock,
  CourtFill,
  CourtLeaf,
  CourtMatch,
  CourtPiece,
} from "../../../reference/courtCase.ts";

const JUDGES = { judgeClaim, judgeSlash, judgeTimeout };
const AMOUNT = 4_000n;
const OPENS = 64;
const END = 90;

/** What stands where: alice's and bob's cash, and a position of mallory's on somebody else's bet with dave. */
const ALICES = leaf("a", "alice", 0n, 1_000n);
const BOBS = leaf("b", "bob", 1_000n, 2_000n);
const MALLORYS = leaf("m", "mallory", 2_000n, 3_000n, ["game:yes", true]);
const DAVES = leaf("d", "dave", 2_000n, 3_000n, ["game:yes", false]);
const BEFORE = [ALICES, BOBS, MALLORYS, DAVES];

function leaf(
  id: string,
  owner: string,
  lo: bigint,
  hi: bigint,
  ...on: readonly (readonly [string, boolean])[]
): CourtLeaf {
  const conditions = on.map(([name, side]) => ({ name, side }));
  return { id, owner, script: "true", lo, hi, conditions };
}

function piece(lo: bigint, hi: bigint, kind: CourtPiece["kind"] = "cash"): CourtPiece {
  return { lo, hi, kind };
}

function fill(terms: Pick<CourtFill, "signer" | "side" | "contracts" | "pieces">): CourtFill {
  const order = { seenBlock: "one", heightMax: 1_000, limit: 600, refundLeast: 0 };
  return { ...order, quantity: 1_000n, filled: 1_000n, ...terms };
}

/** Alice buys `yes` of bob, 1,000 satoshi at 600 thousandths. */
const TRADE: CourtMatch = {
  refund: "game:yes",
  win: "game:no",
  recorded: 1,
  price: 600,
  fills: [
    fill({
      signer: "alice",
      side: "buyYes",
      contracts: [piece(0n, 1_000n)],
      pieces: [piece(0n, 600n, "refund"), piece(1_000n, 1_400n, "win"), piece(600n, 1_000n)],
    }),
    fill({
      signer: "bob",
      side: "buyNo",
      contracts: [piece(1_000n, 2_000n)],
      pieces: [piece(1_000n, 1_400n, "refund"), piece(0n, 600n, "win"), piece(1_400n, 2_000n)],
    }),
  ],
};
const TRADED = [
  leaf("1", "alice", 0n, 600n, ["game:yes", true]),
  leaf("2", "bob", 0n, 600n, ["game:yes", false]),
  leaf("3", "alice", 1_000n, 1_400n, ["game:no", true]),
  leaf("4", "bob", 1_000n, 1_400n, ["game:no", false]),
  leaf("5", "alice", 600n, 1_000n),
  leaf("6", "bob", 1_400n, 2_000n),
];

/** The life in which `two` is the block of a match, recorded at height 9; the oracle says `result` at height 20. */
function createLife(two: Partial<CourtBlock>, result = "false"): History {
  const origin: CourtBlock = { parent: "", leaves: [], closes: [] };
  const one: CourtBlock = { parent: "origin", leaves: BEFORE, closes: [] };
  const blocks: [string, CourtBlock][] = [
    ["origin", origin],
    ["one", one],
    ["two", { parent: "one", leaves: [], closes: [], ...two }],
  ];
  return {
    facts: {
      drawBlocks: 3,
      depositMin: 10n,
      depositBps: 1_000n,
      feeBase: 3n,
      chain: {
        origin: "origin",
        operator: "oscar",
        amount: AMOUNT,
        shareBps: 0n,
        expiry: 60,
        claimDelay: 6,
        disputeDelay: 4,
      },
      blocks: new Map(blocks),
      records: [
        { height: 5, index: 0, block: "one" },
        { height: 9, index: 0, block: "two" },
      ],
      conditions: new Map([
        ["game:yes", { kind: "oracle", oracle: "game", trueFor: ["true", "bad"] }],
        ["game:no", { kind: "oracle", oracle: "game", trueFor: ["true"] }],
      ]),
      oracles: new Map([["game", { result, height: 20 }]]),
      payments: new Map(),
    },
    levels: new Map([
      ["game:yes", 64],
      ["game:no", 64],
    ]),
    states: [],
    shown: [],
  };
}

function claim(of: CourtLeaf, sequence: number, block: string): CourtAction {
  const terms = { state: undefined, evidence: undefined, improves: false };
  const shown = { sequence, block, leaf: of };
  return { kind: "claim", height: OPENS, carrier: of.owner, signer: of.owner, ...shown, ...terms };
}

function slash(against: CourtLeaf): CourtAction {
  const closes = [{ sequence: 2, block: "two", close: 0 }];
  return { kind: "close", height: OPENS + 1, carrier: "carol", against, closes };
}

const timeout: CourtAction = { kind: "timeout", height: END, carrier: "miner" };

/** What comes of `actions` where the point is `at`; chain and court agree on it. */
function end(life: History, at: bigint, actions: readonly CourtAction[]) {
  const ending = playScript(life, JUDGES, at, [...actions, timeout]);
  expect(ending.wrong).toBeUndefined();
  return ending;
}

describe("a match on the main chain", () => {
  it.each([
    ["true", 100n, TRADED[0]],
    ["false", 100n, TRADED[1]],
    ["bad", 100n, TRADED[0]],
    ["true", 1_100n, TRADED[2]],
    ["false", 1_100n, TRADED[3]],
    ["bad", 1_100n, TRADED[3]],
    ["true", 700n, TRADED[4]],
    ["false", 1_900n, TRADED[5]],
  ])(
    "pays, where the answer is %s and the point %i, who holds it by the match",
    (result, at, won) => {
      const life = createLife({ leaves: [...TRADED, MALLORYS, DAVES], matches: [TRADE] }, result);
      const old = at < 1_000n ? ALICES : BOBS;
      const winner = won as CourtLeaf;
      const ending = end(life, at, [claim(old, 1, "one"), slash(old), claim(winner, 2, "two")]);
      expect(ending.codes).toEqual(["holds", "holds", "holds", "holds"]);
      const lost = winner.owner === old.owner ? 400n : 0n;
      expect(ending.payoff(winner.owner)).toBe(AMOUNT - lost);
    },
  );

  it("counts below the height of its oracle's result, and at the height of its orders at most", () => {
    const actions = [claim(ALICES, 1, "one"), slash(ALICES)];
    const late = createLife({ leaves: [...TRADED, MALLORYS, DAVES], matches: [TRADE] });
    const decided = { ...late.facts, oracles: new Map([["game", { result: "true", height: 9 }]]) };
    expect(end({ ...late, facts: decided }, 100n, actions).codes[1]).toBe("BET_TOO_LATE");
    const fills = TRADE.fills.map((each) => ({ ...each, heightMax: 8 }));
    const lapsed = { leaves: [...TRADED, MALLORYS, DAVES], matches: [{ ...TRADE, fills }] };
    expect(end(createLife(lapsed), 100n, actions).codes[1]).toBe("CLOSE_TOO_LATE");
  });
});

/** The oracles of a question with three outcomes, and the same trade on the second of them. */
const SCORERS = ["ann", "bea", "cid"] as const;
const ON_BEA: CourtMatch = { ...TRADE, refund: "bea:yes", win: "bea:no" };
const TRADED_ON_BEA = TRADED.map((each) => ({
  ...each,
  conditions: each.conditions.map(({ name, side }) => ({
    name: name.replace("game", "bea"),
    side,
  })),
}));

/** @param heights - at which the oracles say it, if not at 20. */
function createOutcomeLife(results: readonly string[], heights: readonly number[] = []): History {
  const life = createLife({ leaves: [...TRADED_ON_BEA, MALLORYS, DAVES], matches: [ON_BEA] });
  const { facts, levels } = life;
  const on = { kind: "outcome", outcome: 1 } as const;
  const conditions = new Map([
    ...facts.conditions,
    ["bea:yes", { ...on, oracles: SCORERS, isOrBad: true }],
    ["bea:no", { ...on, oracles: SCORERS.slice(0, 2), isOrBad: false }],
  ] as const);
  const oracles = SCORERS.map((name, index) => {
    return [name, { result: results[index] ?? "bad", height: heights[index] ?? 20 }] as const;
  });
  return {
    ...life,
    facts: { ...facts, conditions, oracles: new Map(oracles) },
    levels: new Map([...levels, ["bea:yes", 64], ["bea:no", 64]]),
  };
}

describe("a match on one outcome of three", () => {
  it.each([
    ["false true false", 100n, TRADED_ON_BEA[0]],
    ["false true bad", 1_100n, TRADED_ON_BEA[2]],
    ["true true false", 100n, TRADED_ON_BEA[1]],
    ["false false true", 1_100n, TRADED_ON_BEA[3]],
    ["false false false", 100n, TRADED_ON_BEA[0]],
    ["bad true false", 1_100n, TRADED_ON_BEA[3]],
    ["true bad bad", 100n, TRADED_ON_BEA[1]],
  ])(
    "pays, where the oracles say %s and the point is %i, who holds it by the match",
    (said, at, won) => {
      const life = createOutcomeLife(said.split(" "));
      const old = at < 1_000n ? ALICES : BOBS;
      const winner = won as CourtLeaf;
      const ending = end(life, at, [claim(old, 1, "one"), slash(old), claim(winner, 2, "two")]);
      expect(ending.codes).toEqual(["holds", "holds", "holds", "holds"]);
      expect(ending.payoff(winner.owner)).toBe(AMOUNT - (winner.owner === old.owner ? 400n : 0n));
    },
  );

  it.each(SCORERS)(
    "counts below the height of what is said of %s, whichever outcome it is on",
    (name) => {
      const heights = SCORERS.map((each) => (each === name ? 9 : 20));
      const life = createOutcomeLife(["false", "true", "false"], heights);
      const ending = end(life, 100n, [claim(ALICES, 1, "one"), slash(ALICES)]);
      expect(ending.codes[1]).toBe("BET_TOO_LATE");
      expect(ending.payoff("alice")).toBe(AMOUNT);
    },
  );
});

describe("a match with what a close has made in the same run, which came too late for it", () => {
  /** Bob moves his cash to himself, in a close good to height 8; the next block trades what it made. Both are recorded at 9. */
  const MOVED: CourtLeaf = { ...leaf("b2", "bob", 1_000n, 2_000n), madeIn: 2 };
  function createLate(recorded: number): History {
    const fills = TRADE.fills.map((each) => ({ ...each, seenBlock: "move" }));
    const matches = [{ ...TRADE, recorded, fills }];
    const life = createLife(
      { parent: "move", leaves: [...TRADED, MALLORYS, DAVES], matches },
      "true",
    );
    const { id: contractId, owner: signer, ...place } = BOBS;
    const { id: _, madeIn: __, ...successor } = MOVED;
    const close = { contractId, place, signer, seenBlock: "one", heightMax: 8 };
    const move: CourtBlock = {
      parent: "one",
      leaves: [ALICES, MOVED, MALLORYS, DAVES],
      closes: [{ ...close, successors: [successor] }],
    };
    const blocks = new Map([...life.facts.blocks, ["move", move] as const]);
    return { ...life, facts: { ...life.facts, blocks } };
  }

  it("does not count, so that she keeps what she was to give for it", () => {
    const ending = end(createLate(1), 100n, [claim(ALICES, 1, "one"), slash(ALICES)]);
    expect(ending.codes[1]).toBe("NOT_RECORDED");
    expect(ending.payoff("alice")).toBe(AMOUNT);
  });

  it("would take it from her for nothing if she took the block of that close to be recorded", () => {
    const lost = end(createLate(2), 100n, [claim(ALICES, 1, "one"), slash(ALICES)]);
    expect(lost.codes[1]).toBe("holds");
    const stays = [claim(BOBS, 1, "one"), claim(TRADED[2] as CourtLeaf, 2, "two")];
    expect(end(createLate(2), 1_100n, stays).payoff("bob")).toBe(AMOUNT);
  });
});

const [byAlice, byBob] = TRADE.fills as [CourtFill, CourtFill];
const withFills = (...fills: readonly CourtFill[]): CourtMatch => ({ ...TRADE, fills });

describe("an operator who makes of signed orders what they do not say", () => {
  it.each<[string, CourtMatch, string]>([
    ["a match of one side alone", withFills(byAlice), "NOT_BROUGHT"],
    ["one order twice", withFills(byAlice, byBob, byAlice), "CLOSED_TWICE"],
    [
      "an order for another block",
      withFills({ ...byAlice, seenBlock: "origin" }, byBob),
      "BAD_SIGNATURE",
    ],
    [
      "an order that another has signed",
      withFills({ ...byAlice, signer: "oscar" }, byBob),
      "BAD_SIGNATURE",
    ],
  ])("with %s closes nothing", (_, match, code) => {
    const life = createLife({ leaves: [...TRADED, MALLORYS, DAVES], matches: [match] });
    const ending = end(life, 100n, [claim(ALICES, 1, "one"), slash(ALICES)]);
    expect(ending.codes[1]).toBe(code);
    expect(ending.payoff("alice")).toBe(AMOUNT);
  });

  it("with a state in which half of the match is missing closes nothing", () => {
    const leaves = [...TRADED.filter(({ owner }) => owner !== "alice"), MALLORYS, DAVES];
    const life = createLife({ leaves, matches: [TRADE] });
    const ending = end(life, 100n, [claim(ALICES, 1, "one"), slash(ALICES)]);
    expect(ending.codes[1]).toBe("SUCCESSOR_MISSING");
    expect(ending.payoff("alice")).toBe(AMOUNT);
  });

  it("cannot sell a side that its holder never gave up: mallory sells her side, and bob gets dave's", () => {
    const match = {
      ...TRADE,
      price: 500,
      fills: [
        fill({
          signer: "bob",
          side: "buyNo",
          contracts: [piece(1_000n, 2_000n)],
          pieces: [piece(2_000n, 3_000n, "win"), piece(1_500n, 2_000n)],
        }),
        {
          ...fill({
            signer: "mallory",
            side: "sellYes",
            contracts: [piece(2_000n, 3_000n, "refund")],
            pieces: [piece(1_000n, 1_500n)],
          }),
          limit: 500,
        },
      ],
    };
    const leaves = [
      ALICES,
      leaf("7", "bob", 2_000n, 3_000n, ["game:yes", false]),
      leaf("8", "bob", 1_500n, 2_000n),
      leaf("9", "mallory", 1_000n, 1_500n),
    ];
    const life = createLife({ leaves, matches: [match] });
    const ending = end(life, 1_100n, [claim(BOBS, 1, "one"), slash(BOBS)]);
    expect(ending.codes[1]).toBe("NOT_BROUGHT");
    expect(ending.payoff("bob")).toBe(AMOUNT);
  });
});
