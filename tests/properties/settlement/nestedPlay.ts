import { computeResultKey } from "../../../src/chain/settlement/line.ts";
import { type ResultRecord, resultKeyOf } from "../../../src/chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../../src/chain/settlement/settlementEffect.ts";
import { leavesOf } from "../../../src/chain/settlement/shownLine.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { encodeLeaf } from "../../../src/protocol/leaf.ts";
import { hashScript } from "../../../src/protocol/script.ts";
import type {
  CourtAction,
  CourtLeaf,
  CourtPostOf,
  CourtScript,
  CourtShowing,
  Evidence,
  ShownClose,
} from "../../reference/courtCase.ts";
import { readSwitches } from "../../reference/courtHistory.ts";
import {
  ACCOUNTS,
  type Counters,
  CourtPlay,
  descend,
  type Ending,
  followScript,
  isHonest,
  type Judges,
  type Setting,
  tryLife,
} from "./courtPlay.ts";
import { type CourtChain, findPath, postsOf, scriptOf } from "./materialise.ts";
import { createNestedHistory, type NestedHistory } from "./nestedHistory.ts";
import { HONEST, OPERATOR } from "./randomHistory.ts";

/** A line over the point, and for each of its levels where the main chain can see it, the best place first. */
type Candidate = {
  readonly leaves: readonly CourtLeaf[];
  readonly showings: readonly (readonly CourtShowing[])[];
};
type KnownClose = ShownClose & { readonly contractId: string };
/** What the main chain can see of one chain. */
type Seen = {
  readonly showings: ReadonlyMap<CourtLeaf, readonly CourtShowing[]>;
  readonly closes: readonly KnownClose[];
};

/** Play one random life of chains inside chains against the real rules, then let the court rule on the same. */
export function tryNestedHistory(
  seed: number,
  judges: Judges,
  counters: Counters,
  hasSwitches = false,
): string | undefined {
  return tryLife(
    seed,
    judges,
    counters,
    (setting) => new NestedPlay(createNestedHistory(setting.random, hasSwitches), setting),
  );
}

/** Play the given actions over `wanted`, the winning point, against the real rules and the court. */
export function playNestedScript(
  history: NestedHistory,
  judges: Judges,
  wanted: bigint,
  actions: readonly CourtAction[],
): Ending {
  return followScript(judges, wanted, actions, (setting) => new NestedPlay(history, setting));
}

class NestedPlay extends CourtPlay<NestedHistory> {
  readonly #seen = new Map<string, Seen>();
  readonly #tried = new Set<string>();
  /** The leaves that led to the on-chain chain of the time. */
  #passed: readonly CourtLeaf[] = [];
  readonly #candidates: readonly Candidate[];
  readonly #leavesOfKey = new Map<string, readonly CourtLeaf[]>();

  constructor(history: NestedHistory, setting: Setting) {
    super(history, setting);
    this.#candidates = this.#findCandidates(this.lineage, [], []);
    this.#nameResults();
  }

  protected pointsLookedAt(): number {
    return this.chance(90) ? 16 : 1;
  }

  /** How many leaves of all chains are over a point, and how long the shown line is that ends over it. */
  protected crowdAt(point: bigint): number {
    const all = [...this.history.facts.blocks.values()].flatMap(({ leaves }) => leaves);
    const over = new Set(all.filter(({ lo, hi }) => lo <= point && point < hi));
    const shown = this.history.shownLines.find((line) => {
      const leaf = line.at(-1);
      return leaf !== undefined && leaf.lo <= point && point < leaf.hi;
    });
    return over.size + 4 * (shown?.length ?? 0);
  }

