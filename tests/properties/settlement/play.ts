import { computeResultKey } from "../../../src/chain/settlement/line.ts";
import type { SettlementEffect } from "../../../src/chain/settlement/settlementEffect.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { hashScript } from "../../../src/protocol/script.ts";
import type {
  CourtAction,
  CourtBlock,
  CourtLeaf,
  CourtScript,
  CourtTerms,
  Evidence,
  ShownClose,
} from "../../reference/courtCase.ts";
import { readHistory } from "../../reference/courtHistory.ts";
import {
  ACCOUNTS,
  type Counters,
  CourtPlay,
  type Ending,
  followScript,
  isHonest,
  type Judges,
  type Setting,
  tryLife,
} from "./courtPlay.ts";
import { scriptOf } from "./materialise.ts";
import { createHistory, type History, HONEST, OPERATOR } from "./randomHistory.ts";
import { changesOf } from "./randomMatch.ts";

/** Play one random life of one chain against the real rules, then let the court rule on the same. */
export function tryHistory(seed: number, judges: Judges, counters: Counters): string | undefined {
  return tryLife(
    seed,
    judges,
    counters,
    (setting) => new Play(createHistory(setting.random), setting),
  );
}

/** The same of a chain on which orders trade. */
export function tryMarket(seed: number, judges: Judges, counters: Counters): string | undefined {
  return tryLife(
    seed,
    judges,
    counters,
    (setting) => new Play(createHistory(setting.random, true), setting),
  );
}

/** Play the given actions over `wanted`, the winning point, against the real rules and the court. */
export function playScript(
  history: History,
  judges: Judges,
  wanted: bigint,
  actions: readonly CourtAction[],
): Ending {
  return followScript(judges, wanted, actions, (setting) => new Play(history, setting));
}

/** What the close or match of this number names. */
function successorsAt(block: CourtBlock | undefined, index: number): readonly CourtTerms[] {
  const match = block?.matches?.[index - block.closes.length];
  if (match !== undefined) return changesOf(match, []).made;
  return block?.closes[index]?.successors ?? [];
}

class Play extends CourtPlay {
  readonly #showings = new Map<CourtLeaf, { sequence: number; block: string }[]>();
  readonly #closes: (ShownClose & { contractId: string })[] = [];
  readonly #leafOfKey = new Map<string, CourtLeaf>();
  readonly #keys = new Map<CourtLeaf, string>();
  readonly #tried = new Set<string>();
  readonly #traded: readonly CourtLeaf[];

  constructor(history: History, setting: Setting) {
    super(history, setting);
    this.#index();
    this.#traded = this.#readTraded();
  }

  protected pointsLookedAt(): number {
    return this.chance(85) ? 12 : 1;
  }

  /** How much there is to quarrel about at a point: leaves that win there, a wallet's own, a neighbour's end. */
  protected crowdAt(point: bigint): number {
    const covers = ({ lo, hi }: CourtLeaf) => lo <= point && point < hi;
    const { blocks } = this.history.facts;
    const every = [...new Set([...blocks.values()].flatMap(({ leaves }) => leaves))].filter(
      (leaf) => this.holds(leaf),
    );
    const over = every.filter(covers).length;
    const isShown = this.history.shown.some((leaf) => covers(leaf) && this.holds(leaf));
    const isTraded = this.history.matched?.some((leaf) => covers(leaf) && this.holds(leaf));
    const isEnd = every.some(({ hi }) => hi === point);
    return over + (isShown ? 2 : 0) + (isTraded ? 6 : 0) + (isEnd ? 1 : 0);
  }

