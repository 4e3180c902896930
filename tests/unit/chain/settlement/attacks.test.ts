import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../../src/chain/settlement/judgeTimeout.ts";
import { insist } from "../../../../src/lib/verdict.ts";
import { createLeafNode, createSplit, FREE } from "../../../../src/space/node.ts";
import { createTree, takeSpace } from "../../../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../../../src/space/witness.ts";
import { playScript } from "../../../properties/settlement/play.ts";
import type { History } from "../../../properties/settlement/randomHistory.ts";
import { createLot } from "../../../properties/space/lots.ts";
import type {
  CourtAction,
  CourtBlock,
  CourtClose,
  CourtLeaf,
  CourtTerms,
} from "../../../reference/courtCase.ts";

const JUDGES = { judgeClaim, judgeSlash, judgeTimeout };
const AMOUNT = 64n;
const EXPIRY = 60;
/** The first height of a claim, after a draw of three blocks. */
const OPENS = EXPIRY + 4;
const CLAIM_DELAY = 4;
const DISPUTE_DELAY = 3;
/** By then no delay is open, whatever was done in the claim window. */
const END = OPENS + CLAIM_DELAY + 2 * DISPUTE_DELAY;
/** The prize less the operator's tenth, rounded down. */
const NET = AMOUNT - AMOUNT / 10n;

const leaf = (id: string, owner: string, lo: bigint, hi: bigint): CourtLeaf => ({
  id,
  owner,
  lo,
  hi,
  script: "true",
  conditions: [],
});

const termsOf = ({ id: _, ...terms }: CourtLeaf): CourtTerms => terms;

function closeOf(of: CourtLeaf, seenBlock: string, change: Partial<CourtClose> = {}): CourtClose {
  const { id: contractId, lo, hi, conditions, owner: signer } = of;
  const place = { lo, hi, conditions };
  return { contractId, place, signer, seenBlock, heightMax: 1_000, successors: [], ...change };
}

type Blocks = Record<string, { parent?: string; leaves: CourtLeaf[]; closes?: CourtClose[] }>;

/** A chain's life: blocks by name, and the names posted, each with its record's height. */
function createLife(blocks: Blocks, posts: readonly (readonly [string, number])[]): History {
  const told = Object.entries(blocks).map(
    ([name, { parent = "origin", leaves, closes = [] }]) =>
      [name, { parent, leaves, closes }] as const,
  );
  const origin: CourtBlock = { parent: "", leaves: [], closes: [] };
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
        shareBps: 1_000n,
        expiry: EXPIRY,
        claimDelay: CLAIM_DELAY,
        disputeDelay: DISPUTE_DELAY,
      },
      blocks: new Map<string, CourtBlock>([["origin", origin], ...told]),
      records: posts.map(([block, height]) => ({ height, index: 0, block })),
      conditions: new Map([
        ["game:yes", { kind: "oracle", oracle: "game", trueFor: ["true", "bad"] }],
        ["game:no", { kind: "oracle", oracle: "game", trueFor: ["true"] }],
      ]),
      oracles: new Map([["game", { result: "false", height: 50 }]]),
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

function claim(of: CourtLeaf, sequence: number, block: string, height = OPENS): CourtAction {
  const { owner } = of;
  const terms = { state: undefined, evidence: undefined, improves: false };
  return {
    kind: "claim",
    height,
    carrier: owner,
    signer: owner,
    sequence,
    block,
    leaf: of,
    ...terms,
  };
}

function slash(against: CourtLeaf, sequence: number, block: string, close = 0): CourtAction {
  const closes = [{ sequence, block, close }];
  return { kind: "close", height: OPENS + 1, carrier: "mallory", against, closes };
}

const timeout: CourtAction = { kind: "timeout", height: END, carrier: "miner" };

const ALICES = leaf("a", "alice", 0n, 16n);

