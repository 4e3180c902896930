import { describe, expect, it } from "vitest";
import { compareBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { createBet } from "../../../src/market/bet.ts";
import { createRedemption } from "../../../src/market/redemption.ts";
import {
  createTrueCondition,
  createTrueOrBadCondition,
} from "../../../src/market/standardConditions.ts";
import type { LiveContract } from "../../../src/operator/engine/contractIndex.ts";
import { DEFAULT_POLICY } from "../../../src/operator/engine/policy.ts";
import { conditionRef } from "../../../src/protocol/condition.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import { isSignedState } from "../../../src/protocol/contractState.ts";
import { SCRIPT_BYTES_MAX } from "../../../src/protocol/limits.ts";
import { TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../../../src/protocol/script.ts";
import {
  askBet,
  buyCash,
  close,
  contractsOf,
  findContract,
  giveUp,
  granted,
  handIn,
  payFor,
  placeBet,
  proposeState,
  redeem,
  refused,
  reserve,
  signBet,
  signSale,
} from "./traders.ts";
import {
  CHAIN,
  createDurable,
  keyOf,
  OPERATOR,
  ORACLE_ID,
  pay,
  RULES,
  report,
  World,
} from "./world.ts";

const alice = keyOf("alice");
const bob = keyOf("bob");
const VEO = 100_000_000n;
const hashName = (name: string) => sha256(encodeUtf8(name));

describe("buying in", () => {
  it("makes the leaf under its payment, and cash of it once it is paid", () => {
    const world = new World();
    const offer = reserve(world, alice, VEO);
    expect(offer).toMatchObject({ lo: 0n, hi: VEO, price: VEO + VEO / 200n, payBelow: 40 });
    world.settle();
    const [unpaid] = contractsOf(world, alice);
    expect(unpaid?.place.conditions).toHaveLength(1);
    if (unpaid === undefined) return;

    expect(refused(world, redeem(world, alice, unpaid))).toBe("NOT_FINAL");
    payFor(world, alice, offer);
    world.mine(2);
    expect(refused(world, redeem(world, alice, unpaid))).toBe("NOT_FINAL");
    world.mine(1);
    const request = redeem(world, alice, unpaid);
    world.settle();
    expect(granted(world, request, "closes").blockHeight).toBe(2);
    expect(contractsOf(world, alice).map(({ place }) => place.conditions)).toEqual([[]]);
  });

  it("gives nothing for a payment that is too small, and takes the space back when it lapses", () => {
    const world = new World();
    const offer = reserve(world, alice, VEO);
    world.settle();
    payFor(world, alice, offer, offer.price - 1n);
    world.mine(3);
    const [unpaid] = contractsOf(world, alice);
    if (unpaid === undefined) throw new Error("no leaf");
    expect(refused(world, redeem(world, alice, unpaid))).toBe("CONDITION_FAILS");
    world.mine(40);
    world.settle();
    expect(contractsOf(world, alice)).toEqual([]);
    expect(reserve(world, bob, VEO)).toMatchObject({ lo: 0n, hi: VEO });
  });

  it("limits what one buyer holds unpaid, and sells no range twice", () => {
    const world = new World();
    const ranges = Array.from({ length: DEFAULT_POLICY.unpaidMax }, () =>
      reserve(world, alice, VEO),
    );
    const ask = () => world.ask({ kind: "purchase", buyer: alice.publicKey, width: VEO });
    expect(refused(world, ask())).toBe("TOO_MANY_UNPAID");
    world.settle();
    expect(refused(world, ask())).toBe("TOO_MANY_UNPAID");
    expect(new Set(ranges.map(({ lo }) => lo)).size).toBe(ranges.length);
    expect(reserve(world, bob, VEO).lo).toBe(BigInt(ranges.length) * VEO);
  });

  it("refuses what is too narrow, too wide, too late, and anything before it knows the main chain", () => {
    const world = new World();
    const ask = (width: bigint) => world.ask({ kind: "purchase", buyer: bob.publicKey, width });
    expect(refused(world, ask(999n))).toBe("TOO_NARROW");
    expect(refused(world, ask(CHAIN.hi + 1n))).toBe("NOT_ENOUGH_SPACE");
    world.mine(CHAIN.expiry - world.durable.main.length);
    expect(refused(world, ask(VEO))).toBe("CHAIN_CLOSED");
  });
});

describe("bets", () => {
  it("takes both closes into one block, and pays the winner by redemption", () => {
    const world = new World();
    const cash = buyCash(world, alice, 10n * VEO);
    buyCash(world, bob, 30n * VEO);
    const offer = placeBet(world, alice, bob, cash, 10n * VEO);
    expect(offer.no.stake).toBe(10n * VEO);
    expect(contractsOf(world, alice)).toHaveLength(2);
    expect(contractsOf(world, bob)).toHaveLength(3);

    world.mine(1);
    report(world.durable, "true");
    world.mine(3);
    const [first, second] = contractsOf(world, alice);
    if (first === undefined || second === undefined) throw new Error("no position");
    const [lost] = contractsOf(world, bob).filter(({ place }) => place.conditions.length > 0);
    if (lost === undefined) throw new Error("no position");
    expect(refused(world, redeem(world, bob, lost))).toBe("CONDITION_FAILS");
    const requests = [redeem(world, alice, first), redeem(world, alice, second)];
    world.settle();
    for (const request of requests) granted(world, request, "closes");
    expect(contractsOf(world, alice).every(({ place }) => place.conditions.length === 0)).toBe(
      true,
    );
    expect(contractsOf(world, bob)).toHaveLength(1);
  });

  it("are split from cash of one owner, and both sides merged into it again", () => {
    const world = new World();
    const cash = buyCash(world, alice, 20n * VEO);
    buyCash(world, bob, 20n * VEO);
    placeBet(world, alice, bob, cash, 5n * VEO);
    const [position] = contractsOf(world, alice).filter(({ place }) => place.conditions.length > 0);
    const rest = contractsOf(world, alice).find(({ place }) => place.conditions.length === 0);
    const [condition] = position?.place.conditions ?? [];
    if (rest === undefined || condition === undefined) throw new Error("no bet was made");
    const sides = [true, false].map((side) => {
      const place = { ...rest.place, conditions: [{ ...condition, side }] };
      return { ...createRedemption(rest.leaf, { ...place }), place };
    });
    const split = close(world, alice, rest, sides);
    world.settle();
    granted(world, split, "closes");
    const set = contractsOf(world, alice).filter(({ place }) => place.lo === rest.place.lo);
    const [yes, no] = set;
    if (yes === undefined || no === undefined) throw new Error("the cash was not split");
    const merge = (pair: readonly LiveContract[], successor: ContractNew) =>
      giveUp(world, alice, pair, successor);
    const whole = createRedemption(yes.leaf, yes.place);
    if (position === undefined) throw new Error("no bet was made");
    // Not of one range, not for cash, not all of it.
    expect(refused(world, merge([yes, position], whole))).toBe("NOT_A_SET");
    expect(refused(world, merge([yes, no], { ...whole, owner: bob.publicKey }))).toBe("NOT_A_SET");
    const narrow = { ...whole, place: { ...whole.place, hi: whole.place.hi - VEO } };
    expect(refused(world, merge([yes, no], narrow))).toBe("NOT_A_SET");
    const merged = merge([yes, no], whole);
    world.settle();
    granted(world, merged, "closes");
    const [again] = contractsOf(world, alice).filter(({ place }) => place.lo === rest.place.lo);
    expect(again?.place).toEqual(rest.place);
  });

  it("are merged in one block where every case of a question is held over one range", () => {
    const world = new World();
    const cash = buyCash(world, alice, 20n * VEO);
    buyCash(world, bob, 20n * VEO);
    placeBet(world, alice, bob, cash, 5n * VEO);
    const rest = contractsOf(world, alice).find(({ place }) => place.conditions.length === 0);
    const [first, second] = [createTrueCondition(ORACLE_ID), createTrueOrBadCondition(ORACLE_ID)]
      .map(conditionRef)
      .sort((a, b) => compareBytes(a.hash, b.hash));
    if (rest === undefined || first === undefined || second === undefined)
      throw new Error("no bet");
    const cases = [
      [{ ...first, side: true }],
      [
        { ...first, side: false },
        { ...second, side: true },
      ],
      [
        { ...first, side: false },
        { ...second, side: false },
      ],
    ];
    const { owner, depositBps, scriptHash } = rest.leaf;
    const whole = { place: rest.place, owner, depositBps, scriptHash };
    const split = cases.map((conditions) => ({ ...whole, place: { ...rest.place, conditions } }));
    const divided = close(world, alice, rest, split);
    world.settle();
    granted(world, divided, "closes");
    const set = contractsOf(world, alice).filter(({ place }) => place.lo === rest.place.lo);
    expect(set).toHaveLength(3);
    const [one, two, three] = set as [LiveContract, LiveContract, LiveContract];
    const width = () =>
      contractsOf(world, alice).reduce((sum, { leaf }) => sum + leaf.hi - leaf.lo, 0n);
    const others = width() - 3n * (rest.place.hi - rest.place.lo);
    // Not all cases, one twice, or less than is above them all.
    expect(refused(world, giveUp(world, alice, [one, two], whole))).toBe("NOT_A_SET");
    expect(refused(world, giveUp(world, alice, [one, two, two], whole))).toBe("NOT_A_SET");
    const below = { ...whole, place: { ...rest.place, conditions: [{ ...first, side: false }] } };
    expect(refused(world, giveUp(world, alice, [one, two, three], below))).toBe("NOT_A_SET");
    const { height } = world.state.tip;
    const merged = giveUp(world, alice, [three, one, two], whole);
    world.settle();
    expect(granted(world, merged, "closes").blockHeight).toBe(height + 1);
    expect(contractsOf(world, alice).map(({ place }) => place)).toContainEqual(rest.place);
    expect(width() - others).toBe(rest.place.hi - rest.place.lo);
  });

  it("keeps the tip for the missing close, and lets the proposal die in time", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    buyCash(world, bob, VEO);
    world.happen({ kind: "takerJoined", taker: bob.publicKey });
    const { offer } = granted(world, askBet(world, alice, cash, "yes", VEO), "bet");
    const request = handIn(world, offer.proposalId, signBet(world, offer, "yes", alice));
    const { height } = world.state.tip;
    expect(reserve(world, keyOf("carol"), VEO).previousBlock).toEqual(offer.seenBlock);
    world.durable.nowMs += DEFAULT_POLICY.freezeMs - 1;
    world.happen({ kind: "tick" });
    expect(world.state.tip.height).toBe(height);
    world.durable.nowMs += 1;
    world.happen({ kind: "tick" });
    expect(refused(world, request)).toBe("TIMED_OUT");
    expect(world.state.tip.height).toBe(height + 1);
    expect(findContract(world, cash.leaf.id)).toEqual(cash);
    expect(world.told.at(-1)?.message).toMatchObject({ kind: "ended", code: "TIMED_OUT" });
    const late = handIn(world, offer.proposalId, signBet(world, offer, "no", bob));
    expect(refused(world, late)).toBe("NO_SUCH_PROPOSAL");
  });

  it("refuses another's cash, positions, an unknown market, and what nobody can cover", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    buyCash(world, bob, VEO / 2n);
    expect(refused(world, askBet(world, alice, cash, "yes", VEO))).toBe("NO_TAKER");
    world.happen({ kind: "takerJoined", taker: bob.publicKey });
    expect(refused(world, askBet(world, alice, cash, "yes", VEO))).toBe("NO_TAKER");
    expect(refused(world, askBet(world, bob, cash, "yes", VEO))).toBe("NO_SUCH_CONTRACT");
    expect(refused(world, askBet(world, alice, cash, "yes", 0n))).toBe("NO_STAKE");
    expect(refused(world, askBet(world, alice, cash, "no", 2n * VEO))).toBe("NO_TAKER");
    const elsewhere = world.ask({
      kind: "bet",
      owner: alice.publicKey,
      oracleId: cash.leaf.id,
      side: "yes",
      cashId: cash.leaf.id,
      stake: 2n,
    });
    expect(refused(world, elsewhere)).toBe("NO_SUCH_MARKET");
    report(world.durable, "bad");
    world.mine();
    expect(refused(world, askBet(world, alice, cash, "yes", 10n))).toBe("NOT_OPEN");
  });

  it("refuses a close that differs from the proposal, is not signed, or is of another contract", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    buyCash(world, bob, VEO);
    world.happen({ kind: "takerJoined", taker: bob.publicKey });
    const { offer } = granted(world, askBet(world, alice, cash, "yes", VEO), "bet");
    const right = signBet(world, offer, "yes", alice);
    const wrongOwner = signBet(world, offer, "yes", bob);
    expect(refused(world, handIn(world, offer.proposalId, wrongOwner))).toBe("BAD_SIGNATURE");
    const greedy = {
      ...right,
      close: { ...right.close, successors: right.close.successors.slice(1) },
    };
    expect(refused(world, handIn(world, offer.proposalId, greedy))).toBe("OTHER_CLOSE");
    const stranger = { ...right, close: { ...right.close, contractId: ORACLE_ID } };
    expect(refused(world, handIn(world, offer.proposalId, stranger))).toBe("NOT_A_PARTY");
    const alone = close(world, alice, cash, createOwnBet(cash));
    expect(refused(world, alone)).toBe("CLOSE_QUEUED");
  });

  function createOwnBet(cash: ReturnType<typeof findContract>) {
    const side = { cash: cash.leaf, stake: VEO };
    const bet = createBet(ORACLE_ID, side, side, 0);
    return bet.ok ? bet.value.yesSuccessors : [];
  }
});

