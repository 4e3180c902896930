import fc from "fast-check";
import { expect, it } from "vitest";
import type { BetOffer } from "../../../src/api/operatorApi.ts";
import { TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import {
  askBet,
  buyCash,
  close,
  contractsOf,
  findContract,
  handIn,
  payFor,
  proposeState,
  redeem,
  signBet,
} from "../../unit/operator/traders.ts";
import { CHAIN, keyOf, report, World } from "../../unit/operator/world.ts";

const TRADERS = ["alice", "bob", "carol"].map(keyOf);

type Step = {
  readonly what: number;
  readonly who: number;
  readonly which: number;
  readonly much: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.nat(13),
  who: fc.nat(TRADERS.length - 1),
  which: fc.nat(7),
  much: fc.nat(1_000),
});

/** A world in which every trader holds cash and takes the other side. */
function createTradersWorld(): World {
  const world = new World();
  for (const trader of TRADERS) {
    buyCash(world, trader, 10_000_000_000n);
    world.happen({ kind: "takerJoined", taker: trader.publicKey });
  }
  return world;
}

function takeAll(world: World, steps: readonly Step[]): void {
  const offers: BetOffer[] = [];
  for (const each of steps) {
    take(world, each, offers);
    if (each.much % 3 === 0) world.settle();
  }
}

/** One random thing, sensible or not; the world itself checks every block, signature and answer. */
function take(world: World, { what, who, which, much }: Step, offers: BetOffer[]): void {
  const trader = TRADERS[who] ?? keyOf("nobody");
  const other = TRADERS[(who + 1) % TRADERS.length] ?? keyOf("nobody");
  const own = contractsOf(world, trader);
  const contract = own[which % Math.max(1, own.length)];
  const width = BigInt(much) * 10_000_000n;
  switch (what) {
    case 0:
    case 1: {
      const request = world.ask({ kind: "purchase", buyer: trader.publicKey, width });
      const answer = world.answers.get(request);
      if (answer?.ok && answer.value.kind === "purchase" && which !== 0) {
        payFor(world, trader, answer.value.offer);
      }
      return;
    }
    case 2:
    case 3:
      if (contract !== undefined && contract.place.conditions.length > 0) {
        redeem(world, trader, contract);
      }
      return;
    case 4:
    case 5: {
      if (contract === undefined) return;
      const request = askBet(world, trader, contract, which % 2 === 0 ? "yes" : "no", width + 2n);
      const answer = world.answers.get(request);
      if (answer?.ok && answer.value.kind === "bet") offers.push(answer.value.offer);
      return;
    }
    case 6:
    case 7: {
      const offer = offers.at(-1 - (which % 2));
      if (offer === undefined) return;
      for (const side of ["yes", "no"] as const) {
        const cash = world.state.index.live.get(Buffer.from(offer[side].cashId).toString("hex"));
        const both = [offer.yes.cashId, offer.no.cashId].every((id) =>
          world.state.index.live.has(Buffer.from(id).toString("hex")),
        );
        const owner = TRADERS.find(({ publicKey }) =>
          Buffer.from(publicKey).equals(Buffer.from(cash?.leaf.owner ?? [])),
        );
        if (!both || owner === undefined || (which === 3 && side === "no")) continue;
        handIn(world, offer.proposalId, signBet(world, offer, side, owner));
      }
      return;
    }
    case 8:
      if (contract !== undefined) {
        const { place, leaf } = findContract(world, contract.leaf.id);
        const middle = place.lo + (place.hi - place.lo) / 2n;
        const parts = [
          { ...place, hi: middle },
          { ...place, lo: which === 1 ? middle - 1n : middle },
        ];
        const successors = parts.map((part) => ({
          place: part,
          owner: other.publicKey,
          depositBps: leaf.depositBps,
          scriptHash: leaf.scriptHash,
        }));
        close(world, which === 2 ? other : trader, contract, successors);
      }
      return;
    case 9:
      if (contract !== undefined) {
        const { id: contractId } = contract.leaf;
        proposeState(world, trader, { contractId, nonce: 1 + (which % 2), script: TRUE_SCRIPT });
      }
      return;
    case 10:
      world.mine(1 + (much % 8));
      return;
    case 11:
      world.durable.nowMs += much * 10;
      world.happen({ kind: "tick" });
      return;
    case 12:
      world.happen({ kind: which < 6 ? "takerJoined" : "takerLeft", taker: trader.publicKey });
      return;
    case 13:
      if (much < 200) report(world.durable, which % 2 === 0 ? "true" : "false");
      return;
  }
}

it("makes only blocks that a checker without a database accepts, whatever is asked", () => {
  let blocks = 0;
  let bets = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const world = createTradersWorld();
      takeAll(world, steps);
      world.settle();
      world.durable.nowMs += 60_000;
      world.happen({ kind: "tick" });
      world.settle();
      blocks += world.durable.checked.length;
      bets += world.durable.checked.filter(({ effects }) => effects.closed.length > 1).length;
      expect(world.durable.tip).toEqual(world.state.tip);
      expect(new World(world.durable).state.tip).toEqual(world.state.tip);
      expect(world.state.proposals.size).toBe(0);
      expect(world.state.redemptions.size).toBe(0);
    }),
    { numRuns: 60, seed: 20_260_101 },
  );
  // The run means nothing if the requests were all refused.
  expect(blocks).toBeGreaterThan(400);
  expect(bets).toBeGreaterThan(10);
});

it("lets no two contracts that can both be true stand on one point", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 80 }), (steps) => {
      const world = createTradersWorld();
      takeAll(world, steps);
      const standing = [...world.state.index.live.values()].map(({ place }) => place);
      standing.forEach((a, index) => {
        expect(a.lo >= CHAIN.lo && a.hi <= CHAIN.hi).toBe(true);
        for (const b of standing.slice(index + 1)) {
          const meets = a.lo < b.hi && b.lo < a.hi;
          const excludes = a.conditions.some((one) =>
            b.conditions.some(
              (two) => one.side !== two.side && Buffer.from(one.hash).equals(Buffer.from(two.hash)),
            ),
          );
          expect(meets && !excludes).toBe(false);
        }
      });
    }),
    { numRuns: 40, seed: 20_260_102 },
  );
});
