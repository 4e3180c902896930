import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTransaction, type SignedTransaction } from "../../../src/chain/transaction.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { type TreeNode, tipOf } from "../../../src/node/engine/blockTree.ts";
import {
  addTransaction,
  createMempool,
  dropInvalid,
  followTip,
  type Mempool,
  nextNonce,
  selectCandidates,
} from "../../../src/node/engine/mempool.ts";
import { BLOCK_BYTES_MAX } from "../../../src/protocol/limits.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { bytesOf, createTree, grow, type Person, people, sign, spendTo } from "./nodeLab.ts";

const [alice, bob, carol] = people as [Person, Person, Person];
const SPEND_BYTES = bytesOf(sign(alice, 1, 1n)).length;
const POST = sha256(Uint8Array.of(1));

function start(bytesMax = 1 << 20, perAccountMax = 64) {
  const tree = createTree();
  const pool = createMempool({ bytesMax, perAccountMax });
  const add = (signed: SignedTransaction): string => {
    const added = addTransaction(pool, tree, bytesOf(signed));
    return added.ok ? "taken" : added.code;
  };
  const order = () => selectCandidates(pool, tree);
  return { tree, pool, add, order };
}

/** What the pool says of itself must be so. */
function checkPool({ accounts, bytes, limits }: Mempool): void {
  const all = [...accounts.values()].flatMap((own) => [...own.values()]);
  expect(bytes).toBe(all.reduce((sum, { signed }) => sum + bytesOf(signed).length, 0));
  expect(bytes).toBeLessThanOrEqual(limits.bytesMax);
  for (const own of accounts.values()) {
    expect(own.size).toBeGreaterThan(0);
    expect(own.size).toBeLessThanOrEqual(limits.perAccountMax);
  }
}