describe("own closes", () => {
  it("divides what its owner holds, and gives nobody the operator's space", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    const part = (lo: bigint, hi: bigint) => ({
      place: { lo, hi, conditions: [] },
      owner: alice.publicKey,
      depositBps: 0,
      scriptHash: cash.leaf.scriptHash,
    });
    expect(refused(world, close(world, alice, cash, [part(0n, VEO + 1n)]))).toBe("NOT_OWN_SPACE");
    expect(refused(world, close(world, bob, cash, [part(0n, VEO)]))).toBe("BAD_SIGNATURE");
    expect(refused(world, close(world, alice, cash, [], world.durable.main.length))).toBe(
      "TOO_SHORT",
    );
    expect(refused(world, close(world, alice, cash, [part(0n, 10n)]))).toBe("TOO_NARROW");
    const halves = [part(0n, VEO / 2n), part(VEO / 2n, VEO)];
    const request = close(world, alice, cash, halves);
    expect(refused(world, close(world, alice, cash, halves))).toBe("CLOSE_QUEUED");
    world.settle();
    granted(world, request, "closes");
    expect(contractsOf(world, alice)).toHaveLength(2);
  });

  it("lets no unpaid leaf shed its payment by going to another owner or a narrower range", () => {
    const world = new World();
    reserve(world, alice, VEO);
    world.settle();
    const [unpaid] = contractsOf(world, alice);
    if (unpaid === undefined) throw new Error("no leaf");
    const { lo, hi } = unpaid.place;
    const shed = { ...unpaid.leaf, place: { lo, hi, conditions: [] } };
    const toBob = close(world, alice, unpaid, [{ ...shed, owner: bob.publicKey }]);
    expect(refused(world, toBob)).toBe("NOT_OWN_SPACE");
    const half = { ...shed, place: { lo, hi: hi / 2n, conditions: [] } };
    expect(refused(world, close(world, alice, unpaid, [half]))).toBe("NOT_OWN_SPACE");
  });

  it("refuses a close on another block than the tip", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    reserve(world, bob, VEO);
    const stale = close(world, alice, cash, []);
    world.settle();
    granted(world, stale, "closes");
    expect(refused(world, close(world, alice, cash, []))).toBe("NO_SUCH_CONTRACT");
  });

  it("answers when the main-chain node proves nothing, and goes on", () => {
    const world = new World();
    const offer = reserve(world, alice, VEO);
    world.settle();
    payFor(world, alice, offer);
    world.mine(4);
    const [unpaid] = contractsOf(world, alice);
    if (unpaid === undefined) throw new Error("no leaf");
    world.isNodeUp = false;
    expect(refused(world, redeem(world, alice, unpaid))).toBe("NO_EVIDENCE");
    world.isNodeUp = true;
    const request = redeem(world, alice, unpaid);
    world.settle();
    granted(world, request, "closes");
  });
});