describe("an operator who sells one range twice", () => {
  it.each([
    [0n, 16n],
    [0n, 1n],
    [15n, 16n],
    [15n, 17n],
    [0n, 64n],
  ])("cannot put [%s, %s) beside [0, 16) under one root", (lo, hi) => {
    const place = { lo: 0n, hi: 16n, conditions: [] };
    const sold = insist(takeSpace(createTree(0n, AMOUNT), place, createLot(place, 1n).leaf));
    const second = { lo, hi, conditions: [] };
    expect(takeSpace(sold, second, createLot(second, 2n).leaf)).toMatchObject({ code: "OCCUPIED" });
  });

  it("cannot prove a leaf from a tree whose cell is not the leaf's range", () => {
    const wide = createLot({ lo: 0n, hi: 17n, conditions: [] }, 1n).leaf;
    const forged = { lo: 0n, hi: AMOUNT, root: createSplit(16n, createLeafNode(wide), FREE) };
    expect(decodeWitness(encodeWitness(forged), 0n, AMOUNT).ok).toBe(false);
  });

  const thief = leaf("m", "mallory", 0n, 16n);
  const sameId = leaf("a", "mallory", 0n, 16n);
  it.each([
    [
      "in a later record",
      thief,
      [
        ["one", 5],
        ["two", 9],
      ],
      2,
    ],
    ["in a later block of one run", thief, [["two", 9]], 1],
    [
      "in a run that does not link",
      thief,
      [
        ["one", 5],
        ["fork", 9],
      ],
      2,
    ],
    [
      "under the holder's own contract id",
      sameId,
      [
        ["one", 5],
        ["two", 9],
      ],
      2,
    ],
  ] as const)("loses his share and the holder nothing: %s", (_, stolen, posts, sequence) => {
    const second = posts.some(([name]) => name === "fork") ? "fork" : "two";
    const life = createLife(
      {
        one: { leaves: [ALICES] },
        two: { parent: "one", leaves: [stolen] },
        fork: { leaves: [stolen] },
      },
      posts,
    );
    const thiefFirst = [claim(stolen, sequence, second), claim(ALICES, 1, "one", OPENS + 1)];
    for (const claims of [thiefFirst, thiefFirst.toReversed()]) {
      const inOrder = claims.map((each, index) => ({ ...each, height: OPENS + index }));
      const end = playScript(life, JUDGES, 7n, [...inOrder, timeout]);
      expect(end.wrong).toBeUndefined();
      expect(end.codes).toEqual(["holds", "holds", "holds"]);
      expect(end.payoff("alice")).toBe(NET);
      expect(end.payoff("mallory")).toBe(0n);
      expect(end.burnt).toBe(AMOUNT / 10n);
    }
  });

  it.each([
    [15n, "alice"],
    [16n, "mallory"],
  ])("by one unit across roots: point %s is %s's", (point, winner) => {
    const overlapping = leaf("m", "mallory", 15n, 32n);
    const life = createLife(
      { one: { leaves: [ALICES] }, two: { parent: "one", leaves: [overlapping] } },
      [
        ["one", 5],
        ["two", 9],
      ],
    );
    const end = playScript(life, JUDGES, point, [
      claim(overlapping, 2, "two"),
      claim(ALICES, 1, "one", OPENS + 1),
      timeout,
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes[1]).toBe(winner === "alice" ? "holds" : "POINT_NOT_COVERED");
    expect(end.payoff(winner)).toBe(NET);
  });
});

describe("an operator who withholds a block", () => {
  const bobs = leaf("b", "bob", 0n, 16n);
  const thiefs = leaf("m", "mallory", 0n, 16n);
  const toBob = { successors: [termsOf(bobs)] };
  const toThief = { successors: [termsOf(thiefs)] };

  /** A close of the holder's contract in a block that nobody has, and why it cannot hurt him. */
  const WITHHELD: Record<string, [string, Blocks, [string, number][]]> = {
    "the holder has signed nothing": [
      "BAD_SIGNATURE",
      {
        two: {
          parent: "one",
          leaves: [thiefs],
          closes: [closeOf(ALICES, "one", { ...toThief, signer: "mallory" })],
        },
      },
      [["two", 9]],
    ],
    "the holder's close is taken after another block than he saw": [
      "OTHER_BLOCK_SEEN",
      {
        between: { parent: "one", leaves: [ALICES, leaf("x", "mallory", 20n, 30n)] },
        two: { parent: "between", leaves: [bobs], closes: [closeOf(ALICES, "one", toBob)] },
      },
      [["two", 9]],
    ],
    "the block is posted above the height that the holder named": [
      "CLOSE_TOO_LATE",
      {
        two: {
          parent: "one",
          leaves: [bobs],
          closes: [closeOf(ALICES, "one", { ...toBob, heightMax: 8 })],
        },
      },
      [["two", 9]],
    ],
    "the block gives the space to another than the holder named": [
      "SUCCESSOR_MISSING",
      { two: { parent: "one", leaves: [thiefs], closes: [closeOf(ALICES, "one", toBob)] } },
      [["two", 9]],
    ],
    "the block fills the space that the holder left free": [
      "SPACE_NOT_FREE",
      { two: { parent: "one", leaves: [thiefs], closes: [closeOf(ALICES, "one")] } },
      [["two", 9]],
    ],
    "the block does not link to the post that he checked": [
      "NOT_HISTORY",
      {
        later: { parent: "one", leaves: [ALICES] },
        two: { parent: "one", leaves: [bobs], closes: [closeOf(ALICES, "one", toBob)] },
      },
      [
        ["later", 7],
        ["two", 9],
      ],
    ],
  };

  it.each(Object.entries(WITHHELD))("where %s", (_, [code, blocks, posts]) => {
    const life = createLife({ one: { leaves: [ALICES] }, ...blocks }, [["one", 5], ...posts]);
    const sequence = posts.length + 1;
    const end = playScript(life, JUDGES, 7n, [
      claim(ALICES, 1, "one"),
      slash(ALICES, sequence, "two"),
      timeout,
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", code, "holds"]);
    expect(end.payoff("alice")).toBe(NET);
  });

  const other = leaf("o", "mallory", 16n, 32n);
  const under = (
    of: CourtLeaf,
    id: string,
    owner: string,
    name: string,
    side: boolean,
  ): CourtLeaf => ({
    ...of,
    id,
    owner,
    conditions: [{ name, side }],
  });
  const made = [
    under(ALICES, "1", "alice", "game:yes", true),
    under(ALICES, "2", "mallory", "game:yes", false),
    under(other, "3", "alice", "game:no", true),
    under(other, "4", "mallory", "game:no", false),
  ] as const;
  const [mine, theirs, mineThere, theirsThere] = made.map(termsOf) as [
    CourtTerms,
    CourtTerms,
    CourtTerms,
    CourtTerms,
  ];
  const ownHalf = closeOf(ALICES, "one", { successors: [mine, theirs, mineThere] });
  const otherHalf = { successors: [mineThere, theirsThere, theirs] };
  it.each([
    ["is signed by nobody", { ...otherHalf, signer: "oscar" }],
    ["names another block", { ...otherHalf, seenBlock: "origin" }],
    ["came too late", { ...otherHalf, heightMax: 8 }],
    ["names what was not made", { successors: [termsOf(other)] }],
    ["leaves a successor out", { successors: [theirsThere, theirs] }],
  ])("where he takes half a bet, and the other half %s", (_, change) => {
    const life = createLife(
      {
        one: { leaves: [ALICES, other] },
        two: { parent: "one", leaves: [...made], closes: [ownHalf, closeOf(other, "one", change)] },
      },
      [
        ["one", 5],
        ["two", 9],
      ],
    );
    // The bet is lost for her, had it been one; the other side has never staked anything.
    const end = playScript(life, JUDGES, 7n, [
      claim(ALICES, 1, "one"),
      claim(made[1], 2, "two"),
      slash(ALICES, 2, "two"),
      timeout,
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "NOT_BROUGHT", "holds"]);
    expect(end.payoff("alice")).toBe(NET);
  });

  it("but a bet that both have signed is a bet", () => {
    const life = createLife(
      {
        one: { leaves: [ALICES, other] },
        two: {
          parent: "one",
          leaves: [...made],
          closes: [ownHalf, closeOf(other, "one", otherHalf)],
        },
      },
      [
        ["one", 5],
        ["two", 9],
      ],
    );
    const end = playScript(life, JUDGES, 7n, [
      claim(ALICES, 1, "one"),
      claim(made[1], 2, "two"),
      slash(ALICES, 2, "two"),
      timeout,
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "holds", "holds"]);
    expect(end.payoff("mallory")).toBeGreaterThan(NET);
  });
});

describe("a seller who comes back", () => {
  const sold = leaf("s", "mallory", 0n, 16n);
  const bought = leaf("b", "bob", 0n, 16n);
  const sale = (change: Partial<CourtClose> = {}) =>
    createLife(
      {
        one: { leaves: [sold] },
        two: {
          parent: "one",
          leaves: [bought],
          closes: [closeOf(sold, "one", { successors: [termsOf(bought)], ...change })],
        },
      },
      [
        ["one", 5],
        ["two", 9],
      ],
    );
  const lastOfWindow = OPENS + CLAIM_DELAY - 1;
  const end = lastOfWindow + 1 + DISPUTE_DELAY;

  it("at the last height of the claim window gives the buyer a whole dispute delay", () => {
    const answer = { ...slash(sold, 2, "two"), height: lastOfWindow + 1, carrier: "bob" };
    const told = playScript(sale(), JUDGES, 7n, [
      claim(sold, 1, "one", lastOfWindow),
      answer,
      { ...timeout, height: end },
      claim(bought, 2, "two", end),
      { ...timeout, height: end + DISPUTE_DELAY - 1 },
      claim(sold, 1, "one", end + DISPUTE_DELAY - 1),
      { ...timeout, height: end + DISPUTE_DELAY },
    ]);
    expect(told.wrong).toBeUndefined();
    expect(told.codes).toEqual([
      "holds",
      "holds",
      "SUCCESSOR_OPEN",
      "holds",
      "DISPUTE_OPEN",
      "REMOVED",
      "holds",
    ]);
    // And half of the deposit that the seller has lost.
    expect(told.payoff("bob")).toBe(NET + 5n);
    expect(told.payoff("mallory")).toBe(-10n);
  });

  it("keeps what he had where the sale was recorded too late, and the operator pays for both", () => {
    const told = playScript(sale({ heightMax: 8 }), JUDGES, 7n, [
      claim(sold, 1, "one"),
      claim(bought, 2, "two"),
      slash(sold, 2, "two"),
      timeout,
    ]);
    expect(told.wrong).toBeUndefined();
    expect(told.codes).toEqual(["holds", "holds", "CLOSE_TOO_LATE", "holds"]);
    expect(told.payoff("mallory")).toBe(NET);
    expect(told.burnt).toBe(AMOUNT / 10n);
  });
});
