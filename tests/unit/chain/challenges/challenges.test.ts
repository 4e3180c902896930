import { describe, expect, it } from "vitest";
import type { LeafChange } from "../../../../src/blocks/applyTransactions.ts";
import type { BlockTransaction } from "../../../../src/blocks/transaction.ts";
import type { ChallengeAnswer } from "../../../../src/chain/challenges/challengeMessages.ts";
import { priceChallengeAnswer } from "../../../../src/chain/challenges/judgeChallengeResponse.ts";
import { computeRequestFee } from "../../../../src/chain/requests/requestFee.ts";
import { createPaidCondition } from "../../../../src/market/standardConditions.ts";
import { conditionRef } from "../../../../src/protocol/condition.ts";
import type { LateSpace } from "../../../../src/protocol/recordSeen.ts";
import {
  alice,
  bob,
  cash,
  createMainHeader,
  hashName,
  make,
  mallory,
  oscar,
  voidClose,
} from "../../blocks/chainLab.ts";
import { CLAIMS, PARAMETERS, VEO } from "../requests/dataWorld.ts";
import { ChallengeWorld } from "./challengeWorld.ts";

const DELAY = PARAMETERS.dataResponseDelay;
const FEE = PARAMETERS.dataRequestFee;
const DEPOSIT = PARAMETERS.dataRequestDeposit;
const ASKED = { at: 150n, conditions: [] };

const seen = (height: number, ...late: LateSpace[]): BlockTransaction => ({
  kind: "record-seen",
  seen: { height, late },
});

/** Alice's [100, 300) in block 1 under post 1; Oscar sells it again in block 2 under post 2. */
function createDoubleSale() {
  const world = new ChallengeWorld();
  const [alices] = world.sell([alice, 100n, 300n]) as [LeafChange];
  world.post();
  world.forget();
  world.sell([mallory, 100n, 300n]);
  world.post();
  const challenge = world.challenge(
    { block: 1, post: 1 },
    alices.place,
    { block: 2, post: 2 },
    ASKED,
  );
  return { world, alices, challenge };
}

/** Alice gives [100, 300) up to Bob, by a close good to `heightMax`, in block 2. */
function createSale(heightMax: number) {
  const world = new ChallengeWorld();
  const [alices] = world.sell([alice, 100n, 300n]) as [LeafChange];
  world.post();
  const bobs = cash(bob, 100n, 300n);
  world.block([world.lab.close(alices, [bobs], { heightMax }), make(bobs)]);
  world.post();
  return { world, alices };
}

function challengeSale({ world, alices }: ReturnType<typeof createSale>) {
  const second = { block: 2, post: 2 };
  return world.challenge({ block: 1, post: 1 }, alices.place, second, ASKED);
}