describe("sales", () => {
  it("sells a position to who pays most, and voids the seller's side once it is paid", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    buyCash(world, bob, VEO);
    placeBet(world, alice, bob, cash, VEO);
    const carol = keyOf("carol");
    world.happen({ kind: "takerJoined", taker: carol.publicKey });
    const contractIds = contractsOf(world, alice).map(({ leaf }) => leaf.id);
    const request = world.ask({ kind: "sale", owner: alice.publicKey, contractIds });
    const asked = world.told.filter(({ message }) => message.kind === "quote");
    expect(asked).toHaveLength(2);
    const [question] = asked;
    if (question?.message.kind !== "quote") throw new Error("nobody was asked");
    const id = question.message.proposalId;
    world.happen({ kind: "quote", taker: bob.publicKey, id, price: VEO });
    expect(world.answers.has(request)).toBe(false);
    world.happen({ kind: "quote", taker: carol.publicKey, id, price: VEO + 1n });
    const { offer } = granted(world, request, "sale");
    expect(offer).toMatchObject({ buyer: carol.publicKey, price: VEO + 1n });

    const { closes, paymentKey } = signSale(world, offer, alice);
    const [first, second] = closes;
    if (first === undefined || second === undefined) throw new Error("no closes");
    const part = handIn(world, offer.proposalId, first);
    expect(world.answers.has(part)).toBe(false);
    const rest = handIn(world, offer.proposalId, second);
    world.settle();
    granted(world, part, "closes");
    granted(world, rest, "closes");
    expect(contractsOf(world, carol)).toHaveLength(2);

    pay(world.durable, paymentKey, offer.price);
    world.mine(4);
    const redeemed = contractsOf(world, carol).map((contract) => redeem(world, carol, contract));
    world.settle();
    for (const each of redeemed) granted(world, each, "closes");
    expect(contractsOf(world, carol)).toHaveLength(2);
    expect(contractsOf(world, alice)).toEqual([]);
  });

  it("ends without a buyer, by silence and by zero, and is overtaken by another block", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    const sell = () =>
      world.ask({ kind: "sale", owner: alice.publicKey, contractIds: [cash.leaf.id] });
    expect(refused(world, sell())).toBe("NO_TAKER");
    world.happen({ kind: "takerJoined", taker: bob.publicKey });
    const silent = sell();
    world.settle();
    expect(refused(world, silent)).toBe("NO_TAKER");
    const declined = sell();
    const { message } = world.told.at(-1) ?? {};
    if (message?.kind !== "quote") throw new Error("nobody was asked");
    world.happen({ kind: "quote", taker: alice.publicKey, id: message.proposalId, price: 9n });
    world.happen({ kind: "quote", taker: bob.publicKey, id: message.proposalId, price: 0n });
    expect(refused(world, declined)).toBe("NO_TAKER");
    const overtaken = sell();
    reserve(world, bob, VEO);
    world.durable.nowMs += DEFAULT_POLICY.batchMs;
    world.happen({ kind: "tick" });
    expect(refused(world, overtaken)).toBe("OVERTAKEN");
  });
});