describe("what may wait", () => {
  it("is the next of its account, on top of what waits, once", () => {
    const { add, pool, tree } = start();
    expect(add(sign(alice, 2, 5n))).toBe("NONCE_AHEAD");
    expect(add(sign(alice, 1, 5n))).toBe("taken");
    expect(add(sign(alice, 1, 5n))).toBe("taken");
    expect(add(sign(alice, 3, 5n))).toBe("NONCE_AHEAD");
    expect(add(sign(alice, 2, 5n))).toBe("taken");
    expect(add(sign(alice, 0, 5n))).toBe("NONCE_USED");
    expect(nextNonce(pool, tree, alice.publicKey)).toBe(3);
    expect(nextNonce(pool, tree, bob.publicKey)).toBe(1);
    expect(pool.bytes).toBe(2 * SPEND_BYTES);
  });

  it("may spend what is there after what waits before it, and no more", () => {
    const { add } = start();
    expect(add(sign(alice, 1, 0n, spendTo(bob, 600_000n)))).toBe("taken");
    expect(add(sign(alice, 2, 0n, spendTo(bob, 400_001n)))).toBe("NOT_ENOUGH_MONEY");
    expect(add(sign(alice, 2, 1n, spendTo(bob, 400_000n)))).toBe("NOT_ENOUGH_MONEY");
    expect(add(sign(alice, 2, 0n, spendTo(bob, 400_000n)))).toBe("taken");
    expect(add(sign(bob, 1, 0n, spendTo(alice, 1_000_001n)))).toBe("NOT_ENOUGH_MONEY");
  });

  it("is replaced by what pays more for the same nonce, and by nothing else", () => {
    const { add, pool, order } = start();
    add(sign(alice, 1, 5n));
    expect(add(sign(alice, 1, 5n, spendTo(carol)))).toBe("FEE_TOO_LOW");
    expect(add(sign(alice, 1, 4n, spendTo(carol)))).toBe("FEE_TOO_LOW");
    expect(add(sign(alice, 1, 6n, spendTo(carol)))).toBe("taken");
    expect(pool.bytes).toBe(SPEND_BYTES);
    expect(order().map(({ transaction }) => transaction.fee)).toEqual([6n]);
    // Nothing is lost to a replacement that does not hold.
    expect(add(sign(alice, 1, 2_000_000n))).toBe("NOT_ENOUGH_MONEY");
    expect(order()).toHaveLength(1);
  });

  it("is so many of one account, of which each can still be replaced", () => {
    const { add, pool } = start(1 << 20, 3);
    for (const nonce of [1, 2, 3]) expect(add(sign(alice, nonce, 5n))).toBe("taken");
    expect(add(sign(alice, 4, 500n))).toBe("BUSY");
    expect(add(sign(alice, 2, 6n))).toBe("taken");
    checkPool(pool);
  });

  it.each([
    ["no bytes", () => new Uint8Array(), "TRUNCATED"],
    ["a byte too many", () => Uint8Array.of(...bytesOf(sign(alice, 1, 5n)), 0), "TRAILING_BYTES"],
    [
      "more than an answer with a sortition-block can have",
      () => new Uint8Array(BLOCK_BYTES_MAX + 257),
      "TOO_LONG",
    ],
    [
      "another's signature",
      () => encodeTransaction({ ...sign(alice, 1, 5n), signature: sign(bob, 1, 5n).signature }),
      "BAD_SIGNATURE",
    ],
    [
      "a signature of zeros",
      () => encodeTransaction({ ...sign(alice, 1, 5n), signature: new Uint8Array(65) }),
      "BAD_SIGNATURE",
    ],
    ["a kind that is not served", () => changeKind(15), "NOT_SERVED"],
    ["a kind that is unknown", () => changeKind(200), "UNKNOWN_KIND"],
    ["nothing spent", () => bytesOf(sign(alice, 1, 5n, spendTo(bob, 0n))), "NOTHING_SPENT"],
    [
      "a result of an oracle that is not there",
      () => bytesOf(sign(alice, 1, 5n, { kind: "oracle-report", oracleId: POST, result: "true" })),
      "NO_SUCH_ORACLE",
    ],
    [
      "the end of a chain that is not there",
      () => bytesOf(sign(alice, 1, 5n, { kind: "sortition-timeout", timeout: { chainId: POST } })),
      "NO_SUCH_CHAIN",
    ],
  ])("is not %s: the sender is told, and nothing is kept", (_, make, code) => {
    const { pool, tree } = start();
    expect(addTransaction(pool, tree, make())).toMatchObject({ ok: false, code });
    expect(pool.accounts.size).toBe(0);
    expect(pool.bytes).toBe(0);
  });

  it("is never what random bytes or a damaged transaction say, and nothing throws", () => {
    const { pool, tree } = start();
    const random = new SeededRandom(31);
    const good = bytesOf(sign(alice, 1, 5n));
    for (let i = 0; i < 1_500; i++) {
      const bytes = i % 3 === 0 ? random.bytes(random.below(300)) : random.mutate(good);
      if (Buffer.compare(bytes, good) === 0) continue;
      const added = addTransaction(pool, tree, bytes);
      expect(added.ok, `input ${i}`).toBe(false);
    }
    expect(pool.bytes).toBe(0);
  });
});

function changeKind(kind: number): Uint8Array {
  return bytesOf(sign(alice, 1, 5n)).map((byte, at) => (at === 33 + 4 + 8 ? kind : byte));
}

