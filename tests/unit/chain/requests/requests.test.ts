import { describe, expect, it } from "vitest";
import { encodeBlock } from "../../../../src/blocks/block.ts";
import { computeShownKey } from "../../../../src/chain/requests/dataTarget.ts";
import { computeBytePrice } from "../../../../src/chain/requests/judgeResponse.ts";
import { computeRequestFee } from "../../../../src/chain/requests/requestFee.ts";
import { hasRecord } from "../../../../src/chain/state/mainState.ts";
import { insist } from "../../../../src/lib/verdict.ts";
import type { Leaf } from "../../../../src/protocol/leaf.ts";
import { findLeaf, treeRoot } from "../../../../src/space/tree.ts";
import { SeededRandom } from "../../../reference/seededRandom.ts";
import { alice, bob, mallory, oscar } from "../../blocks/chainLab.ts";
import { CLAIMS, DataWorld, EXPIRY, PARAMETERS, VEO } from "./dataWorld.ts";

const DELAY = PARAMETERS.dataResponseDelay;
const PRICE = computeBytePrice(PARAMETERS);
const FEE = PARAMETERS.dataRequestFee;
const DEPOSIT = PARAMETERS.dataRequestDeposit;

/** A chain with two posts: alice's space in the first, bob's in the second, made in two blocks. */
function createWorld(): DataWorld {
  const world = new DataWorld();
  world.lab.sell([alice, 0n, 400n]);
  world.post();
  world.lab.sell([bob, 400n, 500n]);
  world.lab.sell([bob, 500n, 600n]);
  world.post();
  return world;
}

describe("a request for blocks", () => {
  it("is answered from the posted block back to what the asker has, and paid by the byte", () => {
    const world = createWorld();
    const before = world.balance(alice);
    const operator = world.balance(oscar);
    const { said, id } = world.ask(alice, world.request(2));
    expect(said).toBe("holds");
    expect(world.balance(alice)).toBe(before - FEE - DEPOSIT);
    expect(world.answer(oscar, id, world.blockAnswer(2))).toBe("OTHER_BLOCK");
    expect(world.answer(oscar, id, world.blockAnswer(3))).toBe("holds");
    expect(world.open(id)?.awaited).toMatchObject({ count: 1 });
    expect(world.answer(oscar, id, world.blockAnswer(2))).toBe("holds");
    expect(world.record().open).toEqual([]);
    const bytes = [2, 3].map((height) => {
      const answer = world.blockAnswer(height);
      return answer.kind === "block" ? answer.bytes.length + 5 : 0;
    });
    const price = BigInt(bytes.reduce((sum, each) => sum + each, 0)) * PRICE;
    expect(world.balance(alice)).toBe(before - FEE - price);
    expect(world.balance(oscar)).toBe(operator);
    expect(world.miners).toBe(FEE + price);
  });

  it("may be answered by anyone, for bytes are bytes", () => {
    const world = createWorld();
    const { id } = world.ask(alice, world.request(1));
    expect(world.answer(mallory, id, world.blockAnswer(1))).toBe("holds");
  });

  it("goes on in the middle of a run by the headers that are known", () => {
    const world = createWorld();
    const { id } = world.ask(
      alice,
      world.request(2, {
        subject: {
          kind: "blocks",
          after: world.lab.blocks.slice(2).map(({ header }) => header),
          have: world.posted[0] as Uint8Array,
        },
      }),
    );
    expect(world.answer(oscar, id, world.blockAnswer(3))).toBe("OTHER_BLOCK");
    expect(world.answer(oscar, id, world.blockAnswer(2))).toBe("holds");
    expect(world.record().open).toEqual([]);
  });

  it("ends at the chain's first block, whatever the asker says he has", () => {
    const world = createWorld();
    const { id } = world.ask(
      mallory,
      world.request(2, {
        subject: { kind: "blocks", after: [], have: new Uint8Array(32).fill(9) },
      }),
    );
    for (const height of [3, 2, 1]) {
      expect(world.answer(oscar, id, world.blockAnswer(height))).toBe("holds");
    }
    expect(world.record().open).toEqual([]);
  });

  it("takes no answer whose bytes were tampered with, though the hash leaves them out", () => {
    const world = createWorld();
    const { id } = world.ask(alice, world.request(1));
    const honest = world.lab.blocks[0] as (typeof world.lab.blocks)[number];
    const tampered = [
      { ...honest, signature: new Uint8Array(65) },
      { ...honest, witness: Uint8Array.of(2, ...treeRoot(world.lab.content.tree)) },
      { ...honest, transactions: honest.transactions.slice(0, 0) },
      { ...honest, scripts: [Uint8Array.of(1)] },
    ];
    for (const block of tampered) {
      const answer = { kind: "block", bytes: encodeBlock(block) } as const;
      expect(world.answer(mallory, id, answer)).not.toBe("holds");
    }
    expect(world.answer(oscar, id, world.blockAnswer(1))).toBe("holds");
  });
});

