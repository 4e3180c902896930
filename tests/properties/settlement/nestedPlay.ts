import type { RecordedFact } from "../../../src/blocks/conditionOutcome.ts";
import { NO_REQUESTS } from "../../../src/chain/requests/dataRecord.ts";
import { draftClaim, draftImprovement } from "../../../src/chain/settlement/draftClaim.ts";
import { draftMove } from "../../../src/chain/settlement/draftMove.ts";
import { computeResultKey } from "../../../src/chain/settlement/line.ts";
import { type ResultRecord, resultKeyOf } from "../../../src/chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../../src/chain/settlement/settlementEffect.ts";
import type { SettlementView } from "../../../src/chain/settlement/settlementView.ts";
import { leavesOf } from "../../../src/chain/settlement/shownLine.ts";
import type { ChainRecord } from "../../../src/chain/state/chainRecord.ts";
import { EMPTY_STATE, getRecord, type MainState } from "../../../src/chain/state/mainState.ts";
import type { ExistenceEntry } from "../../../src/chain/transaction.ts";
import { applyExistence } from "../../../src/chain/txs/existence.ts";
import { concatBytes, equalBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import type { Verdict } from "../../../src/lib/verdict.ts";
import type { OracleResult } from "../../../src/protocol/facts.ts";
import { encodeLeaf } from "../../../src/protocol/leaf.ts";
import {
  computePostKey,
  type ExistenceRecord,
  encodePost,
  readExistenceRecord,
} from "../../../src/protocol/post.ts";
import { hashScript } from "../../../src/protocol/script.ts";
import { encodeSwitch, readSwitchRecord } from "../../../src/protocol/switch.ts";
import { rule } from "../../reference/court.ts";
import type {
  CourtAction,
  CourtCase,
  CourtLeaf,
  CourtPostOf,
  CourtScript,
  CourtSent,
  CourtShowing,
  Evidence,
  ShownClose,
} from "../../reference/courtCase.ts";
import { readSwitches } from "../../reference/courtHistory.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import {
  type CourtChain,
  findPath,
  hashName,
  keyOf,
  Materialiser,
  postsOf,
  RULES,
  recordsOf,
  scriptOf,
  scriptSigOf,
  signAs,
} from "./materialise.ts";
import { createNestedHistory, type NestedHistory } from "./nestedHistory.ts";
import type { Counters, Ending, Judges } from "./play.ts";
import { HONEST, OPERATOR } from "./randomHistory.ts";

const ACCOUNTS = [...HONEST, "dave", "mallory", OPERATOR, "miner"] as const;
const NAMES = new Map(ACCOUNTS.map((name) => [formatHex(keyOf(name)), name]));

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
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1));
  const play = new NestedPlay(createNestedHistory(random, hasSwitches), seed, judges, random);
  play.run();
  const wrong = findDisagreement(play) ?? play.findWronged();
  for (const [event, count] of play.events) counters.set(event, (counters.get(event) ?? 0) + count);
  return wrong;
}

/** Play the given actions over `wanted`, the winning point, against the real rules and the court. */
export function playNestedScript(
  history: NestedHistory,
  judges: Judges,
  wanted: bigint,
  actions: readonly CourtAction[],
): Ending {
  const play = new NestedPlay(history, 1, judges, new SeededRandom(1), wanted);
  play.follow(actions);
  return {
    codes: play.codes.map((code) => code.replace(/:.*/s, "")),
    payoff: (name) => play.payoff(name),
    burnt: play.burnt,
    wrong: findDisagreement(play),
  };
}

