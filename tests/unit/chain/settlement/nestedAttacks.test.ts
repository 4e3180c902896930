import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../../src/chain/settlement/judgeTimeout.ts";
import { LINE_MAX } from "../../../../src/protocol/limits.ts";
import type { NestedHistory } from "../../../properties/settlement/nestedHistory.ts";
import { playNestedScript } from "../../../properties/settlement/nestedPlay.ts";
import type {
  CourtAction,
  CourtBlock,
  CourtClose,
  CourtLeaf,
  CourtPost,
  CourtSent,
  CourtShowing,
} from "../../../reference/courtCase.ts";

const JUDGES = { judgeClaim, judgeSlash, judgeTimeout };
const AMOUNT = 64n;
const EXPIRY = 60;
const OPENS = EXPIRY + 4;
const CLAIM_DELAY = 4;
const DISPUTE_DELAY = 3;
const END = OPENS + CLAIM_DELAY + 2 * DISPUTE_DELAY;
/** A tenth for the operator at the top, a tenth of the rest for one below, both rounded down. */
const SHARES = [6n, 5n] as const;
const DEPOSIT = 10n;

type Told = Partial<Omit<CourtBlock, "chain">> & { readonly leaves: readonly CourtLeaf[] };

/** Blocks of each chain by name, a block after the one before it, and when which block of the first was recorded. */
function createLife(
  told: Record<string, Record<string, Told>>,
  posts: readonly (readonly [string, number])[],
  sent: readonly CourtSent[] = [],
): NestedHistory {
  const blocks = new Map<string, CourtBlock>();
  const spaces = new Map<string, { lo: bigint; hi: bigint }>();
  for (const [chain, own] of Object.entries(told)) {
    const named = chain === "origin" ? {} : { chain };
    blocks.set(chain, { parent: "", leaves: [], closes: [], ...named });
    let parent = chain;
    for (const [name, block] of Object.entries(own)) {
      blocks.set(name, { parent, closes: [], ...block, ...named });
      parent = name;
    }
    spaces.set(chain, chain === "origin" ? { lo: 0n, hi: AMOUNT } : { lo: 0n, hi: 32n });
  }
  return {
    facts: {
      drawBlocks: 3,
      depositMin: DEPOSIT,
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
      blocks,
      records: posts.map(([block, height]) => ({ height, index: 0, block })),
      sent,
      conditions: new Map(),
      oracles: new Map(),
      payments: new Map(),
    },
    levels: new Map(),
    states: [],
    shown: [],
    shownLines: [],
    spaces,
  };
}

function leaf(id: string, owner: string, anchor?: string): CourtLeaf {
  const terms = { lo: 0n, hi: 32n, owner, script: "true", conditions: [] } as const;
  const sealed = anchor === undefined ? {} : { anchor };
  return { id, ...terms, shareBps: 1_000n, ...sealed };
}

function closeOf(of: CourtLeaf, seenBlock: string, successors: readonly CourtLeaf[]): CourtClose {
  const { id: contractId, lo, hi, conditions, owner: signer } = of;
  const terms = successors.map(({ id: _, ...each }) => each);
  const place = { lo, hi, conditions };
  return { contractId, place, signer, seenBlock, heightMax: 1_000, successors: terms };
}

const posted = (chain: string, operator: string, block: string): CourtPost => ({
  chain,
  operator,
  block,
  signer: operator,
});

const show = (sequence: number, block: string, of: CourtLeaf): CourtShowing => ({
  sequence,
  block,
  leaf: of,
});

function claim(height: number, ...line: readonly CourtShowing[]): CourtAction {
  const last = line.at(-1);
  if (last === undefined) throw new Error("a line has a level");
  const { owner } = last.leaf;
  const terms = { state: undefined, evidence: undefined, improves: false };
  const above = line.slice(0, -1);
  return { kind: "claim", height, carrier: owner, signer: owner, above, ...last, ...terms };
}