  /** Which leaf was shown where, and which closes there are. */
  #index(): void {
    this.facts.records.forEach((record, index) => {
      const sequence = index + 1;
      const entry = this.facts.records[index - 1]?.block ?? this.facts.chain.origin;
      const linked: string[] = [];
      let isInRun = true;
      for (let at = record.block; at !== this.facts.chain.origin; ) {
        linked.unshift(at);
        isInRun &&= at !== entry;
        const block = this.facts.blocks.get(at);
        if (block === undefined) break;
        if (isInRun) {
          block.closes.forEach(({ contractId }, close) => {
            this.#closes.push({ sequence, block: at, close, contractId });
          });
          const { leaves } = this.facts.blocks.get(block.parent) ?? { leaves: [] };
          for (const [index, match] of (block.matches ?? []).entries()) {
            const close = block.closes.length + index;
            for (const { id } of changesOf(match, leaves).closed) {
              this.#closes.push({ sequence, block: at, close, contractId: id });
            }
          }
        }
        at = block.parent;
      }
      for (const block of linked) {
        for (const leaf of this.facts.blocks.get(block)?.leaves ?? []) {
          const known = this.#showings.get(leaf) ?? [];
          known.push({ sequence, block });
          this.#showings.set(leaf, known);
          this.#leafOfKey.set(this.keyOf([leaf]), leaf);
        }
      }
    });
  }

  run(): void {
    const opens = this.opens();
    for (let height = opens - 1; height < opens + 400 && !this.isSettled; height++) {
      // Attackers move first, and last: honest users answer, and still the block may end with an attack.
      while (this.chance(72)) this.#attack(height);
      this.#defend(height);
      if (this.chance(20)) this.#attack(height);
      if (this.chance(50)) this.act({ kind: "timeout", height, carrier: this.any(ACCOUNTS) });
    }
  }

  /** An honest user who ends with less than the wallet had shown. */
  findWronged(): string | undefined {
    const { chain } = this.facts;
    const net = chain.amount - (chain.amount * chain.shareBps) / 10_000n;
    const winning = this.#winningLeaf();
    if (winning !== undefined) this.count("a shown leaf won");
    if (winning !== undefined && this.#traded.includes(winning)) {
      const isOld = this.history.signed?.some(({ closed }) => closed.includes(winning));
      this.count(isOld ? "a trader kept what he had" : "a trader had what his order bought");
    }
    for (const name of HONEST) {
      const due = winning?.owner === name ? net : 0n;
      const got = this.payoff(name);
      if (got < due) return `${name} was shown ${due} and got ${got}`;
    }
    return undefined;
  }

  #winningLeaf(): CourtLeaf | undefined {
    const { point } = this.facts;
    // A contract may be shown, and in a match that another signed for its holder.
    const [leaf, second] = [...new Set([...this.history.shown, ...this.#traded])].filter(
      (each) => each.lo <= point && point < each.hi && this.holds(each),
    );
    if (second !== undefined) throw new Error("two shown leaves hold one point");
    return leaf;
  }

  /**
   * What honest users hold whose orders are in a block that their wallets did not take, or that came too late: what the
   * match makes, where the text says that it counts, else what they had.
   */
  #readTraded(): CourtLeaf[] {
    const { facts, history } = this;
    const { judgeClose } = readHistory(facts);
    const { origin, operator } = facts.chain;
    const lineage = [{ id: origin, operator, anchor: "main" }];
    const givenUp = [...facts.blocks.values()].flatMap(({ closes }) =>
      closes.map(({ contractId }) => contractId),
    );
    const held = (history.signed ?? []).flatMap(({ block, index, closed }) => {
      const shown = this.#closes.filter((each) => each.block === block && each.close === index);
      return closed.flatMap((leaf) => {
        const [counting] = shown
          .map((each) => judgeClose(each, leaf, lineage))
          .filter((judged) => judged !== "no");
        return counting === undefined ? [leaf] : (counting.successor?.leaf ?? []);
      });
    });
    return [...new Set(held)].filter(
      (leaf) =>
        isHonest(leaf.owner) &&
        !givenUp.includes(leaf.id) &&
        leaf.script === "true" &&
        history.states.every(({ contractId }) => contractId !== leaf.id),
    );
  }

  /** What every honest user's wallet does, at each height: claim what is shown, slash what was closed. */
  #defend(height: number): void {
    const winning = this.#winningLeaf();
    if (winning !== undefined && !this.results.has(this.keyOf([winning]))) {
      const [best] = this.#showings.get(winning) ?? [];
      const signed = this.history.states.filter(
        ({ contractId, signers }) =>
          contractId === winning.id &&
          signers.includes(winning.owner) &&
          signers.includes(OPERATOR),
      );
      if (best !== undefined && height >= this.opens()) {
        this.act({
          kind: "claim",
          height,
          carrier: winning.owner,
          signer: winning.owner,
          ...this.#earliest(winning, best),
          leaf: winning,
          state: signed.at(-1),
          evidence: undefined,
          improves: false,
        });
      }
    }
    for (const [key, result] of this.results) {
      const leaf = this.#leafOfKey.get(key);
      if (leaf === undefined || result.removal !== undefined || leaf === winning) continue;
      for (const close of this.#closes) {
        const name = `${key}:${close.sequence}:${close.block}:${close.close}`;
        if (close.contractId !== leaf.id || this.#tried.has(name)) continue;
        this.#tried.add(name);
        const closes = this.chance(50) ? [close] : this.#chainOfCloses(close);
        const carrier = this.any(HONEST);
        this.act({ kind: "close", height, carrier, against: leaf, closes });
        if (closes.length > 1) {
          this.act({ kind: "close", height, carrier, against: leaf, closes: [close] });
        }
      }
    }
  }

  /** The best place of a leaf: the earliest record, in it the earliest block. */
  #earliest(leaf: CourtLeaf, first: { sequence: number; block: string }) {
    return (
      (this.#showings.get(leaf) ?? []).find(({ sequence }) => sequence === first.sequence) ?? first
    );
  }

  /** A close, then the close of what it made over the point, and so on. */
  #chainOfCloses(first: ShownClose): ShownClose[] {
    const closes = [first];
    for (let last = first; closes.length < 4; ) {
      const block = this.facts.blocks.get(last.block);
      const successor = successorsAt(block, last.close).find(
        (each) =>
          each.lo <= this.facts.point &&
          this.facts.point < each.hi &&
          this.holds({ ...each, id: "" }),
      );
      const leaf = block?.leaves.find(
        (each) =>
          each.lo === successor?.lo && each.hi === successor.hi && each.owner === successor.owner,
      );
      const next = this.#closes.find((each) => each.contractId === leaf?.id && each !== last);
      if (leaf === undefined || next === undefined) break;
      closes.push(next);
      last = next;
    }
    return closes;
  }

  /** One random action of whoever is not honest, good or bad. */
  #attack(height: number): void {
    const carrier = this.any(["dave", "mallory", OPERATOR]);
    const kind = this.random.below(10);
    const standing = [...this.results]
      .filter(([, { removal }]) => removal === undefined || this.chance(10))
      .flatMap(([key]) => this.#leafOfKey.get(key) ?? []);
    const against = this.any(standing);
    if (kind < 5) this.#claimAnything(height, carrier);
    else if (against === undefined) return;
    else if (kind < 8) this.#moveAnything(height, carrier, against);
    else {
      const of = this.#closes.filter(({ contractId }) => contractId === against.id);
      const close = this.any(this.chance(85) ? of : this.#closes);
      if (close === undefined) return;
      const closes = this.chance(70) ? [close] : this.#chainOfCloses(close);
      this.act({ kind: "close", height, carrier, against, closes });
    }
  }

  #claimAnything(height: number, carrier: string): void {
    const { point } = this.facts;
    const every = [...this.#showings.keys()].filter(
      (each) => !isHonest(each.owner) || this.chance(5),
    );
    const over = every.filter(
      (each) => each.lo <= point && point < each.hi && (this.holds(each) || this.chance(15)),
    );
    const touching = every.filter(({ lo, hi }) => hi === point || lo === point + 1n);
    const unclaimed = (leaves: readonly CourtLeaf[]) =>
      leaves.filter((each) => !this.results.has(this.keyOf([each])));
    const shownByCloses = [...this.results.values()].flatMap(({ removal }) => {
      const made = removal?.successor?.leaf;
      const key = made && computeResultKey(this.chain.id, [made]);
      return (key && this.#leafOfKey.get(formatHex(key))) ?? [];
    });
    const traded = (this.history.matched ?? []).filter((each) => over.includes(each));
    const leaf =
      (traded.length > 0 && this.chance(50) ? this.any(unclaimed(traded)) : undefined) ??
      (this.chance(30) ? this.any(unclaimed(shownByCloses)) : undefined) ??
      (this.chance(40) ? this.any(unclaimed(over)) : undefined) ??
      this.any(this.chance(15) ? touching : over) ??
      this.any(this.chance(50) ? over : every);
    const showings = (leaf && this.#showings.get(leaf)) ?? [];
    // Who means to surprise shows the worst place first, and the best when it is nearly too late.
    const sly = leaf && this.results.has(this.keyOf([leaf])) ? showings[0] : showings.at(-1);
    const shown = this.chance(60) ? sly : this.any(showings);
    if (leaf === undefined || shown === undefined) return;
    const isStanding = this.results.has(this.keyOf([leaf]));
    const improves = this.chance(isStanding ? 80 : 3);
    this.act({
      kind: "claim",
      height,
      carrier,
      // Honest users sign for nothing but what their wallets show.
      signer: isHonest(leaf.owner) || this.chance(4) ? "mallory" : leaf.owner,
      ...shown,
      leaf,
      state: improves ? undefined : this.#anyState(leaf),
      evidence: improves ? undefined : this.#anyEvidence(),
      improves,
    });
  }

  #moveAnything(height: number, carrier: string, against: CourtLeaf): void {
    const side = this.chance(50) ? "owner" : "operator";
    const served = side === "owner" ? against.owner : OPERATOR;
    const state = this.chance(60) ? this.#anyState(against) : undefined;
    const run = this.results.get(this.keyOf([against]))?.run;
    const scripts: CourtScript[] = ["true", "false", "asEvidenceSays", "broken"];
    const standing = scripts.find(
      (script) =>
        run !== undefined && formatHex(hashScript(scriptOf(script))) === formatHex(run.scriptHash),
    );
    const script = state?.script ?? (this.chance(90) ? standing : this.any(scripts)) ?? "true";
    const next = run?.outcome.kind === "ran" ? (run.outcome.nonce + 1) % 2 ** 32 : 0;
    this.act({
      kind: "move",
      height,
      carrier,
      against,
      side,
      signer: (side === "owner" && isHonest(against.owner)) || this.chance(4) ? "dave" : served,
      state,
      script,
      evidence: this.chance(50) ? { nonce: next, result: this.chance(50) } : this.#anyEvidence(),
    });
  }

  #anyState(leaf: CourtLeaf) {
    const own = this.history.states.filter(({ contractId }) => contractId === leaf.id);
    return this.chance(75) ? this.any(own) : undefined;
  }

  #anyEvidence(): Evidence {
    if (this.chance(30)) return undefined;
    return { nonce: this.any([0, 1, 2, 9, 0xffff_ffff]), result: this.chance(50) };
  }

  #noteMatch({ block, close }: ShownClose): void {
    const { blocks, conditions } = this.facts;
    const match = blocks.get(block)?.matches?.[close - (blocks.get(block)?.closes.length ?? 0)];
    this.count("a slash by a match");
    if (match === undefined) return;
    if (match.fills.length > 2) this.count("a slash by a match of many");
    if (conditions.get(match.win)?.kind === "outcome")
      this.count("a slash by a match on an outcome");
  }

  protected note(effect: SettlementEffect, action: CourtAction): void {
    if (action.kind === "claim") {
      if (action.improves) this.count("a rank was improved");
      else if (action.height >= this.opens() + this.facts.chain.claimDelay)
        this.count("a late successor");
    }
    if (action.kind === "close") {
      if (action.closes.length > 1) this.count("closes in a row");
      const isMatch = ({ block, close }: ShownClose) =>
        close >= (this.facts.blocks.get(block)?.closes.length ?? 0);
      for (const each of action.closes.filter(isMatch)) this.#noteMatch(each);
    }
    if (effect.settled === undefined) return;
    if (effect.settled.burnt > 0n) this.count("a double sale was punished");
    this.count(effect.settled.winner === undefined ? "no survivor" : "a winner");
    const standing = [...this.results.values()].filter(({ removal }) => removal === undefined);
    if (standing.length > 1) this.count("several stood at the timeout");
  }

  /** The lines of one chain are one leaf long, and each is looked for again and again. */
  protected override keyOf(leaves: readonly CourtLeaf[]): string {
    const leaf = leaves[0] as CourtLeaf;
    const known = this.#keys.get(leaf) ?? super.keyOf(leaves);
    this.#keys.set(leaf, known);
    return known;
  }
}