describe("contract states", () => {
  it("signs the next state of true terms once, and the same again", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    const next = (nonce: number, script = TRUE_SCRIPT) =>
      proposeState(world, alice, { contractId: cash.leaf.id, nonce, script });
    const { signed } = granted(world, next(1), "state");
    expect(isSignedState(RULES, signed, alice.publicKey, OPERATOR.publicKey)).toBe(true);
    expect(granted(world, next(1), "state").signed).toEqual(signed);
    expect(refused(world, next(3))).toBe("NONCE_SKIPPED");
    expect(refused(world, next(2, Uint8Array.of(255)))).toBe("SCRIPT_FAILS");
    const never = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    granted(world, next(2, never), "state");
    expect(refused(world, next(1))).toBe("OLDER_STATE");
    expect(refused(world, next(3))).toBe("NOT_IN_FAVOUR");
    const forged = proposeState(world, bob, { contractId: cash.leaf.id, nonce: 3, script: never });
    expect(refused(world, forged)).toBe("BAD_SIGNATURE");
  });

  it("never lets two states of one nonce to the signer", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    world.isSignerUp = false;
    const { id: contractId } = cash.leaf;
    const first = proposeState(world, alice, { contractId, nonce: 1, script: TRUE_SCRIPT });
    const again = proposeState(world, alice, { contractId, nonce: 1, script: TRUE_SCRIPT });
    const other = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    expect(
      refused(world, proposeState(world, alice, { contractId, nonce: 1, script: other })),
    ).toBe("HALF_SIGNED");
    world.startSigner();
    expect(granted(world, again, "state")).toEqual(granted(world, first, "state"));
  });
});

