import type { RecordedFact } from "../../../src/blocks/conditionOutcome.ts";
import { NO_CHALLENGES } from "../../../src/chain/challenges/challengeRecord.ts";
import { createGasMeter } from "../../../src/chain/gasMeter.ts";
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
import { EMPTY_STATE, getRecord, type MainState } from "../../../src/chain/state/mainState.ts";
import type { ExistenceEntry } from "../../../src/chain/transaction.ts";
import { applyExistence } from "../../../src/chain/txs/existence.ts";
import { concatBytes, equalBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import type { Verdict } from "../../../src/lib/verdict.ts";
import type { OracleResult } from "../../../src/protocol/facts.ts";
import { BLOCK_GAS_MAX } from "../../../src/protocol/limits.ts";
import {
  computePostKey,
  type ExistenceRecord,
  encodePost,
  readExistenceRecord,
} from "../../../src/protocol/post.ts";
import { encodeSwitch, readSwitchRecord } from "../../../src/protocol/switch.ts";
import { rule } from "../../reference/court.ts";
import type { CourtAction, CourtCase, CourtLeaf, CourtSent } from "../../reference/courtCase.ts";
import { isOracleTrue } from "../../reference/courtOracles.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import {
  type CourtChain,
  hashName,
  keyOf,
  Materialiser,
  RULES,
  recordsOf,
  scriptOf,
  scriptSigOf,
  signAs,
} from "./materialise.ts";
import { type History, HONEST, OPERATOR } from "./randomHistory.ts";

/** The functions under trial: the chain's own, or ones with a planted bug. */
export type Judges = {
  readonly judgeClaim: typeof judgeClaim;
  readonly judgeSlash: typeof judgeSlash;
  readonly judgeTimeout: typeof judgeTimeout;
};

/** How often what happened in a trial, so that a green property is known to have seen it. */
export type Counters = Map<string, number>;

export const ACCOUNTS = [...HONEST, "dave", "mallory", OPERATOR, "miner"] as const;
const NAMES = new Map(ACCOUNTS.map((name) => [formatHex(keyOf(name)), name]));

/** Who never lies, and whose wallet has shown what he may count on. */
export const isHonest = (name: string): boolean => (HONEST as readonly string[]).includes(name);

/** What one life is played with. `wanted`: the winning point; without one chance draws it. */
export type Setting = {
  readonly seed: number;
  readonly judges: Judges;
  readonly random: SeededRandom;
  readonly wanted?: bigint;
};

/**
 * Play one random history to its end against the real rules, then let the court rule on the same.
 *
 * @returns what is wrong, or undefined.
 */
export function tryLife(
  seed: number,
  judges: Judges,
  counters: Counters,
  begin: (setting: Setting) => CourtPlay,
): string | undefined {
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1));
  const play = begin({ seed, judges, random });
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
export function followScript(
  judges: Judges,
  wanted: bigint,
  actions: readonly CourtAction[],
  begin: (setting: Setting) => CourtPlay,
): Ending {
  const play = begin({ seed: 1, judges, random: new SeededRandom(1), wanted });
  play.follow(actions);
  return {
    codes: play.codes.map((code) => code.replace(/:.*/s, "")),
    payoff: (name) => play.payoff(name),
    burnt: play.burnt,
    wrong: findDisagreement(play),
  };
}

