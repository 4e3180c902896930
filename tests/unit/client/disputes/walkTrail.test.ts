import { describe, expect, it } from "vitest";
import type { LeafChange } from "../../../../src/blocks/applyTransactions.ts";
import { verifyCloseProof } from "../../../../src/blocks/closeProof.ts";
import { createClaimedTip, validateBlock } from "../../../../src/blocks/validateBlock.ts";
import type { PlacedBlock, RunReader } from "../../../../src/client/disputes/readRun.ts";
import { startWalk, stepWalk, type WalkTools } from "../../../../src/client/disputes/walkTrail.ts";
import { formatHex } from "../../../../src/lib/hex.ts";
import { accept, insist, refuse, type Verdict } from "../../../../src/lib/verdict.ts";
import { type BlockHeader, hashBlockHeader } from "../../../../src/protocol/blockHeader.ts";
import { decodeWitness } from "../../../../src/space/witness.ts";
import { alice, bob, ChainLab, cash, make } from "../../blocks/chainLab.ts";
import { BookKeeper } from "../bookLab.ts";

/** A chain each of whose blocks has a record of its own, read again block by block. */
class History {
  readonly lab = new ChainLab();
  readonly keeper = new BookKeeper(this.lab, undefined);
  /** Heights of blocks that nobody serves. */
  readonly missing = new Set<number>();

  recordOf(height: number) {
    const hash = hashBlockHeader(this.lab.blocks[height - 1]?.header as BlockHeader);
    return { height: height + 2, index: 0, hash };
  }

  readonly reader: RunReader = {
    read: async (height): Promise<Verdict<PlacedBlock>> => {
      const block = this.lab.blocks[height - 1];
      if (block === undefined || this.missing.has(height)) return refuse("NOT_SERVED", "by nobody");
      const { header } = block;
      const record = this.recordOf(height);
      const top = { sequence: height, key: record.hash, hash: record.hash };
      const { lo, hi } = this.lab.facts;
      const held = validateBlock(block, createClaimedTip(header), this.lab.context);
      if (!held.ok) return refuse(held.code, held.message);
      return accept({
        entry: { sequence: height, record, top, hops: [], hopsBefore: [] },
        run: [header],
        at: 0,
        before: this.lab.blocks[height - 2]?.header,
        block,
        stateBefore: insist(decodeWitness(block.witness, lo, hi)),
        effects: held.value.effects,
      });
    },
  };

  /** The ids of all contracts whose closes are found before a contract, the newest first. */
  async walk({ leaf, place }: LeafChange): Promise<Verdict<string[]>> {
    this.keeper.takeBlocks();
    const tools: WalkTools = {
      reader: this.reader,
      proven: () => undefined,
      before: () => undefined,
      prove: async (proof, { block, index }) => {
        const { height } = block.block.header;
        const lineage = [{ ...this.lab.facts, anchor: { kind: "mainChain" } }] as const;
        const before = height === 1 ? undefined : this.recordOf(height - 1);
        const proven = verifyCloseProof(
          proof,
          this.lab.context.rules,
          lineage,
          this.recordOf(height),
          before,
        );
        if (!proven.ok) return proven;
        const { closed, successors } = proven.value;
        const chainId = this.lab.facts.id;
        const record = { recordHeight: height + 2, under: chainId };
        return accept({ chainId, height, index, closed, successors, ...record, proof });
      },
    };
    const started = startWalk(place, leaf.madeIn, this.keeper.book.releases);
    if (!started.ok) return started;
    let walk = started.value;
    while (walk.heights.length > 0) {
      const next = await stepWalk(walk, tools);
      if (!next.ok) return next;
      walk = next.value;
    }
    return accept(
      walk.closes.flatMap(({ closed }) => closed.map(({ leaf: { id } }) => formatHex(id))),
    );
  }
}

const idsOf = (...changes: readonly LeafChange[]) => changes.map(({ leaf }) => formatHex(leaf.id));
const only = (changes: readonly LeafChange[]): LeafChange => {
  const [change] = changes;
  if (change === undefined) throw new Error("nothing was made");
  return change;
};

describe("the walk back from a contract", () => {
  it("finds everybody who stood on its range, through splits, and nobody beside it", async () => {
    const history = new History();
    const { lab } = history;
    const whole = only(lab.sell([alice, 0n, 100n]));
    const beside = only(lab.sell([alice, 200n, 300n]));
    const halves = [cash(bob, 0n, 50n), cash(bob, 50n, 100n), cash(bob, 200n, 300n)];
    const [left, right] = lab.take([
      lab.close(whole, halves.slice(0, 2)),
      lab.close(beside, halves.slice(2)),
      ...halves.map(make),
    ]).made as [LeafChange, LeafChange];
    const half = cash(alice, 50n, 100n);
    const held = only(lab.take([lab.close(right, [half]), make(half)]).made);
    const other = cash(alice, 0n, 50n);
    lab.take([lab.close(left, [other]), make(other)]);
    expect(await history.walk(held)).toEqual(accept(idsOf(right, whole)));
  });

  it("goes on behind space that a close has left free", async () => {
    const history = new History();
    const { lab } = history;
    const first = only(lab.sell([alice, 0n, 100n]));
    const second = cash(bob, 0n, 100n);
    const passed = only(lab.take([lab.close(first, [second]), make(second)]).made);
    lab.take([lab.close(passed, [])]);
    lab.sell([bob, 500n, 600n]);
    const held = only(lab.sell([alice, 20n, 80n]));
    expect(await history.walk(held)).toEqual(accept(idsOf(passed, first)));
    const fresh = only(lab.sell([alice, 300n, 400n]));
    expect(await history.walk(fresh)).toEqual(accept([]));
  });

  it("says so where a block on the way is served by nobody", async () => {
    const history = new History();
    const { lab } = history;
    const first = only(lab.sell([alice, 0n, 100n]));
    const second = cash(bob, 0n, 100n);
    const held = only(lab.take([lab.close(first, [second]), make(second)]).made);
    history.missing.add(1);
    expect(await history.walk(held)).toMatchObject({ code: "NOT_SERVED" });
  });

  it("takes no close that came too late to count", async () => {
    const history = new History();
    const { lab } = history;
    const first = only(lab.sell([alice, 0n, 100n]));
    const second = cash(bob, 0n, 100n);
    const late = lab.close(first, [second], { heightMax: 3 });
    const held = only(lab.take([late, make(second)]).made);
    expect(await history.walk(held)).toMatchObject({ code: "CLOSE_TOO_LATE" });
  });
});