function slash(
  height: number,
  line: readonly CourtLeaf[],
  level: number,
  sequence: number,
  block: string,
  top: { top?: string } = {},
): CourtAction {
  const against = line.at(-1);
  if (against === undefined) throw new Error("a line has a level");
  const closes = [{ sequence, ...top, block, close: 0 }];
  const above = line.slice(0, -1);
  return { kind: "close", height, carrier: "alice", above, against, level, closes };
}

const timeout = (height: number): CourtAction => ({ kind: "timeout", height, carrier: "miner" });

const plain = leaf("c", "carol");
const sealed = leaf("c", "carol", "origin");
const sold = leaf("d", "dave");
const bought = leaf("e", "bob");

/** Carol's chain inside, which posts in the first one; Dave has sold what he held in it to Bob. */
const sale = () =>
  createLife(
    {
      origin: {
        R1: { leaves: [plain] },
        R2: { leaves: [sealed] },
        R3: { leaves: [sealed], posts: [posted("c", "carol", "B1")] },
        R4: { leaves: [sealed], posts: [posted("c", "carol", "B2")] },
      },
      c: {
        B1: { leaves: [sold] },
        B2: { leaves: [bought], closes: [closeOf(sold, "B1", [bought])] },
      },
    },
    [
      ["R1", 5],
      ["R2", 6],
      ["R3", 7],
      ["R4", 9],
    ],
  );

describe("a seller inside a chain inside another", () => {
  it("is slashed with the close between two of the top chain's records, and the buyer is paid", () => {
    const end = playNestedScript(sale(), JUDGES, 7n, [
      claim(OPENS, show(2, "R2", sealed), show(3, "B1", sold)),
      slash(OPENS + 1, [sealed, sold], 1, 4, "B2"),
      claim(OPENS + 1, show(2, "R2", sealed), show(4, "B2", bought)),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "holds", "holds"]);
    expect(end.payoff("bob")).toBe(AMOUNT - SHARES[0] - SHARES[1]);
    expect(end.payoff("dave")).toBe(-DEPOSIT);
    expect([end.payoff("oscar"), end.payoff("carol")]).toEqual(SHARES);
    expect(end.payoff("alice")).toBe(DEPOSIT / 2n);
  });

  it("keeps what he had where the close does not follow on what was posted just before", () => {
    const posts = (block: string) => [posted("c", "carol", block)];
    const life = createLife(
      {
        origin: {
          R1: { leaves: [sealed] },
          R2: { leaves: [sealed], posts: posts("B1") },
          R3: { leaves: [sealed], posts: posts("X") },
          R4: { leaves: [sealed], posts: posts("B2") },
        },
        c: {
          B1: { leaves: [sold] },
          X: { parent: "c", leaves: [] },
          B2: { parent: "B1", leaves: [bought], closes: [closeOf(sold, "B1", [bought])] },
        },
      },
      [
        ["R1", 5],
        ["R2", 6],
        ["R3", 7],
        ["R4", 9],
      ],
    );
    const end = playNestedScript(life, JUDGES, 7n, [
      claim(OPENS, show(1, "R1", sealed), show(2, "B1", sold)),
      slash(OPENS + 1, [sealed, sold], 1, 4, "B2"),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "NOT_HISTORY", "holds"]);
  });
});