describe("the order of a block", () => {
  it("is by fee for each byte, each account by nonce, and by id where the fees are equal", () => {
    const { add, order } = start();
    for (const signed of [
      sign(alice, 1, 1n),
      sign(alice, 2, 90n),
      sign(bob, 1, 50n),
      sign(bob, 2, 2n),
      sign(carol, 1, 10n),
    ]) {
      add(signed);
    }
    expect(order().map(({ transaction }) => transaction.fee)).toEqual([50n, 10n, 2n, 1n, 90n]);
  });

  it("counts bytes: a long transaction must pay for its length", () => {
    const { add, order } = start();
    const question = "?".repeat(1_000);
    add(sign(alice, 1, 100n, { kind: "oracle-new", reporter: bob.publicKey, question }));
    add(sign(bob, 1, 50n));
    expect(order().map(({ transaction }) => transaction.fee)).toEqual([50n, 100n]);
  });

  it("does not depend on who came first, and agrees with a naive second sorting", () => {
    const some = people.slice(0, 5);
    const offers = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 3 })), { maxLength: 14 });
    fc.assert(
      fc.property(offers, fc.integer({ min: 1 }), (wanted, seed) => {
        const nonces = new Map<number, number>();
        const all = wanted.map(([who, fee]) => {
          const nonce = (nonces.get(who) ?? 0) + 1;
          nonces.set(who, nonce);
          return sign(some[who] as Person, nonce, BigInt(fee));
        });
        const [first, second] = [start(), start()];
        for (const signed of all) expect(first.add(signed)).toBe("taken");
        const random = new SeededRandom(seed);
        const rest = [...all];
        while (rest.length > 0) {
          const index = random.below(rest.length);
          if (second.add(rest[index] as SignedTransaction) === "taken") rest.splice(index, 1);
        }
        const encoded = first.order().map(bytesOf);
        expect(second.order().map(bytesOf)).toEqual(encoded);
        // One size of all: the best head by fee, one after another.
        const queues = some.map(({ publicKey }) =>
          all.filter(({ transaction }) => equalBytes(transaction.from, publicKey)),
        );
        for (const { transaction } of first.order()) {
          const best = Math.max(...queues.map(([head]) => Number(head?.transaction.fee ?? -1n)));
          expect(Number(transaction.fee)).toBe(best);
          const queue = queues.find(
            ([head]) => head !== undefined && equalBytes(head.transaction.from, transaction.from),
          );
          expect(queue?.shift()?.transaction.nonce).toBe(transaction.nonce);
        }
        expect(queues.flat()).toEqual([]);
      }),
      { seed: 5, numRuns: 40 },
    );
  });
});

describe("where all room is taken", () => {
  it("what pays less for each byte gives way, from the end of its account's line", () => {
    const { add, pool, order } = start(3 * SPEND_BYTES);
    for (const signed of [sign(alice, 1, 9n), sign(alice, 2, 3n), sign(bob, 1, 5n)]) add(signed);
    expect(add(sign(carol, 1, 3n))).toBe("BUSY");
    expect(add(sign(carol, 1, 4n))).toBe("taken");
    checkPool(pool);
    expect(order().map(({ transaction }) => transaction.fee)).toEqual([9n, 5n, 4n]);
    // The cheapest is alice's second now gone; then carol's own goes before bob's.
    expect(add(sign(bob, 2, 6n))).toBe("taken");
    expect(order().map(({ transaction }) => transaction.fee)).toEqual([9n, 5n, 6n]);
    // One's own line is never cut for one's own next.
    expect(add(sign(bob, 3, 1n))).toBe("BUSY");
    checkPool(pool);
  });

  it("a long one takes several short ones' room, or nobody's", () => {
    const { add, pool, order } = start(4 * SPEND_BYTES);
    for (const [who, fee] of [1n, 2n, 3n, 4n].entries()) add(sign(people[who] as Person, 1, fee));
    const question = "?".repeat(2 * SPEND_BYTES);
    const body = { kind: "oracle-new", reporter: bob.publicKey, question } as const;
    expect(add(sign(people[5] as Person, 1, 8n, body))).toBe("BUSY");
    expect(order()).toHaveLength(4);
    expect(add(sign(people[5] as Person, 1, 900n, body))).toBe("taken");
    checkPool(pool);
    expect(order().map(({ transaction }) => transaction.fee)).toEqual([900n, 4n]);
  });

  it("a transaction is replaced in the room that it has", () => {
    const { add, pool } = start(2 * SPEND_BYTES);
    add(sign(alice, 1, 3n));
    add(sign(bob, 1, 9n));
    expect(add(sign(alice, 1, 4n))).toBe("taken");
    expect(pool.accounts.size).toBe(2);
    checkPool(pool);
  });

  it("no flood of free transactions keeps a paying one out", () => {
    const { add, pool, order } = start(8 * SPEND_BYTES);
    for (const person of people.slice(0, 10)) add(sign(person, 1, 0n));
    for (const person of people.slice(0, 10)) add(sign(person, 2, 0n));
    expect(order().length).toBe(8);
    expect(add(sign(people[11] as Person, 1, 1n))).toBe("taken");
    checkPool(pool);
    expect(order()[0]?.transaction.fee).toBe(1n);
  });
});