/** What chain and court do not agree on. */
function findDisagreement(play: NestedPlay): string | undefined {
  const { facts, actions, held, gains, burnt } = play;
  const ruling = rule(facts, actions);
  const parted = ruling.held.findIndex((each, index) => each !== held[index]);
  if (parted !== -1) {
    const action = JSON.stringify(actions[parted], (_, value) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    return `the court says ${ruling.held[parted]} to action ${parted}, ${action}; the chain: ${play.codes[parted]}`;
  }
  for (const name of ACCOUNTS) {
    const [real, just] = [gains.get(name) ?? 0n, ruling.gains.get(name) ?? 0n];
    if (real !== just) return `${name} gets ${real}, and ${just} from the court`;
  }
  if (burnt !== ruling.burnt) return `${burnt} burnt, and ${ruling.burnt} by the court`;
  if (!play.isSettled) return "the chain never settled";
  const total = ACCOUNTS.reduce((sum, name) => sum + (gains.get(name) ?? 0n), burnt);
  if (total !== facts.chain.amount) return `money not conserved: ${total} of ${facts.chain.amount}`;
  return undefined;
}

class NestedPlay {
  readonly facts: CourtCase;
  readonly actions: CourtAction[] = [];
  readonly held: boolean[] = [];
  readonly codes: string[] = [];
  readonly gains = new Map<string, bigint>();
  readonly events = new Map<string, number>();
  burnt = 0n;
  isSettled = false;
  readonly #history: NestedHistory;
  readonly #real: Materialiser;
  readonly #judges: Judges;
  readonly #random: SeededRandom;
  readonly #salt: number;
  readonly #existence = new Map<string, ExistenceRecord>();
  /** What the real chain has taken of switches and of the posts after them. */
  #main: MainState = EMPTY_STATE;
  readonly #seen = new Map<string, Seen>();
  readonly #fees = new Map<string, bigint>();
  readonly #tried = new Set<string>();
  /** The on-chain chain of the time: its record, its lineage by names, and the leaves that led to it. */
  #chain: ChainRecord;
  #lineage: readonly CourtChain[];
  #passed: readonly CourtLeaf[] = [];
  #results = new Map<string, ResultRecord>();
  readonly #candidates: readonly Candidate[];
  readonly #leavesOfKey = new Map<string, readonly CourtLeaf[]>();

  constructor(
    history: NestedHistory,
    seed: number,
    judges: Judges,
    random: SeededRandom,
    wanted?: bigint,
  ) {
    this.#history = history;
    this.#judges = judges;
    this.#random = random;
    this.#real = new Materialiser(history, seed);
    const { chain } = history.facts;
    this.#lineage = [{ id: chain.origin, operator: chain.operator, anchor: "main" }];
    this.#chain = {
      id: this.#real.chainId,
      operator: keyOf(chain.operator),
      lo: 0n,
      hi: chain.amount,
      amount: chain.amount,
      expiry: chain.expiry,
      depositBps: Number(chain.shareBps),
      claimDelay: chain.claimDelay,
      disputeDelay: chain.disputeDelay,
      startHeight: 1,
      won: undefined,
    };
    this.#salt = wanted === undefined ? this.#chooseSalt() : this.#findSalt(wanted);
    this.facts = { ...history.facts, point: this.#drawByHand(this.#salt) };
    this.#keepRecords(this.#lineage[0] as CourtChain);
    for (const name of history.facts.otherRecords?.keys() ?? []) {
      const [operator = "", id = ""] = name.split("/");
      this.#keepRecords({ id, operator, anchor: "main" });
    }
    for (const sent of history.facts.sent ?? []) this.#send(sent);
    this.#candidates = this.#findCandidates(this.#lineage, [], []);
    this.#nameResults();
  }

  /** The busiest of a few points: where the leaves of most chains are. */
  #chooseSalt(): number {
    const all = [...this.#history.facts.blocks.values()].flatMap(({ leaves }) => leaves);
    const crowdAt = (point: bigint) => {
      const over = new Set(all.filter(({ lo, hi }) => lo <= point && point < hi));
      const shown = this.#history.shownLines.find((line) => {
        const leaf = line.at(-1);
        return leaf !== undefined && leaf.lo <= point && point < leaf.hi;
      });
      return over.size + 4 * (shown?.length ?? 0);
    };
    const drawn = Array.from({ length: this.#chance(90) ? 16 : 1 }, (_, salt) => ({
      salt,
      crowd: crowdAt(this.#drawByHand(salt)),
    }));
    return drawn.reduce((best, each) => (each.crowd > best.crowd ? each : best)).salt;
  }

  /** The work that draws a wanted point of a small space. */
  #findSalt(wanted: bigint): number {
    for (let salt = 0; salt < 256; salt++) if (this.#drawByHand(salt) === wanted) return salt;
    throw new Error(`no work at hand draws ${wanted}`);
  }

  #drawByHand(salt: number): bigint {
    const { expiry, amount } = this.#history.facts.chain;
    const work = [1, 2, 3].map((above) => this.#workHash(expiry + above, salt));
    const { chainId } = this.#real;
    const hash = sha256(concatBytes(Uint8Array.of(0x1c), RULES.networkId, chainId, ...work));
    return BigInt(`0x${formatHex(hash)}`) % amount;
  }

  #workHash(height: number, salt = this.#salt): Uint8Array {
    return sha256(concatBytes(this.#real.chainId, Uint8Array.of(height, salt)));
  }

  #keepRecords(chain: CourtChain): void {
    recordsOf(this.#history.facts, chain).forEach(({ height, index, block }, at) => {
      const key = computePostKey(keyOf(chain.operator), this.#real.id(chain.id), at + 1);
      this.#existence.set(formatHex(key), { height, index, hash: this.#real.blockHash(block) });
    });
  }

  /** Hand a switch, or a post after one, to the real chain, which keeps what holds. */
  #send({ kind, chain, operator, signer, sequence, block, height, index }: CourtSent): void {
    const chainId = this.#real.id(chain);
    const by = { signer: keyOf(operator) };
    const context = { rules: RULES, height, index, from: keyOf(signer), nonce: 1 };
    const entry = (): ExistenceEntry => {
      if (kind === "switch") {
        const own = { chainId, first: sequence };
        const signature = signAs(signer, "signSwitch", encodeSwitch(own));
        return { kind, switch: own, ...by, signature };
      }
      const place = { kind: "switched" } as const;
      const post = { place, chainId, sequence, blockHash: this.#real.blockHash(block) };
      return { kind, post, ...by, signature: signAs(signer, "signPost", encodePost(post)) };
    };
    const taken = applyExistence(
      this.#main,
      { kind: "existence", entry: entry() },
      { ...context, workHashAt: () => undefined },
    );
    if (taken.ok) this.#main = taken.value.state;
    this.#count(taken.ok ? `a ${kind} was sent` : `a ${kind} refused: ${taken.code}`);
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
      const posted = this.#real.postedBlock(lineage, post);
      const before =
        sequence === 1
          ? undefined
          : this.#real.postedBlock(lineage, { ...post, sequence: sequence - 1 });
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
    const { facts } = this.#history;
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
      this.#leavesOfKey.set(this.#keyOf(rest), rest);
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
    return encodeLeaf(this.#real.leaf(leaf));
  }

  run(): void {
    const opens = this.facts.chain.expiry + this.facts.drawBlocks + 1;
    for (let height = opens - 1; height < opens + 400 && !this.isSettled; height++) {
      while (!this.isSettled && this.#chance(68)) this.#attack(height);
      this.#defend(height);
      if (this.#chance(20)) this.#attack(height);
      if (this.#chance(50)) this.#act({ kind: "timeout", height, carrier: this.#any(ACCOUNTS) });
    }
  }

  /** Do these, in order; each must have bytes. */
  follow(actions: readonly CourtAction[]): void {
    for (const action of actions) {
      const before = this.actions.length;
      this.#act(action);
      if (this.actions.length === before) throw new Error(`no bytes for a ${action.kind}`);
    }
  }

  /** What an account has gained, its fees not counted. */
  payoff(name: string): bigint {
    return (this.gains.get(name) ?? 0n) + (this.#fees.get(name) ?? 0n);
  }

  /** An honest user who ends with less than the wallet had shown. */
  findWronged(): string | undefined {
    const winning = this.#winningLine();
    if (winning === undefined) return undefined;
    this.#count("a shown line won");
    if (winning.length > 1) this.#count("a shown nested line won");
    const { amount, shareBps } = this.facts.chain;
    const shares = [shareBps, ...winning.slice(0, -1).map((leaf) => leaf.shareBps ?? 0n)];
    const due = shares.reduce((left, bps) => left - (left * bps) / 10_000n, amount);
    const owner = winning.at(-1)?.owner ?? "";
    const got = this.payoff(owner);
    return got < due ? `${owner} was shown ${due} and got ${got}` : undefined;
  }

  #winningLine(): readonly CourtLeaf[] | undefined {
    const { point } = this.facts;
    const [line, second] = this.#history.shownLines.filter((leaves) =>
      leaves.every((leaf) => leaf.lo <= point && point < leaf.hi && this.#holds(leaf)),
    );
    if (second !== undefined) throw new Error("two shown lines hold one point");
    return line;
  }

  #holds({ conditions: path }: CourtLeaf): boolean {
    const { conditions, chain, oracles } = this.#history.facts;
    return path.every(({ name, side }) => {
      const condition = conditions.get(name);
      if (condition?.kind !== "oracle") return false;
      const oracle = oracles.get(condition.oracle);
      const isKnown = oracle !== undefined && oracle.height < chain.expiry;
      return condition.trueFor.includes(isKnown ? oracle.result : "bad") === side;
    });
  }

  /** What every honest user's wallet does: claim what is shown, slash what was closed, take back what is his. */
  #defend(height: number): void {
    if (this.isSettled) return;
    const winning = this.#winningLine();
    const own = this.#current().find(({ leaves }) => leaves === winning || isSame(leaves, winning));
    if (own !== undefined && height >= this.facts.chain.expiry + this.facts.drawBlocks + 1) {
      const known = this.#results.get(this.#keyOf(own.leaves.slice(this.#passed.length)));
      const best = own.showings.map(([first]) => first as CourtShowing);
      if (known === undefined) this.#claim(height, best, {});
      else if (known.removal !== undefined) this.#claim(height, best, { improves: true });
    }
    for (const [key, result] of this.#results) {
      const leaves = this.#leavesOfKey.get(key);
      if (leaves === undefined || result.removal !== undefined || this.isSettled) continue;
      if (winning !== undefined && isSame([...this.#passed, ...leaves], winning)) continue;
      leaves.forEach((leaf, level) => {
        for (const close of this.#closesOf(leaves, level)) {
          const name = `${key}:${level}:${close.top}:${close.sequence}:${close.block}:${close.close}`;
          if (close.contractId !== leaf.id || this.#tried.has(name)) continue;
          this.#tried.add(name);
          this.#slash(height, this.#any(HONEST), leaves, level, [close]);
        }
      });
    }
  }

  #closesOf(leaves: readonly CourtLeaf[], level: number): readonly KnownClose[] {
    let lineage: readonly CourtChain[] | undefined = this.#lineage;
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
    this.#act({ kind: "claim", height, above, ...last, ...by, ...terms, ...change });
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
    this.#act({ kind: "close", height, carrier, above, against, level, closes });
  }

  /** One random action of whoever is not honest, good or bad. */
  #attack(height: number): void {
    const carrier = this.#any(["dave", "mallory", OPERATOR]);
    const kind = this.#random.below(10);
    if (kind < 6) {
      this.#claimAnything(height, carrier);
      return;
    }
    const leaves = this.#leavesOfKey.get(this.#any([...this.#results.keys()]) ?? "");
    if (leaves === undefined) return;
    if (kind < 8) {
      this.#moveAnything(height, carrier, leaves);
      return;
    }
    const level = this.#random.below(leaves.length);
    const closes = this.#closesOf(leaves, level);
    const of = closes.filter(({ contractId }) => contractId === leaves[level]?.id);
    const close = this.#any(this.#chance(90) ? of : closes);
    if (close === undefined) return;
    const next = this.#chance(25) ? this.#any(closes) : undefined;
    this.#slash(height, carrier, leaves, level, next === undefined ? [close] : [close, next]);
  }

  #claimAnything(height: number, carrier: string): void {
    const current = this.#current().filter(({ leaves }) => {
      const owner = leaves.at(-1)?.owner ?? "";
      return !(HONEST as readonly string[]).includes(owner) || this.#chance(5);
    });
    const removed = current.filter(
      ({ leaves }) =>
        this.#results.get(this.#keyOf(leaves.slice(this.#passed.length)))?.removal !== undefined,
    );
    const holding = current.filter(({ leaves }) => leaves.every((leaf) => this.#holds(leaf)));
    const fresh = holding.filter(
      ({ leaves }) => !this.#results.has(this.#keyOf(leaves.slice(this.#passed.length))),
    );
    const known = current.filter(({ leaves }) =>
      this.#results.has(this.#keyOf(leaves.slice(this.#passed.length))),
    );
    const candidate =
      (this.#chance(25) ? this.#any(removed) : undefined) ??
      (this.#chance(20) ? this.#any(known) : undefined) ??
      (this.#chance(70) ? this.#any(fresh) : undefined) ??
      this.#any(this.#chance(90) ? holding : current);
    if (candidate === undefined) return;
    const { leaves, showings } = candidate;
    const last = leaves.at(-1);
    if (last === undefined) return;
    const isKnown = this.#results.has(this.#keyOf(leaves.slice(this.#passed.length)));
    const isSly = this.#chance(60);
    const line = showings.map((places) =>
      isSly ? (isKnown ? places[0] : places.at(-1)) : this.#any(places),
    );
    if (line.some((shown) => shown === undefined)) return;
    const isHonest = (HONEST as readonly string[]).includes(last.owner);
    const improves = this.#chance(isKnown ? 85 : 3);
    const hasTerms = !improves && (last.anchor === undefined || this.#chance(5));
    const states = this.#history.states.filter(({ contractId }) => contractId === last.id);
    this.#claim(height, line as CourtShowing[], {
      carrier,
      signer: isHonest || this.#chance(3) ? "mallory" : last.owner,
      state: hasTerms && this.#chance(60) ? this.#any(states) : undefined,
      evidence: hasTerms ? this.#anyEvidence() : undefined,
      improves,
    });
  }

  #moveAnything(height: number, carrier: string, leaves: readonly CourtLeaf[]): void {
    const against = leaves.at(-1);
    if (against === undefined) return;
    const isHonest = (HONEST as readonly string[]).includes(against.owner);
    const side = this.#chance(50) ? "owner" : "operator";
    const operator = leaves.at(-2)?.owner ?? this.#lineage.at(-1)?.operator ?? OPERATOR;
    const served = side === "owner" ? against.owner : operator;
    const isNotHis = isHonest && side === "owner";
    const states = this.#history.states.filter(({ contractId }) => contractId === against.id);
    const state = this.#chance(60) ? this.#any(states) : undefined;
    const run = this.#results.get(this.#keyOf(leaves))?.run;
    const scripts: CourtScript[] = ["true", "false", "asEvidenceSays", "broken"];
    const standing = scripts.find(
      (each) => run !== undefined && equalBytes(hashScript(scriptOf(each)), run.scriptHash),
    );
    const isSigned = (HONEST as readonly string[]).includes(served);
    this.#act({
      kind: "move",
      height,
      carrier,
      above: leaves.slice(0, -1),
      against,
      side,
      signer: isNotHis || isSigned || this.#chance(4) ? "dave" : served,
      state,
      script: state?.script ?? standing ?? "true",
      evidence: this.#anyEvidence(),
    });
  }

  #anyEvidence(): Evidence {
    if (this.#chance(40)) return undefined;
    return { nonce: this.#random.below(12), result: this.#chance(60) };
  }

  /** Do it on the real chain, and keep it for the court. What has no bytes is not done. */
  #act(action: CourtAction): void {
    if (this.isSettled) return;
    const verdict = this.#judge(action);
    if (verdict === undefined) return;
    this.actions.push(action);
    this.held.push(verdict.ok);
    this.codes.push(verdict.ok ? "holds" : `${verdict.code}: ${verdict.message}`);
    this.#count(verdict.ok ? action.kind : `${action.kind} refused: ${verdict.code}`);
    if (verdict.ok) this.#apply(verdict.value, action);
  }

  #judge(action: CourtAction): Verdict<SettlementEffect> | undefined {
    const carrier = keyOf(action.carrier);
    const view = this.#view(action.height);
    const chainId = this.#chain.id;
    switch (action.kind) {
      case "timeout":
        return this.#judges.judgeTimeout({ chainId }, view);
      case "close": {
        const leaves = [...(action.above ?? []), action.against];
        const level = action.level ?? leaves.length - 1;
        const lineage = leaves
          .slice(0, level)
          .reduce<readonly CourtChain[] | undefined>(
            (above, leaf) => above && descend(above, leaf),
            this.#lineage,
          );
        if (lineage === undefined) return undefined;
        const closes = action.closes.flatMap(
          (shown) => this.#real.closeProof(shown, [...lineage]) ?? [],
        );
        if (closes.length !== action.closes.length) return undefined;
        const resultKey = computeResultKey(
          chainId,
          leaves.map((leaf) => this.#real.leaf(leaf)),
        );
        const slash = { kind: "close", chainId, resultKey, level, closes } as const;
        return this.#judges.judgeSlash(slash, carrier, view);
      }
      case "move": {
        const leaves = [...(action.above ?? []), action.against];
        const run = this.#results.get(this.#keyOf(leaves))?.run;
        const script = scriptOf(action.script);
        const { move, body } = draftMove({
          chainId,
          leaves: leaves.map((leaf) => this.#real.leaf(leaf)),
          side: action.side,
          terms:
            action.state === undefined
              ? { kind: "standing", stateNonce: run?.stateNonce ?? 0, script }
              : { kind: "state", state: this.#real.state(action.state) },
          scriptSig: scriptSigOf(action.evidence),
          carrier,
        });
        const signature = signAs(action.signer, "signMove", body);
        return this.#judges.judgeSlash({ ...move, signature }, carrier, view);
      }
      case "claim":
        return this.#judgeClaim(action, carrier, view);
    }
  }

  #judgeClaim(
    action: CourtAction & { kind: "claim" },
    carrier: Uint8Array,
    view: SettlementView,
  ): Verdict<SettlementEffect> | undefined {
    let lineage: readonly CourtChain[] | undefined = this.#lineage;
    const levels = [...(action.above ?? []), action].flatMap((shown) => {
      const { leaf } = shown;
      const proof = lineage && this.#real.anchoredProof(shown, [...lineage]);
      lineage = lineage && descend(lineage, leaf);
      if (proof === undefined) return [];
      const conditions = leaf.conditions.map(({ name }) => this.#real.condition(name));
      return [{ leaf: this.#real.leaf(leaf), proof, conditions }];
    });
    if (levels.length !== (action.above?.length ?? 0) + 1) return undefined;
    const terms = { chainId: this.#chain.id, line: levels, carrier };
    const whole = {
      ...terms,
      script: scriptOf(action.leaf.script),
      state: action.state && this.#real.state(action.state),
      scriptSig: scriptSigOf(action.evidence),
    };
    const isSealed = action.leaf.anchor !== undefined;
    const { claim, body } = action.improves ? draftImprovement(terms) : draftClaim(whole);
    const signature = signAs(action.signer, "signClaim", body);
    const { state, scriptSig } = whole;
    // Who shows terms of a sealed leaf goes around the wallet's own drafts.
    const shown = isSealed && !action.improves ? { ...claim, state, scriptSig } : claim;
    return this.#judges.judgeClaim({ ...shown, signature }, carrier, view);
  }

  #apply(effect: SettlementEffect, action: CourtAction): void {
    const give = (name: string, amount: bigint) =>
      this.gains.set(name, (this.gains.get(name) ?? 0n) + amount);
    give(action.carrier, -effect.deposit - effect.minerFee);
    give("miner", effect.minerFee);
    this.#fees.set(action.carrier, (this.#fees.get(action.carrier) ?? 0n) + effect.minerFee);
    for (const { to, amount } of effect.pay) give(NAMES.get(formatHex(to)) ?? "nobody", amount);
    this.burnt += effect.burn;
    const before = new Map(this.#results);
    for (const result of effect.put) this.#results.set(formatHex(resultKeyOf(result)), result);
    this.#note(effect, action, before);
    const { settled, made } = effect;
    if (settled === undefined) return;
    if (made === undefined) {
      this.isSettled = true;
      return;
    }
    const winner = [...this.#results].find(
      ([, { line, chainId }]) =>
        formatHex(computeResultKey(chainId, leavesOf(line))) === formatHex(made.chain.id),
    );
    const leaves = this.#leavesOfKey.get(winner?.[0] ?? "") ?? [];
    this.#passed = [...this.#passed, ...leaves];
    this.#lineage = leaves.reduce<readonly CourtChain[]>(
      (above, leaf) => descend(above, leaf) ?? above,
      this.#lineage,
    );
    this.#chain = made.chain;
    this.#results = new Map(made.results.map((each) => [formatHex(resultKeyOf(each)), each]));
    this.#nameResults();
  }

  #note(
    { put, settled, made }: SettlementEffect,
    action: CourtAction,
    before: ReadonlyMap<string, ResultRecord>,
  ): void {
    if (action.kind === "claim") {
      if (put.some(({ line }) => line.length > 1)) this.#count("a nested claim");
      if (action.leaf.anchor !== undefined) this.#count("a claim of a sealed leaf");
      const levels = [...(action.above ?? []), action];
      if (levels.some(({ top }) => top !== undefined)) {
        this.#count("a claim under a post after a switch");
      }
      const [first] = put;
      const known = first && before.get(formatHex(resultKeyOf(first)));
      if (known?.removal !== undefined) this.#count("a removal was undone");
      else if (known !== undefined) this.#count("a rank was improved");
    }
    if (action.kind === "close") {
      const level = action.level ?? 0;
      if (level > 0) this.#count("a close further down");
      if (action.closes.some(({ top }) => top !== undefined)) {
        this.#count("a close under a post after a switch");
      }
      if (level < (action.above?.length ?? 0)) this.#count("a close of a sealed leaf");
      if (put.length > 1) this.#count("several lines removed at once");
    }
    if (settled === undefined) return;
    if (settled.burnt > 0n) this.#count("a double sale was punished");
    if (settled.burnt > 0n && settled.operatorPaid > 0n && settled.winner !== undefined) {
      this.#count("only one operator of several was punished");
    }
    if (made !== undefined) this.#count("a contract became a chain");
    if ((made?.results.length ?? 0) > 0) this.#count("claims were carried down");
    if (made === undefined && this.#passed.length > 0)
      this.#count("a chain made by a timeout ended");
  }

  #view(height: number): SettlementView {
    return {
      rules: RULES,
      height,
      chain: (id) => (this.isSettled || !equalBytes(id, this.#chain.id) ? undefined : this.#chain),
      existence: (key) =>
        this.#existence.get(formatHex(key)) ??
        getRecord(this.#main, "existence", key, readExistenceRecord),
      switched: (key) => getRecord(this.#main, "existence", key, readSwitchRecord),
      fact: (fact) => this.#fact(fact.kind, formatHex(fact.key)),
      results: () => [...this.#results.values()],
      workHashAt: (at) => (at < height ? this.#workHash(at) : undefined),
      data: () => NO_REQUESTS,
      isShown: () => false,
    };
  }

  #fact(kind: RecordedFact["kind"], key: string): RecordedFact {
    if (kind !== "oracle") return { kind, record: undefined };
    const named = [...this.facts.oracles].find(([name]) => formatHex(hashName(name)) === key);
    if (named === undefined) return { kind, record: undefined };
    const [, { result, height }] = named;
    const reporter = keyOf("reporter");
    const said = { result: result as OracleResult, resultHeight: height };
    return { kind, record: { reporter, question: "", ...said } };
  }

  #keyOf(leaves: readonly CourtLeaf[]): string {
    const real = leaves.map((leaf) => this.#real.leaf(leaf));
    return formatHex(computeResultKey(this.#chain.id, real));
  }

  #count(event: string): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #any<Item>(items: readonly [Item, ...Item[]]): Item;
  #any<Item>(items: readonly Item[]): Item | undefined;
  #any<Item>(items: readonly Item[]): Item | undefined {
    return items[this.#random.below(Math.max(1, items.length))];
  }
}

/** The lineage of the chain that a leaf is; undefined if it is none, or has an id from above. */
function descend(
  lineage: readonly CourtChain[],
  { id, owner, anchor }: CourtLeaf,
): CourtChain[] | undefined {
  if (anchor === undefined || lineage.some((above) => above.id === id)) return undefined;
  return [...lineage, { id, operator: owner, anchor }];
}

function isSame(a: readonly CourtLeaf[], b: readonly CourtLeaf[] | undefined): boolean {
  return a.length === b?.length && a.every((leaf, level) => leaf === b[level]);
}
