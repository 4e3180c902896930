import type { RecordedFact } from "../../../src/blocks/conditionOutcome.ts";
import { NO_REQUESTS } from "../../../src/chain/requests/dataRecord.ts";
import { draftClaim, draftImprovement } from "../../../src/chain/settlement/draftClaim.ts";
import { draftMove } from "../../../src/chain/settlement/draftMove.ts";
import type { judgeClaim } from "../../../src/chain/settlement/judgeClaim.ts";
import type { judgeSlash } from "../../../src/chain/settlement/judgeSlash.ts";
import type { judgeTimeout } from "../../../src/chain/settlement/judgeTimeout.ts";
import { computeResultKey } from "../../../src/chain/settlement/line.ts";
import { type ResultRecord, resultKeyOf } from "../../../src/chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../../src/chain/settlement/settlementEffect.ts";
import type { SettlementView } from "../../../src/chain/settlement/settlementView.ts";
import type { ChainRecord } from "../../../src/chain/state/chainRecord.ts";
import { concatBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import type { Verdict } from "../../../src/lib/verdict.ts";
import type { OracleResult } from "../../../src/protocol/facts.ts";
import { computePostKey, type ExistenceRecord } from "../../../src/protocol/post.ts";
import { hashScript } from "../../../src/protocol/script.ts";
import { rule } from "../../reference/court.ts";
import type {
  CourtAction,
  CourtCase,
  CourtLeaf,
  CourtScript,
  Evidence,
  ShownClose,
} from "../../reference/courtCase.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import {
  hashName,
  keyOf,
  Materialiser,
  RULES,
  scriptOf,
  scriptSigOf,
  signAs,
} from "./materialise.ts";
import { createHistory, type History, HONEST, OPERATOR } from "./randomHistory.ts";

/** The functions under trial: the chain's own, or ones with a planted bug. */
export type Judges = {
  readonly judgeClaim: typeof judgeClaim;
  readonly judgeSlash: typeof judgeSlash;
  readonly judgeTimeout: typeof judgeTimeout;
};

/** How often what happened in a trial, so that a green property is known to have seen it. */
export type Counters = Map<string, number>;

const ACCOUNTS = [...HONEST, "dave", "mallory", OPERATOR, "miner"] as const;
const NAMES = new Map(ACCOUNTS.map((name) => [formatHex(keyOf(name)), name]));

/**
 * Play one random history to its end against the real rules, then let the court rule on the same.
 *
 * @returns what is wrong, or undefined.
 */
export function tryHistory(seed: number, judges: Judges, counters: Counters): string | undefined {
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1));
  const history = createHistory(random);
  const play = new Play(history, seed, judges, random);
  play.run();
  const wrong = findDisagreement(play) ?? play.findWronged();
  for (const [event, count] of play.events) counters.set(event, (counters.get(event) ?? 0) + count);
  return wrong;
}

/** How a scripted life ended: what each action came to, and what each account got beside its fees. */
export type Ending = {
  readonly codes: readonly string[];
  readonly payoff: (name: string) => bigint;
  readonly burnt: bigint;
  /** What the court says to the same, if it is something else. */
  readonly wrong: string | undefined;
};

/** Play the given actions over `wanted`, the winning point, against the real rules and the court. */
export function playScript(
  history: History,
  judges: Judges,
  wanted: bigint,
  actions: readonly CourtAction[],
): Ending {
  const play = new Play(history, 1, judges, new SeededRandom(1), wanted);
  play.follow(actions);
  return {
    codes: play.codes.map((code) => code.replace(/:.*/s, "")),
    payoff: (name) => play.payoff(name),
    burnt: play.burnt,
    wrong: findDisagreement(play),
  };
}