describe("a challenge", () => {
  it("costs its fee and a deposit, and is on record until it is answered", () => {
    const { world, challenge } = createDoubleSale();
    const before = world.balance(bob);
    const { said } = world.raise(bob, challenge);
    expect(said).toBe("holds");
    expect(world.balance(bob)).toBe(before - FEE - DEPOSIT);
    expect(world.challenges().open).toMatchObject([
      { first: { block: 1 }, second: { block: 2 }, due: world.height + DELAY },
    ]);
  });

  it("shows a contract that stood, and the same chain's later state without it", () => {
    const { world, alices, challenge } = createDoubleSale();
    const [first, second] = [
      { block: 1, post: 1 },
      { block: 2, post: 2 },
    ];
    const turned = world.challenge(second, alices.place, first, ASKED);
    expect(world.raise(bob, turned).said).toBe("NOT_LATER");
    const still = world.challenge(first, alices.place, first, ASKED);
    expect(world.raise(bob, still).said).toBe("STILL_STANDS");
    const elsewhere = world.challenge(first, alices.place, second, { at: 300n, conditions: [] });
    expect(world.raise(bob, elsewhere).said).toBe("ELSEWHERE");
    const unposted = { ...challenge, second: { ...challenge.second, sequence: 3 } };
    expect(world.raise(bob, unposted).said).toBe("NO_SUCH_RECORD");
    const named = { ...challenge, space: { lo: 0n, hi: 1_000n } };
    expect(world.raise(bob, named).said).toBe("NOT_EMPTY");
    const path = [{ id: world.top.topId, operator: bob.publicKey }];
    const other = { ...named, path };
    expect(world.raise(bob, other).said).toBe("NO_SUCH_RECORD");
    expect(world.raise(bob, challenge).said).toBe("holds");
    expect(world.raise(mallory, challenge).said).toBe("CHALLENGED_ALREADY");
  });

  it("is none where an older state is shown under a later record", () => {
    const world = new ChallengeWorld();
    world.sell([bob, 500n, 600n]);
    const [alices] = world.sell([alice, 100n, 300n]) as [LeafChange];
    world.post();
    world.sell([bob, 600n, 700n]);
    world.post();
    // Block 1 is in the run under post 2, too, because headers link as far back as one likes.
    const older = world.challenge(
      { block: 2, post: 1 },
      alices.place,
      { block: 1, post: 2 },
      ASKED,
    );
    expect(world.raise(mallory, older).said).toBe("NOT_LATER");
  });

  it("is none of a contract on the other side of a condition, or of its own seal", () => {
    const world = new ChallengeWorld();
    const { refund } = world.lab.conditions;
    const under = (side: boolean) => [{ ...conditionRef(refund), side }];
    const yes = cash(alice, 100n, 300n, under(true));
    const no = cash(bob, 100n, 300n, under(false));
    const [, , plain] = world.make([yes, no, cash(alice, 400n, 500n)], [refund]);
    world.post();
    world.block([world.lab.seal(plain as LeafChange)]);
    world.post();
    const [first, second] = [
      { block: 1, post: 1 },
      { block: 2, post: 2 },
    ];
    for (const [conditions, code] of [
      [under(false), "OTHER_SIDE"],
      [under(true), "STILL_STANDS"],
      [[], "SIDE_MISSING"],
    ] as const) {
      const asked = { at: 150n, conditions };
      const challenge = world.challenge(first, yes.place, second, asked);
      expect(world.raise(mallory, challenge).said).toBe(code);
    }
    const asked = { at: 450n, conditions: [] };
    const own = world.challenge(first, cash(alice, 400n, 500n).place, second, asked);
    expect(world.raise(mallory, own).said).toBe("STILL_STANDS");
  });

  it("is taken below the first height of a claim, and gets dearer with each that waits", () => {
    const { world, challenge } = createDoubleSale();
    world.height = CLAIMS;
    expect(world.raise(bob, challenge).said).toBe("TOO_LATE");
    world.height = CLAIMS - 1;
    const before = world.balance(bob);
    expect(world.raise(bob, challenge).said).toBe("holds");
    expect(before - world.balance(bob)).toBe(computeRequestFee(0, PARAMETERS) + DEPOSIT);
  });

  it("is none under a void post", () => {
    const { world, challenge } = createDoubleSale();
    world.ask(alice, world.request(2));
    world.height += DELAY + 1;
    expect(world.raise(bob, challenge).said).toBe("VOID_POST");
  });

  it("catches who lies about heights by what he posts later", () => {
    const { world, alices } = createDoubleSale();
    // The third block says that it is of height 1.
    world.lab.tip = { ...world.lab.tip, height: 0 };
    world.sell([bob, 400n, 500n]);
    world.post();
    const [first, second] = [
      { block: 1, post: 1 },
      { block: 3, post: 3 },
    ];
    const lied = world.challenge(first, alices.place, second, ASKED);
    expect(world.raise(bob, lied).said).toBe("holds");
  });
});