/** What chain and court do not agree on. */
function findDisagreement(play: CourtPlay): string | undefined {
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

/** One life: what is done on the real chain, kept for the court. Who does what is a subclass's. */
export abstract class CourtPlay<Life extends History = History> {
  readonly facts: CourtCase;
  readonly actions: CourtAction[] = [];
  readonly held: boolean[] = [];
  readonly codes: string[] = [];
  readonly gains = new Map<string, bigint>();
  readonly events = new Map<string, number>();
  burnt = 0n;
  isSettled = false;
  protected readonly history: Life;
  protected readonly real: Materialiser;
  protected readonly random: SeededRandom;
  /** The on-chain chain of the time: its record, and its lineage by names. */
  protected chain: ChainRecord;
  protected lineage: readonly CourtChain[];
  protected results = new Map<string, ResultRecord>();
  readonly #judges: Judges;
  readonly #salt: number;
  readonly #existence = new Map<string, ExistenceRecord>();
  /** What the real chain has taken of switches and of the posts after them. */
  #main: MainState = EMPTY_STATE;
  readonly #fees = new Map<string, bigint>();

  constructor(history: Life, { seed, judges, random, wanted }: Setting) {
    this.history = history;
    this.#judges = judges;
    this.random = random;
    this.real = new Materialiser(history, seed);
    const { chain } = history.facts;
    const first: CourtChain = { id: chain.origin, operator: chain.operator, anchor: "main" };
    this.lineage = [first];
    this.chain = {
      id: this.real.chainId,
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
    this.#keepRecords(first);
    for (const name of history.facts.otherRecords?.keys() ?? []) {
      const [operator = "", id = ""] = name.split("/");
      this.#keepRecords({ id, operator, anchor: "main" });
    }
    for (const sent of history.facts.sent ?? []) this.#send(sent);
  }

  /** Play to the end by chance. */
  abstract run(): void;
  /** An honest user who ends with less than the wallet had shown. */
  abstract findWronged(): string | undefined;
  /** How many points are looked at, and how much there is to quarrel about at each. */
  protected abstract pointsLookedAt(): number;
  protected abstract crowdAt(point: bigint): number;
  /** Count what an action was worth seeing for. `before`: the results that stood. */
  protected abstract note(
    effect: SettlementEffect,
    action: CourtAction,
    before: ReadonlyMap<string, ResultRecord>,
  ): void;

  /** The chain has ended. */
  protected end(_: SettlementEffect): void {
    this.isSettled = true;
  }

  /** Most lives are drawn where something happened: the busiest of a few points that chance offers. */
  #chooseSalt(): number {
    const drawn = Array.from({ length: this.pointsLookedAt() }, (_, salt) => ({
      salt,
      crowd: this.crowdAt(this.#drawByHand(salt)),
    }));
    return drawn.reduce((best, each) => (each.crowd > best.crowd ? each : best)).salt;
  }

  /** The work that draws a wanted point of a space of a few thousand. */
  #findSalt(wanted: bigint): number {
    for (let salt = 0; salt < 65_536; salt++) if (this.#drawByHand(salt) === wanted) return salt;
    throw new Error(`no work at hand draws ${wanted}`);
  }

  /** The section's formula, over the work hashes of the three heights after the expiry. */
  #drawByHand(salt: number): bigint {
    const { expiry, amount } = this.history.facts.chain;
    const work = [1, 2, 3].map((above) => this.#workHash(expiry + above, salt));
    const { chainId } = this.real;
    const hash = sha256(concatBytes(Uint8Array.of(0x1c), RULES.networkId, chainId, ...work));
    return BigInt(`0x${formatHex(hash)}`) % amount;
  }

  #workHash(height: number, salt = this.#salt): Uint8Array {
    const bytes = salt < 256 ? [salt] : [salt % 256, salt >> 8];
    return sha256(concatBytes(this.real.chainId, Uint8Array.of(height, ...bytes)));
  }

  #keepRecords(chain: CourtChain): void {
    recordsOf(this.history.facts, chain).forEach(({ height, index, block }, at) => {
      const key = computePostKey(keyOf(chain.operator), this.real.id(chain.id), at + 1);
      this.#existence.set(formatHex(key), { height, index, hash: this.real.blockHash(block) });
    });
  }

  /** Hand a switch, or a post after one, to the real chain, which keeps what holds. */
  #send({ kind, chain, operator, signer, sequence, block, height, index }: CourtSent): void {
    const chainId = this.real.id(chain);
    const by = { signer: keyOf(operator) };
    const context = { rules: RULES, height, index, from: keyOf(signer), nonce: 1 };
    const entry = (): ExistenceEntry => {
      if (kind === "switch") {
        const own = { chainId, first: sequence };
        const signature = signAs(signer, "signSwitch", encodeSwitch(own));
        return { kind, switch: own, ...by, signature };
      }
      const place = { kind: "switched" } as const;
      const post = { place, chainId, sequence, blockHash: this.real.blockHash(block) };
      return { kind, post, ...by, signature: signAs(signer, "signPost", encodePost(post)) };
    };
    const taken = applyExistence(
      this.#main,
      { kind: "existence", entry: entry() },
      { ...context, gas: createGasMeter(0), workHashAt: () => undefined },
    );
    if (taken.ok) this.#main = taken.value.state;
    this.count(taken.ok ? `a ${kind} was sent` : `a ${kind} refused: ${taken.code}`);
  }

  /** Do these, in order; each must have bytes. */
  follow(actions: readonly CourtAction[]): void {
    for (const action of actions) {
      const before = this.actions.length;
      this.act(action);
      if (this.actions.length === before) throw new Error(`no bytes for a ${action.kind}`);
    }
  }

  /** What an account has gained, its fees not counted. */
  payoff(name: string): bigint {
    return (this.gains.get(name) ?? 0n) + (this.#fees.get(name) ?? 0n);
  }

  /** The height at which the claims open. */
  protected opens(): number {
    return this.facts.chain.expiry + this.facts.drawBlocks + 1;
  }

  protected holds(leaf: CourtLeaf): boolean {
    const { conditions, chain, oracles, payments } = this.history.facts;
    return leaf.conditions.every(({ name, side }) => {
      const condition = conditions.get(name);
      const { expiry } = chain;
      if (condition !== undefined && condition.kind !== "payment") {
        const resultOf = (named: string) => {
          const oracle = oracles.get(named);
          return oracle !== undefined && oracle.height < expiry ? oracle.result : "bad";
        };
        return isOracleTrue(condition, resultOf) === side;
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

  /** Do it on the real chain, and keep it for the court. What has no bytes is not done. */
  protected act(action: CourtAction): void {
    const verdict = this.#judge(action);
    if (verdict === undefined) return;
    this.actions.push(action);
    this.held.push(verdict.ok);
    this.codes.push(verdict.ok ? "holds" : `${verdict.code}: ${verdict.message}`);
    this.count(verdict.ok ? action.kind : `${action.kind} refused: ${verdict.code}`);
    if (verdict.ok) this.#apply(verdict.value, action);
  }

  #judge(action: CourtAction): Verdict<SettlementEffect> | undefined {
    const carrier = keyOf(action.carrier);
    const view = this.#view(action.height);
    const chainId = this.chain.id;
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
            this.lineage,
          );
        if (lineage === undefined) return undefined;
        const closes = action.closes.flatMap(
          (shown) => this.real.closeProof(shown, [...lineage]) ?? [],
        );
        if (closes.length !== action.closes.length || closes.length === 0) return undefined;
        const resultKey = computeResultKey(
          chainId,
          leaves.map((leaf) => this.real.leaf(leaf)),
        );
        const slash = { kind: "close", chainId, resultKey, level, closes } as const;
        return this.#judges.judgeSlash(slash, carrier, view);
      }
      case "move": {
        const leaves = [...(action.above ?? []), action.against];
        const run = this.results.get(this.keyOf(leaves))?.run;
        const script = scriptOf(action.script);
        const { move, body } = draftMove({
          chainId,
          leaves: leaves.map((leaf) => this.real.leaf(leaf)),
          side: action.side,
          terms:
            action.state === undefined
              ? { kind: "standing", stateNonce: run?.stateNonce ?? 0, script }
              : { kind: "state", state: this.real.state(action.state) },
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
    let lineage: readonly CourtChain[] | undefined = this.lineage;
    const levels = [...(action.above ?? []), action].flatMap((shown) => {
      const { leaf } = shown;
      const proof = lineage && this.real.anchoredProof(shown, [...lineage]);
      lineage = lineage && descend(lineage, leaf);
      if (proof === undefined) return [];
      const conditions = leaf.conditions.map(({ name }) => this.real.condition(name));
      return [{ leaf: this.real.leaf(leaf), proof, conditions }];
    });
    if (levels.length !== (action.above?.length ?? 0) + 1) return undefined;
    const terms = { chainId: this.chain.id, line: levels, carrier };
    const whole = {
      ...terms,
      script: scriptOf(action.leaf.script),
      state: action.state && this.real.state(action.state),
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
    const before = new Map(this.results);
    for (const result of effect.put) this.results.set(formatHex(resultKeyOf(result)), result);
    this.note(effect, action, before);
    if (effect.settled !== undefined) this.end(effect);
  }

  #view(height: number): SettlementView {
    return {
      rules: RULES,
      height,
      gas: createGasMeter(BLOCK_GAS_MAX),
      chain: (id) => (this.isSettled || !equalBytes(id, this.chain.id) ? undefined : this.chain),
      existence: (key) =>
        this.#existence.get(formatHex(key)) ??
        getRecord(this.#main, "existence", key, readExistenceRecord),
      switched: (key) => getRecord(this.#main, "existence", key, readSwitchRecord),
      fact: (fact) => this.#fact(fact.kind, formatHex(fact.key)),
      results: () => [...this.results.values()],
      workHashAt: (at) => (at < height ? this.#workHash(at) : undefined),
      data: () => NO_REQUESTS,
      challenges: () => NO_CHALLENGES,
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

  /** The key of the result that a line from the on-chain chain of the time has. */
  protected keyOf(leaves: readonly CourtLeaf[]): string {
    const real = leaves.map((leaf) => this.real.leaf(leaf));
    return formatHex(computeResultKey(this.chain.id, real));
  }

  protected count(event: string): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }

  protected chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  protected any<Item>(items: readonly [Item, ...Item[]]): Item;
  protected any<Item>(items: readonly Item[]): Item | undefined;
  protected any<Item>(items: readonly Item[]): Item | undefined {
    return items[this.random.below(Math.max(1, items.length))];
  }
}

/** The lineage of the chain that a leaf is; undefined if it is none, or has an id from above. */
export function descend(
  lineage: readonly CourtChain[],
  { id, owner, anchor }: CourtLeaf,
): CourtChain[] | undefined {
  if (anchor === undefined || lineage.some((above) => above.id === id)) return undefined;
  return [...lineage, { id, operator: owner, anchor }];
}