/** What chain and court do not agree on. */
function findDisagreement(play: Play): string | undefined {
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

class Play {
  readonly facts: CourtCase;
  readonly actions: CourtAction[] = [];
  readonly held: boolean[] = [];
  readonly codes: string[] = [];
  readonly gains = new Map<string, bigint>();
  readonly events = new Map<string, number>();
  burnt = 0n;
  isSettled = false;
  readonly #history: History;
  readonly #real: Materialiser;
  readonly #judges: Judges;
  readonly #random: SeededRandom;
  readonly #results = new Map<string, ResultRecord>();
  readonly #chain: ChainRecord;
  #salt = 0;
  readonly #existence = new Map<string, ExistenceRecord>();
  readonly #feesOf = new Map<string, bigint>();
  readonly #showings = new Map<CourtLeaf, { sequence: number; block: string }[]>();
  readonly #closes: (ShownClose & { contractId: string })[] = [];
  readonly #leafOfKey = new Map<string, CourtLeaf>();
  readonly #keys = new Map<CourtLeaf, string>();
  readonly #tried = new Set<string>();

  constructor(
    history: History,
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
    this.#index();
  }

  /** Most lives are drawn where something happened: the busiest of a few points that chance offers. */
  #chooseSalt(): number {
    const drawn = Array.from({ length: this.#chance(85) ? 12 : 1 }, (_, salt) => ({
      salt,
      crowd: this.#crowdAt(this.#drawByHand(salt)),
    }));
    return drawn.reduce((best, each) => (each.crowd > best.crowd ? each : best)).salt;
  }

  /** The work that draws a wanted point of a small space. */
  #findSalt(wanted: bigint): number {
    for (let salt = 0; salt < 256; salt++) if (this.#drawByHand(salt) === wanted) return salt;
    throw new Error(`no work at hand draws ${wanted}`);
  }

  /** The section's formula, over the work hashes of the three heights after the expiry. */
  #drawByHand(salt: number): bigint {
    const { id, expiry, hi } = this.#chain;
    const work = [1, 2, 3].map((above) => this.#workHash(expiry + above, salt));
    const hash = sha256(concatBytes(Uint8Array.of(0x1c), RULES.networkId, id, ...work));
    return BigInt(`0x${formatHex(hash)}`) % hi;
  }

  /** How much there is to quarrel about at a point: leaves that win there, a wallet's own, a neighbour's end. */
  #crowdAt(point: bigint): number {
    const covers = ({ lo, hi }: CourtLeaf) => lo <= point && point < hi;
    const { blocks } = this.#history.facts;
    const every = [...new Set([...blocks.values()].flatMap(({ leaves }) => leaves))].filter(
      (leaf) => this.#holds(leaf),
    );
    const over = every.filter(covers).length;
    const isShown = this.#history.shown.some((leaf) => covers(leaf) && this.#holds(leaf));
    return over + (isShown ? 2 : 0) + (every.some(({ hi }) => hi === point) ? 1 : 0);
  }

  /** Which leaf was shown where, which closes there are, and what the main chain recorded. */
  #index(): void {
    this.facts.records.forEach((record, index) => {
      const sequence = index + 1;
      const key = computePostKey(this.#chain.operator, this.#chain.id, sequence);
      const { height, index: place } = record;
      const hash = this.#real.blockHash(record.block);
      this.#existence.set(formatHex(key), { height, index: place, hash });
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
        }
        at = block.parent;
      }
      for (const block of linked) {
        for (const leaf of this.facts.blocks.get(block)?.leaves ?? []) {
          const known = this.#showings.get(leaf) ?? [];
          known.push({ sequence, block });
          this.#showings.set(leaf, known);
          this.#leafOfKey.set(this.#keyOf(leaf), leaf);
        }
      }
    });
  }

  run(): void {
    const opens = this.facts.chain.expiry + this.facts.drawBlocks + 1;
    for (let height = opens - 1; height < opens + 400 && !this.isSettled; height++) {
      // Attackers move first, and last: honest users answer, and still the block may end with an attack.
      while (this.#chance(72)) this.#attack(height);
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
    return (this.gains.get(name) ?? 0n) + (this.#feesOf.get(name) ?? 0n);
  }

  /** An honest user who ends with less than the wallet had shown. */
  findWronged(): string | undefined {
    const { chain } = this.facts;
    const net = chain.amount - (chain.amount * chain.shareBps) / 10_000n;
    const winning = this.#winningLeaf();
    if (winning !== undefined) this.#count("a shown leaf won");
    for (const name of HONEST) {
      const due = winning?.owner === name ? net : 0n;
      const got = this.payoff(name);
      if (got < due) return `${name} was shown ${due} and got ${got}`;
    }
    return undefined;
  }

  #winningLeaf(): CourtLeaf | undefined {
    const { point } = this.facts;
    const [leaf, second] = this.#history.shown.filter(
      (each) => each.lo <= point && point < each.hi && this.#holds(each),
    );
    if (second !== undefined) throw new Error("two shown leaves hold one point");
    return leaf;
  }

  #holds(leaf: CourtLeaf): boolean {
    const { conditions, chain, oracles, payments } = this.#history.facts;
    return leaf.conditions.every(({ name, side }) => {
      const condition = conditions.get(name);
      const { expiry } = chain;
      if (condition?.kind === "oracle") {
        const oracle = oracles.get(condition.oracle);
        const result = oracle !== undefined && oracle.height < expiry ? oracle.result : "bad";
        return condition.trueFor.includes(result) === side;
      }
      const paid = payments.get(condition?.payment ?? "");
      const isPaid =
        condition !== undefined &&
        paid !== undefined &&
        paid.amount >= condition.amount &&
        paid.height < Math.min(condition.below, expiry);
      return isPaid === side;
    });
  }

  /** What every honest user's wallet does, at each height: claim what is shown, slash what was closed. */
  #defend(height: number): void {
    const winning = this.#winningLeaf();
    if (winning !== undefined && !this.#results.has(this.#keyOf(winning))) {
      const [best] = this.#showings.get(winning) ?? [];
      const signed = this.#history.states.filter(
        ({ contractId, signers }) =>
          contractId === winning.id &&
          signers.includes(winning.owner) &&
          signers.includes(OPERATOR),
      );
      if (best !== undefined && height > this.facts.chain.expiry + this.facts.drawBlocks) {
        this.#act({
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
    for (const [key, result] of this.#results) {
      const leaf = this.#leafOfKey.get(key);
      if (leaf === undefined || result.removal !== undefined || leaf === winning) continue;
      for (const close of this.#closes) {
        const name = `${key}:${close.sequence}:${close.block}:${close.close}`;
        if (close.contractId !== leaf.id || this.#tried.has(name)) continue;
        this.#tried.add(name);
        const closes = this.#chance(50) ? [close] : this.#chainOfCloses(close);
        const carrier = this.#any(HONEST);
        this.#act({ kind: "close", height, carrier, against: leaf, closes });
        if (closes.length > 1) {
          this.#act({ kind: "close", height, carrier, against: leaf, closes: [close] });
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
      const successor = block?.closes[last.close]?.successors.find(
        (each) =>
          each.lo <= this.facts.point &&
          this.facts.point < each.hi &&
          this.#holds({ ...each, id: "" }),
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
    const carrier = this.#any(["dave", "mallory", OPERATOR]);
    const kind = this.#random.below(10);
    const standing = [...this.#results]
      .filter(([, { removal }]) => removal === undefined || this.#chance(10))
      .flatMap(([key]) => this.#leafOfKey.get(key) ?? []);
    const against = this.#any(standing);
    if (kind < 5) this.#claimAnything(height, carrier);
    else if (against === undefined) return;
    else if (kind < 8) this.#moveAnything(height, carrier, against);
    else {
      const of = this.#closes.filter(({ contractId }) => contractId === against.id);
      const close = this.#any(this.#chance(85) ? of : this.#closes);
      if (close === undefined) return;
      const closes = this.#chance(70) ? [close] : this.#chainOfCloses(close);
      this.#act({ kind: "close", height, carrier, against, closes });
    }
  }

  #claimAnything(height: number, carrier: string): void {
    const { point } = this.facts;
    const every = [...this.#showings.keys()].filter(
      (each) => !(HONEST as readonly string[]).includes(each.owner) || this.#chance(5),
    );
    const over = every.filter(
      (each) => each.lo <= point && point < each.hi && (this.#holds(each) || this.#chance(15)),
    );
    const touching = every.filter(({ lo, hi }) => hi === point || lo === point + 1n);
    const unclaimed = (leaves: readonly CourtLeaf[]) =>
      leaves.filter((each) => !this.#results.has(this.#keyOf(each)));
    const shownByCloses = [...this.#results.values()].flatMap(({ removal }) => {
      const made = removal?.successor?.leaf;
      const key = made && computeResultKey(this.#chain.id, [made]);
      return (key && this.#leafOfKey.get(formatHex(key))) ?? [];
    });
    const leaf =
      (this.#chance(30) ? this.#any(unclaimed(shownByCloses)) : undefined) ??
      (this.#chance(40) ? this.#any(unclaimed(over)) : undefined) ??
      this.#any(this.#chance(15) ? touching : over) ??
      this.#any(this.#chance(50) ? over : every);
    const showings = (leaf && this.#showings.get(leaf)) ?? [];
    // Who means to surprise shows the worst place first, and the best when it is nearly too late.
    const sly = leaf && this.#results.has(this.#keyOf(leaf)) ? showings[0] : showings.at(-1);
    const shown = this.#chance(60) ? sly : this.#any(showings);
    if (leaf === undefined || shown === undefined) return;
    const isHonest = (HONEST as readonly string[]).includes(leaf.owner);
    const isStanding = this.#results.has(this.#keyOf(leaf));
    const improves = this.#chance(isStanding ? 80 : 3);
    this.#act({
      kind: "claim",
      height,
      carrier,
      // Honest users sign for nothing but what their wallets show.
      signer: isHonest || this.#chance(4) ? "mallory" : leaf.owner,
      ...shown,
      leaf,
      state: improves ? undefined : this.#anyState(leaf),
      evidence: improves ? undefined : this.#anyEvidence(),
      improves,
    });
  }

  #moveAnything(height: number, carrier: string, against: CourtLeaf): void {
    const isHonest = (HONEST as readonly string[]).includes(against.owner);
    const side = this.#chance(50) ? "owner" : "operator";
    const served = side === "owner" ? against.owner : OPERATOR;
    const state = this.#chance(60) ? this.#anyState(against) : undefined;
    const run = this.#results.get(this.#keyOf(against))?.run;
    const scripts: CourtScript[] = ["true", "false", "asEvidenceSays", "broken"];
    const standing = scripts.find(
      (script) =>
        run !== undefined && formatHex(hashScript(scriptOf(script))) === formatHex(run.scriptHash),
    );
    const script = state?.script ?? (this.#chance(90) ? standing : this.#any(scripts)) ?? "true";
    const next = run?.outcome.kind === "ran" ? (run.outcome.nonce + 1) % 2 ** 32 : 0;
    this.#act({
      kind: "move",
      height,
      carrier,
      against,
      side,
      signer: (side === "owner" && isHonest) || this.#chance(4) ? "dave" : served,
      state,
      script,
      evidence: this.#chance(50) ? { nonce: next, result: this.#chance(50) } : this.#anyEvidence(),
    });
  }

  #anyState(leaf: CourtLeaf) {
    const own = this.#history.states.filter(({ contractId }) => contractId === leaf.id);
    return this.#chance(75) ? this.#any(own) : undefined;
  }

  #anyEvidence(): Evidence {
    if (this.#chance(30)) return undefined;
    return { nonce: this.#any([0, 1, 2, 9, 0xffff_ffff]), result: this.#chance(50) };
  }

  /** Do it on the real chain, and keep it for the court. What has no bytes is not done. */
  #act(action: CourtAction): void {
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
        const closes = action.closes.flatMap((shown) => this.#real.closeProof(shown) ?? []);
        if (closes.length !== action.closes.length || closes.length === 0) return undefined;
        const resultKey = computeResultKey(chainId, [this.#real.leaf(action.against)]);
        return this.#judges.judgeSlash(
          { kind: "close", chainId, resultKey, level: 0, closes },
          carrier,
          view,
        );
      }
      case "move": {
        const leaf = this.#real.leaf(action.against);
        const run = this.#results.get(this.#keyOf(action.against))?.run;
        const { move, body } = draftMove({
          chainId,
          leaves: [leaf],
          side: action.side,
          terms:
            action.state === undefined
              ? {
                  kind: "standing",
                  stateNonce: run?.stateNonce ?? 0,
                  script: scriptOf(action.script),
                }
              : { kind: "state", state: this.#real.state(action.state) },
          scriptSig: scriptSigOf(action.evidence),
          carrier,
        });
        const signature = signAs(action.signer, "signMove", body);
        return this.#judges.judgeSlash({ ...move, signature }, carrier, view);
      }
      case "claim": {
        const proof = this.#real.anchoredProof(action);
        if (proof === undefined) return undefined;
        const terms = {
          chainId,
          line: [
            {
              leaf: this.#real.leaf(action.leaf),
              proof,
              conditions: action.leaf.conditions.map(({ name }) => this.#real.condition(name)),
            },
          ],
          carrier,
        };
        const { claim, body } = action.improves
          ? draftImprovement(terms)
          : draftClaim({
              ...terms,
              script: scriptOf(action.leaf.script),
              state: action.state && this.#real.state(action.state),
              scriptSig: scriptSigOf(action.evidence),
            });
        const signature = signAs(action.signer, "signClaim", body);
        return this.#judges.judgeClaim({ ...claim, signature }, carrier, view);
      }
    }
  }

  #apply(effect: SettlementEffect, action: CourtAction): void {
    const give = (name: string, amount: bigint) =>
      this.gains.set(name, (this.gains.get(name) ?? 0n) + amount);
    give(action.carrier, -effect.deposit - effect.minerFee);
    give("miner", effect.minerFee);
    this.#feesOf.set(action.carrier, (this.#feesOf.get(action.carrier) ?? 0n) + effect.minerFee);
    for (const { to, amount } of effect.pay) give(NAMES.get(formatHex(to)) ?? "nobody", amount);
    this.burnt += effect.burn;
    for (const result of effect.put) this.#results.set(formatHex(resultKeyOf(result)), result);
    if (action.kind === "claim") {
      const opens = this.facts.chain.expiry + this.facts.drawBlocks + 1;
      if (action.improves) this.#count("a rank was improved");
      else if (action.height >= opens + this.facts.chain.claimDelay)
        this.#count("a late successor");
    }
    if (action.kind === "close" && action.closes.length > 1) this.#count("closes in a row");
    if (effect.settled === undefined) return;
    this.isSettled = true;
    if (effect.settled.burnt > 0n) this.#count("a double sale was punished");
    this.#count(effect.settled.winner === undefined ? "no survivor" : "a winner");
    const standing = [...this.#results.values()].filter(({ removal }) => removal === undefined);
    if (standing.length > 1) this.#count("several stood at the timeout");
  }

  #view(height: number): SettlementView {
    return {
      rules: RULES,
      height,
      chain: (id) =>
        this.isSettled || formatHex(id) !== formatHex(this.#chain.id) ? undefined : this.#chain,
      existence: (key) => this.#existence.get(formatHex(key)),
      switched: () => undefined,
      fact: (fact) => this.#fact(fact.kind, formatHex(fact.key)),
      results: () => [...this.#results.values()],
      workHashAt: (at) => (at < height ? this.#workHash(at) : undefined),
      data: () => NO_REQUESTS,
      isShown: () => false,
    };
  }

  #fact(kind: RecordedFact["kind"], key: string): RecordedFact {
    const named = <Fact>(facts: ReadonlyMap<string, Fact>): Fact | undefined =>
      [...facts].find(([name]) => formatHex(hashName(name)) === key)?.[1];
    if (kind === "payment") return { kind, record: named(this.facts.payments) };
    if (kind === "secret") return { kind, record: undefined };
    const oracle = named(this.facts.oracles);
    if (oracle === undefined) return { kind, record: undefined };
    const result = oracle.result as OracleResult;
    const record = {
      reporter: keyOf("reporter"),
      question: "",
      result,
      resultHeight: oracle.height,
    };
    return { kind, record };
  }

  #workHash(height: number, salt = this.#salt): Uint8Array {
    return sha256(concatBytes(this.#chain.id, Uint8Array.of(height, salt)));
  }

  #keyOf(leaf: CourtLeaf): string {
    const known = this.#keys.get(leaf);
    if (known !== undefined) return known;
    const key = formatHex(computeResultKey(this.#chain.id, [this.#real.leaf(leaf)]));
    this.#keys.set(leaf, key);
    return key;
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