describe("an answer", () => {
  it("is the owner's close, in time or too late, for which the challenger pays by the byte", () => {
    for (const heightMax of [50, 5]) {
      const sale = createSale(heightMax);
      const { world } = sale;
      const [operator, before] = [world.balance(oscar), world.balance(bob)];
      const { said, id } = world.raise(bob, challengeSale(sale));
      expect(said).toBe("holds");
      const answer = world.closeAnswer({ block: 2, post: 2 }, 0);
      expect(world.explain(oscar, id, answer)).toBe("holds");
      expect(world.challenges()).toEqual({ open: [], lost: undefined });
      const price = priceChallengeAnswer(answer, PARAMETERS);
      expect(before - world.balance(bob)).toBe(FEE + price);
      expect(world.balance(oscar)).toBe(operator);
      expect(world.explain(oscar, id, answer)).toBe("NO_SUCH_CHALLENGE");
    }
  });

  it("is no close by another, of another contract, of another block, or after the later state", () => {
    const world = new ChallengeWorld();
    const [alices, others] = world.sell([alice, 100n, 300n], [alice, 300n, 400n]) as [
      LeafChange,
      LeafChange,
    ];
    world.post();
    const bobs = cash(bob, 300n, 400n);
    world.block([world.lab.close(others, [bobs]), make(bobs)]);
    world.post();
    const honest = world.lab.content;
    world.forget();
    world.sell([mallory, 100n, 300n]);
    world.post();
    const { id } = world.raise(
      bob,
      world.challenge({ block: 1, post: 1 }, alices.place, { block: 3, post: 3 }, ASKED),
    );
    expect(world.explain(oscar, id, world.closeAnswer({ block: 2, post: 2 }, 0))).toBe(
      "NOT_THE_OWNERS_WORD",
    );
    expect(world.explain(oscar, id, world.closeAnswer({ block: 2, post: 2 }, 1))).toBe(
      "NOT_A_CLOSE",
    );
    // Alice signs in the end, for a block after the one in which hers was given away.
    world.lab.content = honest;
    world.lab.tip = { ...world.lab.tip, state: world.header(2).stateAfter };
    world.block([world.lab.close(alices, [])]);
    world.post();
    const late = world.closeAnswer({ block: 4, post: 4 }, 0);
    expect(world.explain(oscar, id, late)).toBe("NOT_BETWEEN");
    const moved = { ...late, headers: world.headers({ block: 3, post: 4 }) };
    expect(world.explain(oscar, id, moved)).toBe("WRONG_ROOT");
  });

  it("is a condition that has come out against the contract, once that is final", () => {
    const world = new ChallengeWorld();
    const paid = createPaidCondition(0, hashName("payment"), 5n, 20);
    const contract = cash(alice, 100n, 300n, [{ ...conditionRef(paid), side: true }]);
    const [unpaid] = world.make([contract], [paid]) as [LeafChange];
    world.post();
    const evidence = world.lab.learn(createMainHeader(30, [])).prove(paid);
    world.block([voidClose(unpaid, 0, paid, evidence)], { mainHeight: 40 });
    world.post();
    const { id, said } = world.raise(
      bob,
      world.challenge({ block: 1, post: 1 }, contract.place, { block: 2, post: 2 }, ASKED),
    );
    expect(said).toBe("holds");
    const answer: ChallengeAnswer = { kind: "condition", index: 0, condition: paid };
    expect(world.explain(oscar, id, answer)).toBe("NOT_FINAL");
    world.height = 21;
    expect(world.explain(oscar, id, { ...answer, index: 1 })).toBe("NO_SUCH_CONDITION");
    const other = { ...paid, salt: new Uint8Array(32).fill(2) };
    expect(world.explain(oscar, id, { ...answer, condition: other })).toBe("OTHER_CONDITION");
    expect(world.explain(oscar, id, answer)).toBe("holds");
  });

  it("is no condition that came out for the contract", () => {
    const { world, challenge } = createDoubleSale();
    const { id } = world.raise(bob, challenge);
    const condition = world.lab.conditions.win;
    expect(world.explain(oscar, id, { kind: "condition", index: 0, condition })).toBe(
      "NO_SUCH_CONDITION",
    );
  });

  it("is a match in which the owner's order used the contract up", () => {
    const world = new ChallengeWorld();
    const { lab } = world;
    const [alices, , mallorys] = world.sell(
      [alice, 0n, 10_000n],
      [bob, 10_000n, 20_000n],
      [mallory, 20_000n, 30_000n],
    ) as [LeafChange, LeafChange, LeafChange];
    world.post();
    const matches = lab.match([
      { who: alice, side: "buyYes", limit: 600, quantity: 4_000n },
      { who: bob, side: "buyNo", limit: 500, quantity: 4_000n },
    ]);
    const { refund, win } = lab.conditions;
    const transactions = matches.map((match) => ({ kind: "match", match }) as const);
    world.block(transactions, { conditions: [refund, win] });
    world.post();
    const [first, second] = [
      { block: 1, post: 1 },
      { block: 2, post: 2 },
    ];
    const asked = { at: 9_000n, conditions: [] };
    const { id, said } = world.raise(mallory, world.challenge(first, alices.place, second, asked));
    expect(said).toBe("holds");
    expect(world.explain(oscar, id, world.closeAnswer(second, 0))).toBe("holds");
    // What the match did not use up, it does not explain.
    world.forget();
    world.sell([bob, 20_000n, 30_000n]);
    world.post();
    const sold = world.raise(
      mallory,
      world.challenge(
        first,
        mallorys.place,
        { block: 3, post: 3 },
        { at: 25_000n, conditions: [] },
      ),
    );
    expect(sold.said).toBe("holds");
    expect(world.explain(oscar, sold.id, world.closeAnswer(second, 0))).toBe("NOT_THE_OWNERS_WORD");
  });
});