describe("a request for a proof", () => {
  it("is answered by what stands there, and keeps it shown", () => {
    const world = createWorld();
    const asked = { at: 450n, conditions: [] };
    const { id } = world.ask(alice, world.request(2, { subject: { kind: "proof", asked } }));
    expect(world.answer(oscar, id, world.proofAnswer(550n))).not.toBe("holds");
    expect(world.answer(oscar, id, world.blockAnswer(3))).toBe("OTHER_KIND");
    expect(world.answer(oscar, id, world.proofAnswer(450n))).toBe("holds");
    const place = { lo: 400n, hi: 500n, conditions: [] };
    const leaf = insist(findLeaf(world.lab.content.tree, place)) as Leaf;
    expect(hasRecord(world.state, "requests", computeShownKey(world.top, 2, leaf))).toBe(true);
    expect(world.record().open).toEqual([]);
  });

  it("is answered where nothing stands, too", () => {
    const world = createWorld();
    const asked = { at: 900n, conditions: [] };
    const { id } = world.ask(alice, world.request(2, { subject: { kind: "proof", asked } }));
    expect(world.answer(oscar, id, world.proofAnswer(900n))).toBe("holds");
  });
});

describe("asking", () => {
  it("is for what is posted, once each, before the claims begin", () => {
    const world = createWorld();
    expect(world.ask(alice, world.request(3)).said).toBe("NO_SUCH_RECORD");
    expect(world.ask(alice, world.request(2)).said).toBe("holds");
    expect(world.ask(bob, world.request(2)).said).toBe("ASKED_ALREADY");
    const nothing = { kind: "blocks", after: [], have: world.posted[0] as Uint8Array } as const;
    expect(world.ask(bob, world.request(1, { subject: nothing })).said).toBe("NOTHING_ASKED");
    world.height = CLAIMS - 1;
    expect(world.ask(alice, world.request(1)).said).toBe("holds");
    world.height = CLAIMS;
    expect(world.ask(alice, world.request(1)).said).toBe("TOO_LATE");
  });

  it("gets dearer with every request that is open at the chain, and cheap again", () => {
    const world = createWorld();
    const before = world.balance(mallory);
    const ids: Uint8Array[] = [];
    for (let at = 0n; at < 8n; at++) {
      const asked = { at, conditions: [] };
      const { said, id } = world.ask(
        mallory,
        world.request(2, { subject: { kind: "proof", asked } }),
      );
      expect(said).toBe("holds");
      ids.push(id);
    }
    expect(world.ask(bob, world.request(2)).said).toBe("TOO_MANY_OPEN");
    const fees = Array.from({ length: 8 }, (_, open) => computeRequestFee(open, PARAMETERS));
    const paid = fees.reduce((sum, fee) => sum + fee, 0n);
    expect(before - world.balance(mallory)).toBe(paid + 8n * DEPOSIT);
    // Locking everybody out for one response delay.
    expect(paid).toBeGreaterThan(200n * VEO);
    expect(world.answer(oscar, ids[0] as Uint8Array, world.proofAnswer(0n))).toBe("holds");
    expect(world.ask(bob, world.request(2)).said).toBe("holds");
  });
});