describe("the owner of a contract that he has sealed", () => {
  it("takes it back by no close, and whoever bought inside is paid", () => {
    const life = createLife(
      {
        origin: {
          R1: { leaves: [sealed], posts: [] },
          R2: { leaves: [sealed], posts: [posted("c", "carol", "B1")] },
          R3: {
            leaves: [leaf("f", "mallory")],
            closes: [closeOf(sealed, "R2", [leaf("f", "mallory")])],
          },
        },
        c: { B1: { leaves: [bought] } },
      },
      [
        ["R1", 5],
        ["R2", 6],
        ["R3", 7],
      ],
    );
    const end = playNestedScript(life, JUDGES, 7n, [
      claim(OPENS, show(1, "R1", sealed), show(2, "B1", bought)),
      slash(OPENS + 1, [sealed, bought], 0, 3, "R3"),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "SEALED", "holds"]);
    expect(end.payoff("bob")).toBe(AMOUNT - SHARES[0] - SHARES[1]);
  });

  it("cannot burn his operator's share by claiming it both as it was and sealed", () => {
    const end = playNestedScript(sale(), JUDGES, 7n, [
      claim(OPENS, show(1, "R1", plain)),
      claim(OPENS, show(2, "R2", sealed)),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.burnt).toBe(0n);
    expect(end.payoff("carol")).toBe(AMOUNT - SHARES[0]);
  });

  it("is paid after whoever holds a part, although he shows the contract earlier as it was", () => {
    const end = playNestedScript(sale(), JUDGES, 7n, [
      claim(OPENS, show(1, "R1", plain)),
      claim(OPENS, show(2, "R2", sealed), show(4, "B2", bought)),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.payoff("bob")).toBe(AMOUNT - SHARES[0] - SHARES[1]);
    expect(end.burnt).toBe(0n);
  });
});

describe("a contract that was closed before it was shown sealed", () => {
  const successor = leaf("f", "mallory");
  const life = () =>
    createLife(
      {
        origin: {
          R1: { leaves: [sealed] },
          R2: { leaves: [plain] },
          R3: { leaves: [successor], closes: [closeOf(plain, "R2", [successor])] },
          R4: { leaves: [sealed], posts: [posted("c", "carol", "B1")] },
        },
        c: { B1: { leaves: [sold] } },
      },
      [
        ["R1", 5],
        ["R2", 6],
        ["R3", 7],
        ["R4", 8],
      ],
    );
  const late = [show(4, "R4", sealed), show(4, "B1", sold)] as const;
  const early = [show(1, "R1", sealed), show(4, "B1", sold)] as const;

  it("falls with every line through it, and none comes after", () => {
    const end = playNestedScript(life(), JUDGES, 7n, [
      claim(OPENS, late[0]),
      claim(OPENS, ...late),
      slash(OPENS + 1, [sealed, sold], 0, 3, "R3"),
      claim(OPENS + 2, late[0]),
      timeout(END + 1),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "holds", "REMOVED", "holds"]);
    expect(end.burnt).toBe(DEPOSIT);
    expect(end.payoff("alice")).toBe(DEPOSIT);
    expect(end.payoff("oscar")).toBe(AMOUNT);
  });

  it("comes back, in time, where it is shown that it was sealed before the close", () => {
    const undo = { ...claim(OPENS + 1 + DISPUTE_DELAY, ...early), improves: true } as CourtAction;
    const end = playNestedScript(life(), JUDGES, 7n, [
      claim(OPENS, ...late),
      slash(OPENS + 1, [sealed, sold], 0, 3, "R3"),
      { ...undo, height: OPENS + 2, ...late[1], above: [late[0]] } as CourtAction,
      undo,
      slash(OPENS + 5, [sealed, sold], 0, 3, "R3"),
      timeout(END + 1),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "REMOVED", "holds", "SEALED", "holds"]);
    // Only the first deposit is gone: the second, twice as much, came back.
    expect(end.payoff("dave")).toBe(AMOUNT - SHARES[0] - SHARES[1] - DEPOSIT);
  });

  it("does not come back a height too late", () => {
    const undo = { ...claim(OPENS + 2 + DISPUTE_DELAY, ...early), improves: true } as CourtAction;
    const end = playNestedScript(life(), JUDGES, 7n, [
      claim(OPENS, ...late),
      slash(OPENS + 1, [sealed, sold], 0, 3, "R3"),
      timeout(OPENS + 1 + DISPUTE_DELAY),
      undo,
      timeout(END + 1),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "UNDO_OPEN", "REMOVED", "holds"]);
  });
});

describe("a chain that has switched to the main chain", () => {
  const stolen = leaf("m", "mallory");
  const own = { top: "c" } as const;
  const word = (kind: "switch" | "post", height: number, sequence: number, block = "") => {
    const who = { chain: "c", operator: "carol", signer: "carol" } as const;
    return { kind, height, index: 1, ...who, sequence, block } as const;
  };

  /** Carol's chain posts in the first one up to height 7, and from 8 on, with post 4, on the main chain. */
  const life = () =>
    createLife(
      {
        origin: {
          R1: { leaves: [sealed] },
          R2: { leaves: [sealed], posts: [posted("c", "carol", "B1")] },
          R3: { leaves: [sealed], posts: [posted("c", "carol", "X")] },
        },
        c: {
          B1: { leaves: [sold] },
          B2: { leaves: [bought], closes: [closeOf(sold, "B1", [bought])] },
          X: { parent: "B1", leaves: [stolen] },
        },
      },
      [
        ["R1", 5],
        ["R2", 7],
        ["R3", 8],
      ],
      [word("switch", 8, 4), word("post", 9, 4, "B1"), word("post", 9, 5, "B2")],
    );

  it("is paid on a line whose levels stand under two chains' posts, and a close between its own counts", () => {
    const end = playNestedScript(life(), JUDGES, 7n, [
      claim(OPENS, show(1, "R1", sealed), show(2, "B1", sold)),
      slash(OPENS + 1, [sealed, sold], 1, 5, "B2", own),
      claim(OPENS + 1, show(1, "R1", sealed), { ...show(5, "B2", bought), ...own }),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds", "holds", "holds"]);
    expect(end.payoff("bob")).toBe(AMOUNT - SHARES[0] - SHARES[1]);
  });

  it("is not heard any more where it posted before, from the height of the switch on", () => {
    const end = playNestedScript(life(), JUDGES, 7n, [
      claim(OPENS, show(1, "R1", sealed), show(3, "X", stolen)),
      claim(OPENS, show(1, "R1", sealed), show(2, "B1", sold)),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["SWITCHED", "holds", "holds"]);
  });

  it("closes nothing by its first post there, before which the main chain knows of none", () => {
    const history = life();
    const sent = [word("switch", 8, 4), word("post", 9, 4, "B2")];
    const early = { ...history, facts: { ...history.facts, sent } };
    const end = playNestedScript(early, JUDGES, 7n, [
      claim(OPENS, show(1, "R1", sealed), show(2, "B1", sold)),
      slash(OPENS + 1, [sealed, sold], 1, 4, "B2", own),
      timeout(END),
    ]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "NO_RECORD_BEFORE", "holds"]);
  });
});

describe("a line of many levels", () => {
  /** Chains c1, c2, … each inside the one before and posting in it, and a plain leaf at the end. */
  function deepLife(levels: number) {
    const leaves = Array.from({ length: levels }, (_, level) => {
      const above = level === 0 ? "origin" : `c${level}`;
      return leaf(`c${level + 1}`, "carol", level === levels - 1 ? undefined : above);
    });
    const told: Record<string, Record<string, Told>> = {};
    leaves.forEach((each, level) => {
      const below = posted(`c${level + 1}`, "carol", `B${level + 1}`);
      const posts = level === levels - 1 ? [] : [below];
      told[level === 0 ? "origin" : `c${level}`] = { [`B${level}`]: { leaves: [each], posts } };
    });
    const line = leaves.map((each, level) => show(1, `B${level}`, each));
    return { life: createLife(told, [["B0", 5]]), line };
  }

  it(`is paid at ${LINE_MAX} levels, each posting in the one above, in one claim that fits`, () => {
    const { life, line } = deepLife(LINE_MAX);
    const end = playNestedScript(life, JUDGES, 7n, [claim(OPENS, ...line), timeout(END)]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["holds", "holds"]);
    expect(end.payoff("carol")).toBe(AMOUNT - SHARES[0]);
  });

  it("is refused one level deeper", () => {
    const { life, line } = deepLife(LINE_MAX + 1);
    const end = playNestedScript(life, JUDGES, 7n, [claim(OPENS, ...line), timeout(END)]);
    expect(end.wrong).toBeUndefined();
    expect(end.codes).toEqual(["TOO_DEEP", "holds"]);
  });
});