/** Alice gives hers up to Bob, too late for the record; then Oscar sweeps what that made. */
function createSweep(heightMax: number) {
  const { world, alices } = createSale(heightMax);
  const late = { place: alices.place, since: 2 };
  world.block([seen(2, late)]);
  world.post();
  const bobs = cash(bob, 100n, 300n).place;
  const [first, second] = [
    { block: 2, post: 2 },
    { block: 3, post: 3 },
  ];
  const { said, id } = world.raise(mallory, world.challenge(first, bobs, second, ASKED));
  expect(said).toBe("holds");
  return { world, alices, id };
}

describe("the answer that a contract never counted", () => {
  it("shows the close before it, which came too late for the record", () => {
    const { world, alices, id } = createSweep(5);
    const answer = world.lateAnswer({ block: 2, post: 2 }, 0, alices.place);
    expect(world.explain(oscar, id, answer)).toBe("holds");
  });

  it("is none where the close came in time, or is of another place, or not the owner's", () => {
    const { world, alices, id } = createSweep(50);
    const answer = world.lateAnswer({ block: 2, post: 2 }, 0, alices.place);
    expect(world.explain(oscar, id, answer)).toBe("IN_TIME");
    // Shown under a later record, by a run that goes back over the post before.
    const stretched = world.lateAnswer({ block: 2, post: 3 }, 0, alices.place);
    const run = world.headers({ block: 2, post: 3 });
    const back = { ...stretched, posted: { ...stretched.posted, run, at: 0 } };
    expect(world.explain(oscar, id, back)).toBe("NOT_HISTORY");
  });

  it("is none that was made up afterwards", () => {
    const { world, id } = createSweep(50);
    world.forget();
    const [own] = world.sell([mallory, 100n, 300n]) as [LeafChange];
    world.block([world.lab.close(own, [], { heightMax: 1 })]);
    world.post();
    const answer = world.lateAnswer({ block: 5, post: 4 }, 0, own.place);
    expect(world.explain(oscar, id, answer)).toBe("NOT_BEFORE");
  });

  it("goes by what the close takes of others that came too late", () => {
    const world = new ChallengeWorld();
    const [alices, bobs] = world.sell([alice, 100n, 200n], [bob, 200n, 300n]) as [
      LeafChange,
      LeafChange,
    ];
    world.post();
    const { refund } = world.lab.conditions;
    const sides = (lo: bigint, hi: bigint) =>
      [true, false].map((side) =>
        cash(side ? alice : bob, lo, hi, [{ ...conditionRef(refund), side }]),
      );
    const all = [...sides(100n, 200n), ...sides(200n, 300n)];
    const named = (who: typeof alice, lo: bigint) =>
      all.filter(
        ({ owner, place }) => place.lo === lo || (owner === who.publicKey && place.lo !== lo),
      );
    world.block(
      [
        world.lab.close(alices, named(alice, 100n)),
        world.lab.close(bobs, named(bob, 200n), { heightMax: 5 }),
        ...all.map(make),
      ],
      { conditions: [refund] },
    );
    world.post();
    world.block([seen(2, { place: alices.place, since: 2 }, { place: bobs.place, since: 2 })]);
    world.post();
    const [yes] = sides(100n, 200n);
    if (yes === undefined) throw new Error("no side");
    const { id, said } = world.raise(
      mallory,
      world.challenge({ block: 2, post: 2 }, yes.place, { block: 3, post: 3 }, ASKED),
    );
    expect(said).toBe("holds");
    const alone = world.lateAnswer({ block: 2, post: 2 }, 0, alices.place);
    expect(world.explain(oscar, id, alone)).toBe("IN_TIME");
    const both = world.lateAnswer({ block: 2, post: 2 }, 0, alices.place, { others: [1] });
    expect(world.explain(oscar, id, both)).toBe("holds");
  });
});