  /** Every line over the point from this chain down. */
  #findCandidates(
    lineage: readonly CourtChain[],
    leaves: readonly CourtLeaf[],
    showings: readonly (readonly CourtShowing[])[],
  ): Candidate[] {
    const { point } = this.facts;
    return [...this.#look(lineage).showings].flatMap(([leaf, places]) => {
      if (point < leaf.lo || point >= leaf.hi) return [];
      const own = { leaves: [...leaves, leaf], showings: [...showings, places] };
      const below = descend(lineage, leaf);
      if (below === undefined) return [own];
      return [own, ...this.#findCandidates(below, own.leaves, own.showings)];
    });
  }

  /** Which leaf of a chain is shown where, and which closes there are. */
  #look(lineage: readonly CourtChain[]): Seen {
    const name = JSON.stringify(lineage);
    const known = this.#seen.get(name);
    if (known !== undefined) return known;
    const showings = new Map<CourtLeaf, CourtShowing[]>();
    const closes: KnownClose[] = [];
    for (const post of this.#postsOver(lineage)) {
      const { sequence, top } = post;
      const posted = this.real.postedBlock(lineage, post);
      const before =
        sequence === 1
          ? undefined
          : this.real.postedBlock(lineage, { ...post, sequence: sequence - 1 });
      const named = top === undefined ? { sequence } : { sequence, top };
      const linked: string[] = [];
      let isInRun = true;
      for (let at = posted; at !== undefined && linked.length < 64; ) {
        const block = this.facts.blocks.get(at);
        if (block === undefined || block.parent === "") break;
        isInRun &&= at !== before;
        linked.unshift(at);
        if (isInRun) {
          for (const [close, { contractId }] of block.closes.entries()) {
            closes.push({ ...named, block: at, close, contractId });
          }
        }
        at = block.parent;
      }
      for (const block of linked) {
        for (const leaf of this.facts.blocks.get(block)?.leaves ?? []) {
          showings.set(leaf, [...(showings.get(leaf) ?? []), { ...named, block, leaf }]);
        }
      }
    }
    const seen = { showings, closes };
    this.#seen.set(name, seen);
    return seen;
  }

  /** Posts on the main chain that may show something of a chain: those that count first, the earliest of them first. */
  #postsOver(lineage: readonly CourtChain[]): CourtPostOf[] {
    const { facts } = this.history;
    const switches = readSwitches(facts);
    const path = findPath(lineage) ?? [];
    const posts = path.flatMap((chain, level) => {
      const top = level === 0 ? {} : { top: chain.id };
      const { first, records } = postsOf(facts, chain, level > 0);
      const end = Math.min(
        ...path
          .slice(level + 1)
          .map(({ id, operator }) => switches.get(`${operator}/${id}`)?.height ?? Infinity),
      );
      return records.map(({ height, index }, at) => {
        return { post: { sequence: first + at, ...top }, height, index, isIn: height < end };
      });
    });
    return posts
      .toSorted(
        (a, b) => Number(b.isIn) - Number(a.isIn) || a.height - b.height || a.index - b.index,
      )
      .map(({ post }) => post);
  }

  #nameResults(): void {
    for (const { leaves } of this.#current()) {
      const rest = leaves.slice(this.#passed.length);
      this.#leavesOfKey.set(this.keyOf(rest), rest);
    }
  }

  /** The candidates that go on below what the on-chain chain has come from. */
  #current(): Candidate[] {
    return this.#candidates.filter(({ leaves }) => this.#isBelow(leaves));
  }

  #isBelow(leaves: readonly CourtLeaf[]): boolean {
    return (
      leaves.length > this.#passed.length &&
      this.#passed.every((leaf, level) =>
        equalBytes(this.#bytes(leaf), this.#bytes(leaves[level] as CourtLeaf)),
      )
    );
  }

  #bytes(leaf: CourtLeaf): Uint8Array {
    return encodeLeaf(this.real.leaf(leaf));
  }

  run(): void {
    const opens = this.opens();
    for (let height = opens - 1; height < opens + 400 && !this.isSettled; height++) {
      while (!this.isSettled && this.chance(68)) this.#attack(height);
      this.#defend(height);
      if (this.chance(20)) this.#attack(height);
      if (this.chance(50)) this.act({ kind: "timeout", height, carrier: this.any(ACCOUNTS) });
    }
  }

  /** An honest user who ends with less than the wallet had shown. */
  findWronged(): string | undefined {
    const winning = this.#winningLine();
    if (winning === undefined) return undefined;
    this.count("a shown line won");
    if (winning.length > 1) this.count("a shown nested line won");
    const { amount, shareBps } = this.facts.chain;
    const shares = [shareBps, ...winning.slice(0, -1).map((leaf) => leaf.shareBps ?? 0n)];
    const due = shares.reduce((left, bps) => left - (left * bps) / 10_000n, amount);
    const owner = winning.at(-1)?.owner ?? "";
    const got = this.payoff(owner);
    return got < due ? `${owner} was shown ${due} and got ${got}` : undefined;
  }

  #winningLine(): readonly CourtLeaf[] | undefined {
    const { point } = this.facts;
    const [line, second] = this.history.shownLines.filter((leaves) =>
      leaves.every((leaf) => leaf.lo <= point && point < leaf.hi && this.holds(leaf)),
    );
    if (second !== undefined) throw new Error("two shown lines hold one point");
    return line;
  }

  /** What every honest user's wallet does: claim what is shown, slash what was closed, take back what is his. */
  #defend(height: number): void {
    if (this.isSettled) return;
    const winning = this.#winningLine();
    const own = this.#current().find(({ leaves }) => leaves === winning || isSame(leaves, winning));
    if (own !== undefined && height >= this.opens()) {
      const known = this.results.get(this.keyOf(own.leaves.slice(this.#passed.length)));
      const best = own.showings.map(([first]) => first as CourtShowing);
      if (known === undefined) this.#claim(height, best, {});
      else if (known.removal !== undefined) this.#claim(height, best, { improves: true });
    }
    for (const [key, result] of this.results) {
      const leaves = this.#leavesOfKey.get(key);
      if (leaves === undefined || result.removal !== undefined || this.isSettled) continue;
      if (winning !== undefined && isSame([...this.#passed, ...leaves], winning)) continue;
      leaves.forEach((leaf, level) => {
        for (const close of this.#closesOf(leaves, level)) {
          const name = `${key}:${level}:${close.top}:${close.sequence}:${close.block}:${close.close}`;
          if (close.contractId !== leaf.id || this.#tried.has(name)) continue;
          this.#tried.add(name);
          this.#slash(height, this.any(HONEST), leaves, level, [close]);
        }
      });
    }
  }

  #closesOf(leaves: readonly CourtLeaf[], level: number): readonly KnownClose[] {
    let lineage: readonly CourtChain[] | undefined = this.lineage;
    for (const leaf of leaves.slice(0, level)) lineage = lineage && descend(lineage, leaf);
    return lineage === undefined ? [] : this.#look(lineage).closes;
  }

  #claim(
    height: number,
    line: readonly CourtShowing[],
    change: Partial<CourtAction & { kind: "claim" }>,
  ): void {
    const above = line.slice(this.#passed.length, -1);
    const last = line.at(-1);
    if (last === undefined) return;
    const { owner } = last.leaf;
    const terms = { state: undefined, evidence: undefined, improves: false };
    const by = { carrier: owner, signer: owner };
    this.act({ kind: "claim", height, above, ...last, ...by, ...terms, ...change });
  }

  #slash(
    height: number,
    carrier: string,
    leaves: readonly CourtLeaf[],
    level: number,
    closes: readonly KnownClose[],
  ): void {
    const against = leaves.at(-1);
    if (against === undefined) return;
    const above = leaves.slice(0, -1);
    this.act({ kind: "close", height, carrier, above, against, level, closes });
  }

  /** One random action of whoever is not honest, good or bad. */
  #attack(height: number): void {
    const carrier = this.any(["dave", "mallory", OPERATOR]);
    const kind = this.random.below(10);
    if (kind < 6) {
      this.#claimAnything(height, carrier);
      return;
    }
    const leaves = this.#leavesOfKey.get(this.any([...this.results.keys()]) ?? "");
    if (leaves === undefined) return;
    if (kind < 8) {
      this.#moveAnything(height, carrier, leaves);
      return;
    }
    const level = this.random.below(leaves.length);
    const closes = this.#closesOf(leaves, level);
    const of = closes.filter(({ contractId }) => contractId === leaves[level]?.id);
    const close = this.any(this.chance(90) ? of : closes);
    if (close === undefined) return;
    const next = this.chance(25) ? this.any(closes) : undefined;
    this.#slash(height, carrier, leaves, level, next === undefined ? [close] : [close, next]);
  }

  #claimAnything(height: number, carrier: string): void {
    const current = this.#current().filter(({ leaves }) => {
      return !isHonest(leaves.at(-1)?.owner ?? "") || this.chance(5);
    });
    const removed = current.filter(
      ({ leaves }) =>
        this.results.get(this.keyOf(leaves.slice(this.#passed.length)))?.removal !== undefined,
    );
    const holding = current.filter(({ leaves }) => leaves.every((leaf) => this.holds(leaf)));
    const fresh = holding.filter(
      ({ leaves }) => !this.results.has(this.keyOf(leaves.slice(this.#passed.length))),
    );
    const known = current.filter(({ leaves }) =>
      this.results.has(this.keyOf(leaves.slice(this.#passed.length))),
    );
    const candidate =
      (this.chance(25) ? this.any(removed) : undefined) ??
      (this.chance(20) ? this.any(known) : undefined) ??
      (this.chance(70) ? this.any(fresh) : undefined) ??
      this.any(this.chance(90) ? holding : current);
    if (candidate === undefined) return;
    const { leaves, showings } = candidate;
    const last = leaves.at(-1);
    if (last === undefined) return;
    const isKnown = this.results.has(this.keyOf(leaves.slice(this.#passed.length)));
    const isSly = this.chance(60);
    const line = showings.map((places) =>
      isSly ? (isKnown ? places[0] : places.at(-1)) : this.any(places),
    );
    if (line.some((shown) => shown === undefined)) return;
    const improves = this.chance(isKnown ? 85 : 3);
    const hasTerms = !improves && (last.anchor === undefined || this.chance(5));
    const states = this.history.states.filter(({ contractId }) => contractId === last.id);
    this.#claim(height, line as CourtShowing[], {
      carrier,
      signer: isHonest(last.owner) || this.chance(3) ? "mallory" : last.owner,
      state: hasTerms && this.chance(60) ? this.any(states) : undefined,
      evidence: hasTerms ? this.#anyEvidence() : undefined,
      improves,
    });
  }

  #moveAnything(height: number, carrier: string, leaves: readonly CourtLeaf[]): void {
    const against = leaves.at(-1);
    if (against === undefined) return;
    const side = this.chance(50) ? "owner" : "operator";
    const operator = leaves.at(-2)?.owner ?? this.lineage.at(-1)?.operator ?? OPERATOR;
    const served = side === "owner" ? against.owner : operator;
    const isNotHis = isHonest(against.owner) && side === "owner";
    const states = this.history.states.filter(({ contractId }) => contractId === against.id);
    const state = this.chance(60) ? this.any(states) : undefined;
    const run = this.results.get(this.keyOf(leaves))?.run;
    const scripts: CourtScript[] = ["true", "false", "asEvidenceSays", "broken"];
    const standing = scripts.find(
      (each) => run !== undefined && equalBytes(hashScript(scriptOf(each)), run.scriptHash),
    );
    this.act({
      kind: "move",
      height,
      carrier,
      above: leaves.slice(0, -1),
      against,
      side,
      signer: isNotHis || isHonest(served) || this.chance(4) ? "dave" : served,
      state,
      script: state?.script ?? standing ?? "true",
      evidence: this.#anyEvidence(),
    });
  }

  #anyEvidence(): Evidence {
    if (this.chance(40)) return undefined;
    return { nonce: this.random.below(12), result: this.chance(60) };
  }

  /** What is done after the end is not done. */
  protected override act(action: CourtAction): void {
    if (!this.isSettled) super.act(action);
  }

  /** Where a contract has won that is sealed, the life goes on in the chain that it becomes. */
  protected override end(effect: SettlementEffect): void {
    const { made } = effect;
    if (made === undefined) {
      super.end(effect);
      return;
    }
    const winner = [...this.results].find(
      ([, { line, chainId }]) =>
        formatHex(computeResultKey(chainId, leavesOf(line))) === formatHex(made.chain.id),
    );
    const leaves = this.#leavesOfKey.get(winner?.[0] ?? "") ?? [];
    this.#passed = [...this.#passed, ...leaves];
    this.lineage = leaves.reduce<readonly CourtChain[]>(
      (above, leaf) => descend(above, leaf) ?? above,
      this.lineage,
    );
    this.chain = made.chain;
    this.results = new Map(made.results.map((each) => [formatHex(resultKeyOf(each)), each]));
    this.#nameResults();
  }

  protected note(
    { put, settled, made }: SettlementEffect,
    action: CourtAction,
    before: ReadonlyMap<string, ResultRecord>,
  ): void {
    if (action.kind === "claim") {
      if (put.some(({ line }) => line.length > 1)) this.count("a nested claim");
      if (action.leaf.anchor !== undefined) this.count("a claim of a sealed leaf");
      const levels = [...(action.above ?? []), action];
      if (levels.some(({ top }) => top !== undefined)) {
        this.count("a claim under a post after a switch");
      }
      const [first] = put;
      const known = first && before.get(formatHex(resultKeyOf(first)));
      if (known?.removal !== undefined) this.count("a removal was undone");
      else if (known !== undefined) this.count("a rank was improved");
    }
    if (action.kind === "close") {
      const level = action.level ?? 0;
      if (level > 0) this.count("a close further down");
      if (action.closes.some(({ top }) => top !== undefined)) {
        this.count("a close under a post after a switch");
      }
      if (level < (action.above?.length ?? 0)) this.count("a close of a sealed leaf");
      if (put.length > 1) this.count("several lines removed at once");
    }
    if (settled === undefined) return;
    if (settled.burnt > 0n) this.count("a double sale was punished");
    if (settled.burnt > 0n && settled.operatorPaid > 0n && settled.winner !== undefined) {
      this.count("only one operator of several was punished");
    }
    if (made !== undefined) this.count("a contract became a chain");
    if ((made?.results.length ?? 0) > 0) this.count("claims were carried down");
    if (made === undefined && this.#passed.length > 0)
      this.count("a chain made by a timeout ended");
  }
}

function isSame(a: readonly CourtLeaf[], b: readonly CourtLeaf[] | undefined): boolean {
  return a.length === b?.length && a.every((leaf, level) => leaf === b[level]);
}