describe("time", () => {
  it("an answer counts up to the last height, a slash from the next", () => {
    const world = createWorld();
    const { id } = world.ask(alice, world.request(1));
    world.height += DELAY;
    expect(world.slash(alice, id)).toBe("TOO_EARLY");
    const late = createWorld();
    const asked = late.ask(alice, late.request(1));
    late.height += DELAY;
    expect(late.answer(oscar, asked.id, late.blockAnswer(1))).toBe("holds");
    world.height += 1;
    expect(world.answer(oscar, id, world.blockAnswer(1))).toBe("TOO_LATE");
    const before = world.balance(alice);
    expect(world.slash(mallory, id)).toBe("holds");
    expect(world.balance(alice)).toBe(before + DEPOSIT);
    expect(world.slash(mallory, id)).toBe("NO_SUCH_REQUEST");
    expect(world.record().voided).toMatchObject({ sequence: 1, fee: FEE });
  });

  it("a request that ran out voids its post and all after it, and only those", () => {
    const world = createWorld();
    const { id } = world.ask(alice, world.request(2));
    world.height += DELAY + 1;
    // Nobody has sent the slash yet: it is void all the same.
    expect(world.ask(bob, world.request(2)).said).toBe("VOID");
    expect(world.ask(bob, world.request(1)).said).toBe("holds");
    expect(world.slash(alice, id)).toBe("holds");
    expect(world.ask(bob, world.request(2)).said).toBe("VOID");
  });

  it("everything asked is decided before a chain can be timed out", () => {
    expect(PARAMETERS.dataResponseDelay).toBeLessThanOrEqual(PARAMETERS.claimDelayMin);
    expect(CLAIMS - 1 + DELAY).toBeLessThan(CLAIMS + PARAMETERS.claimDelayMin);
    expect(PARAMETERS.dataResponseDelay).toBeLessThan(PARAMETERS.disputeDelayMin);
  });
});

describe("the operator's share", () => {
  function settle(world: DataWorld): void {
    world.height = CLAIMS + PARAMETERS.claimDelayMin;
    const timeout = { chainId: world.top.chainId };
    world.must(mallory, { kind: "sortition-timeout", timeout });
  }

  it("goes back to him whole if he has answered", () => {
    const world = createWorld();
    const before = world.balance(oscar);
    const { id } = world.ask(alice, world.request(1));
    expect(world.answer(oscar, id, world.blockAnswer(1))).toBe("holds");
    settle(world);
    expect(world.balance(oscar)).toBe(before + 1_000n * VEO);
  });

  it("is lost if he has not: a bounded part to the asker, the rest to nobody", () => {
    const world = createWorld();
    const before = world.balance(oscar);
    const total = world.total();
    const asker = world.balance(alice);
    world.ask(alice, world.request(1));
    const { id } = world.ask(bob, world.request(2));
    world.height += DELAY + 1;
    expect(world.slash(bob, id)).toBe("holds");
    settle(world);
    expect(world.balance(oscar)).toBe(before + 900n * VEO);
    // The first whose request ran out gets his fee and a deposit's worth; his deposit waits for its slash.
    expect(world.balance(alice)).toBe(asker - FEE - DEPOSIT + (FEE + DEPOSIT));
    expect(total - world.total({ amount: 0n })).toBe(100n * VEO - FEE - DEPOSIT);
    const [left] = world.record().open;
    expect(world.slash(alice, left?.id as Uint8Array)).toBe("holds");
    expect(world.balance(alice)).toBe(asker + DEPOSIT);
  });
});

describe("whatever happens", () => {
  it("an operator who answers never ends poorer, and no satoshi comes or goes", () => {
    for (let seed = 1; seed <= 4; seed++) {
      const random = new SeededRandom(seed);
      const world = createWorld();
      const total = world.total();
      const operator = world.balance(oscar);
      while (world.height < EXPIRY + 20) {
        world.height += random.below(4);
        const who = [alice, bob, mallory][random.below(3)] as typeof alice;
        const sequence = 1 + random.below(3);
        const at = BigInt(random.below(700));
        world.ask(
          who,
          random.below(2) === 0
            ? world.request(sequence)
            : world.request(sequence, {
                subject: { kind: "proof", asked: { at, conditions: [] } },
              }),
        );
        // The honest operator: what he can answer he does, now or a little later, and for no fee.
        for (const open of world.record().open) {
          if (random.below(3) > 0 && open.due > world.height + 3) continue;
          const { awaited } = open;
          for (let height = 3; height > 0 && awaited.kind === "blocks"; height--) {
            world.answer(oscar, open.id, world.blockAnswer(height));
          }
          if (awaited.kind === "proof") {
            world.answer(oscar, open.id, world.proofAnswer(awaited.asked.at, open.sequence));
          }
        }
        world.slash(mallory, world.record().open[0]?.id ?? new Uint8Array(32));
        expect(world.total(), `seed ${seed}`).toBe(total);
        expect(world.balance(oscar), `seed ${seed}`).toBe(operator);
        expect(world.record().voided, `seed ${seed}`).toBeUndefined();
      }
    }
  });
});