describe("time", () => {
  it("an answer counts up to the last height, a timeout from the next", () => {
    const { world, challenge } = createDoubleSale();
    const before = world.balance(bob);
    const { id } = world.raise(bob, challenge);
    world.height += DELAY;
    expect(world.giveUp(alice, id)).toBe("TOO_EARLY");
    world.height += 1;
    expect(world.explain(oscar, id, world.closeAnswer({ block: 2, post: 2 }, 0))).toBe("TOO_LATE");
    expect(world.giveUp(alice, id)).toBe("holds");
    expect(world.balance(bob)).toBe(before - FEE);
    expect(world.challenges()).toEqual({
      open: [],
      lost: { due: world.height - 1, challenger: bob.publicKey, fee: FEE },
    });
  });
});

describe("the operator's share", () => {
  function settle(world: ChallengeWorld): void {
    world.height = CLAIMS + PARAMETERS.claimDelayMin;
    world.must(mallory, {
      kind: "sortition-timeout",
      timeout: { chainId: world.top.chainId },
    });
  }

  it.each([true, false])(
    "is lost where he has no answer, timeout sent or not (%s): a bounded part to the challenger, the rest to nobody",
    (isSent) => {
      const { world, challenge } = createDoubleSale();
      const [operator, challenger, total] = [
        world.balance(oscar),
        world.balance(bob),
        world.total(),
      ];
      const { id } = world.raise(bob, challenge);
      world.height += DELAY + 1;
      if (isSent) expect(world.giveUp(alice, id)).toBe("holds");
      settle(world);
      if (!isSent) expect(world.giveUp(alice, id)).toBe("holds");
      expect(world.balance(oscar)).toBe(operator + 900n * VEO);
      expect(world.balance(bob)).toBe(challenger + DEPOSIT);
      expect(total - world.total({ amount: 0n })).toBe(100n * VEO - FEE - DEPOSIT);
    },
  );

  it("goes back to him whole if he has answered", () => {
    const sale = createSale(50);
    const { world } = sale;
    const before = world.balance(oscar);
    const { id } = world.raise(bob, challengeSale(sale));
    expect(world.explain(oscar, id, world.closeAnswer({ block: 2, post: 2 }, 0))).toBe("holds");
    settle(world);
    expect(world.balance(oscar)).toBe(before + 1_000n * VEO);
  });

  it("pays whoever had no answer first, who asked for data or who challenged", () => {
    for (const isDataFirst of [true, false]) {
      const { world, challenge } = createDoubleSale();
      const ask = () => expect(world.ask(alice, world.request(2)).said).toBe("holds");
      const accuse = () => expect(world.raise(bob, challenge).said).toBe("holds");
      const [first, then] = isDataFirst ? [ask, accuse] : [accuse, ask];
      first();
      world.height += 1;
      then();
      const before = [world.balance(alice), world.balance(bob)];
      settle(world);
      const paid = [world.balance(alice), world.balance(bob)].map(
        (after, index) => after - (before[index] as bigint),
      );
      expect(paid).toEqual(isDataFirst ? [FEE + DEPOSIT, 0n] : [0n, FEE + DEPOSIT]);
    }
  });
});