describe("a new tip", () => {
  it("takes out what it holds, and what it makes impossible", () => {
    const { tree, pool, add, order } = start();
    const [one, two, other] = [sign(alice, 1, 5n), sign(alice, 2, 5n), sign(alice, 1, 1n)];
    add(one);
    add(two);
    followTip(pool, tree, grow(tree, [other]).change);
    expect(order().map(({ transaction }) => transaction.nonce)).toEqual([2]);
    checkPool(pool);
  });

  it("drops what a block may not hold, and all that stands on it", () => {
    const { pool, add, order } = start();
    const secret = (person: Person) =>
      sign(person, 1, 5n, {
        kind: "existence",
        entry: { kind: "secret", secret: Uint8Array.of(1) },
      });
    add(secret(alice));
    add(sign(alice, 2, 5n));
    add(secret(bob));
    dropInvalid(pool, [secret(alice)]);
    expect(order().map(({ transaction }) => transaction.from)).toEqual([bob.publicKey]);
    expect(pool.accounts.size).toBe(1);
    checkPool(pool);
  });
});

describe("a reorg", () => {
  it("gives back what the branch that is left held, in order, to be mined again", () => {
    const { tree, pool, add, order } = start();
    const root = tipOf(tree);
    const left = [sign(alice, 1, 5n), sign(alice, 2, 5n), sign(bob, 1, 7n)];
    for (const signed of left) add(signed);
    followTip(pool, tree, grow(tree, left.slice(0, 1)).change);
    followTip(pool, tree, grow(tree, left.slice(1)).change);
    expect(order()).toEqual([]);
    add(sign(alice, 3, 2n));
    let other: TreeNode = root;
    for (let made = 0; made < 3; made++) {
      const { node, change } = grow(tree, [], other, 21);
      other = node;
      followTip(pool, tree, change);
    }
    expect(tipOf(tree).header.hash).toEqual(other.header.hash);
    expect(order().map(bytesOf)).toEqual(
      [sign(bob, 1, 7n), sign(alice, 1, 5n), sign(alice, 2, 5n), sign(alice, 3, 2n)].map(bytesOf),
    );
    const { node } = grow(tree, order());
    expect(node.block.transactions).toHaveLength(4);
    checkPool(pool);
  });

  it("gives nothing back that the new branch has, or that does not hold there", () => {
    const { tree, pool, order } = start();
    const root = tipOf(tree);
    const same = sign(alice, 1, 5n);
    const spent = sign(bob, 1, 5n, spendTo(carol, 900_000n));
    followTip(pool, tree, grow(tree, [same, spent]).change);
    const fork = grow(tree, [same, sign(bob, 1, 6n, spendTo(carol, 800_000n))], root, 21);
    followTip(pool, tree, fork.change);
    followTip(pool, tree, grow(tree, [], fork.node, 21).change);
    expect(tipOf(tree).header.header.height).toBe(2);
    expect(order()).toEqual([]);
    checkPool(pool);
  });

  it("leaves who leaned on a record of the branch that is left to be dropped at the next block", () => {
    const { tree, pool, add, order } = start();
    const root = tipOf(tree);
    const entry = { kind: "secret", secret: Uint8Array.of(3) } as const;
    const oracle = sign(alice, 1, 5n, {
      kind: "oracle-new",
      reporter: bob.publicKey,
      question: "?",
    });
    followTip(pool, tree, grow(tree, [oracle]).change);
    add(sign(bob, 1, 5n, { kind: "existence", entry }));
    let other: TreeNode = root;
    for (let made = 0; made < 2; made++) {
      const { node, change } = grow(
        tree,
        made === 0 ? [sign(carol, 1, 5n, { kind: "existence", entry })] : [],
        other,
        21,
      );
      other = node;
      followTip(pool, tree, change);
    }
    // Bob's secret is recorded by carol on this branch: a block leaves it out, alice's comes again.
    const { node } = grow(tree, order());
    expect(node.block.transactions.map(bytesOf)).toEqual([bytesOf(oracle)]);
  });
});