describe("a block", () => {
  it("is never longer than what can be asked for on the main chain: the later ones wait", () => {
    const world = new World();
    const count = 70;
    for (let index = 0; index < count; index++) {
      const script = new Uint8Array(SCRIPT_BYTES_MAX);
      const condition = { level: 1, salt: hashName(`salt ${index}`), facts: [], script };
      const [lo, hi] = [BigInt(index) * VEO, BigInt(index + 1) * VEO];
      const place = { lo, hi, conditions: [{ ...conditionRef(condition), side: true }] };
      const terms = { owner: alice.publicKey, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
      const contracts = [{ place, ...terms }];
      const item = { closes: [], contracts, conditions: [condition], requests: [1_000 + index] };
      world.state.queue.push(item);
    }
    world.settle();
    // The world decodes and checks every block that is published.
    expect(contractsOf(world, alice)).toHaveLength(count / 2);
    const answers = Array.from({ length: count }, (_, index) => world.answers.get(1_000 + index));
    expect(answers.slice(0, count / 2).every((answer) => answer?.ok === true)).toBe(true);
    expect(answers.slice(count / 2).every((answer) => answer?.ok === false)).toBe(true);
    expect(answers.at(-1)).toMatchObject({ code: "BUSY" });
  });
});

describe("posts", () => {
  it("records every block's post in sequence, and again after a reorg, never another", () => {
    const world = new World();
    buyCash(world, alice, VEO);
    buyCash(world, bob, VEO);
    world.settle();
    world.mine(2);
    const posted = world.durable.postedHashes.slice();
    expect(world.durable.recorded).toBe(world.state.posts.length);
    expect(posted.at(-1)).toEqual(world.state.tip.hash);

    world.durable.accountNonce -= 2;
    world.durable.recorded -= 2;
    world.durable.postedHashes.length -= 2;
    world.tip();
    world.mine(1);
    expect(world.durable.postedHashes).toEqual(posted);
  });

  it("posts the same block in a new transaction when its nonce went to another", () => {
    const world = new World();
    reserve(world, alice, VEO);
    world.settle();
    expect(world.durable.mempool).toHaveLength(1);
    reserve(world, bob, VEO);
    world.settle();
    // While a post is not recorded the next block waits, for up to `runMax` of them.
    expect(world.durable.mempool).toHaveLength(1);
    world.durable.mempool = [];
    world.durable.accountNonce = 7;
    world.mine(1);
    expect(world.durable.mempool.map(({ nonce, sequence }) => [nonce, sequence])).toEqual([[8, 1]]);
    world.mine(1);
    expect(world.durable.recorded).toBe(1);
  });

  it("stops making blocks while the main chain takes no posts", () => {
    const world = new World(createDurable(), { policy: { runMax: 1, unpaidMax: 99 } });
    for (let i = 0; i < DEFAULT_POLICY.postsOnTheirWayMax; i++) {
      reserve(world, alice, VEO);
      world.settle();
    }
    const ask = () => world.ask({ kind: "purchase", buyer: alice.publicKey, width: VEO });
    expect(refused(world, ask())).toBe("BEHIND");
    world.mine(1);
    granted(world, ask(), "purchase");
  });

  it("sends no post that could only be recorded at or after the expiry", () => {
    const world = new World(createDurable(), { policy: { lastCall: 0, postMs: 0 } });
    const cash = buyCash(world, alice, VEO);
    world.mine(CHAIN.expiry - world.durable.main.length - 1);
    const made = (request: number) => {
      world.settle();
      return granted(world, request, "closes").blockHeight;
    };
    const whole = { ...cash.leaf, place: cash.place };
    const { height } = world.state.tip;
    expect(made(close(world, alice, cash, [whole], CHAIN.expiry + 9))).toBe(height + 1);
    expect(world.durable.mempool).toHaveLength(1);
    world.mine(1);
    const [again] = contractsOf(world, alice);
    if (again === undefined) throw new Error("no leaf");
    expect(made(close(world, alice, again, [whole], CHAIN.expiry + 9))).toBe(height + 2);
    expect(world.durable.mempool).toEqual([]);
  });

  it("refuses to run on a database older than the chain's own record", () => {
    const world = new World();
    reserve(world, alice, VEO);
    world.settle();
    world.mine(1);
    world.durable.rows.clear();
    expect(() => new World(world.durable)).toThrow("posts of this chain");
  });
});
