import type { CloseProof, PostedClose } from "../../../src/blocks/closeProof.ts";
import type { PostingChain } from "../../../src/blocks/hops.ts";
import type {
  Challenge,
  ChallengeAnswer,
} from "../../../src/chain/challenges/challengeMessages.ts";
import {
  type ChallengeRecord,
  NO_CHALLENGES,
} from "../../../src/chain/challenges/challengeRecord.ts";
import type { ChallengeView } from "../../../src/chain/challenges/challengeView.ts";
import type { judgeChallenge } from "../../../src/chain/challenges/judgeChallenge.ts";
import type { judgeChallengeResponse } from "../../../src/chain/challenges/judgeChallengeResponse.ts";
import { createGasMeter } from "../../../src/chain/gasMeter.ts";
import { NO_REQUESTS } from "../../../src/chain/requests/dataRecord.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { BLOCK_GAS_MAX } from "../../../src/protocol/limits.ts";
import { compareConditions } from "../../../src/protocol/place.ts";
import { computePostKey, type ExistenceRecord } from "../../../src/protocol/post.ts";
import type { CourtBlock, CourtCase } from "../../reference/courtCase.ts";
import {
  type CourtAnswer,
  type CourtChallenge,
  type CourtShownState,
  readChallenges,
} from "../../reference/courtChallenge.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { type Counters, descend } from "./courtPlay.ts";
import {
  type CourtChain,
  findPath,
  hashName,
  keyOf,
  Materialiser,
  RULES,
  recordsOf,
} from "./materialise.ts";
import type { History } from "./randomHistory.ts";

/** The functions under trial: the chain's own, or ones with a planted bug. */
export type ChallengeJudges = {
  readonly judgeChallenge: typeof judgeChallenge;
  readonly judgeChallengeResponse: typeof judgeChallengeResponse;
};

/** Challenges that are tried in one history. */
const TRIES = 12;
const CHALLENGER = keyOf("dave");
const DELAY = RULES.parameters.dataResponseDelay;

/**
 * Challenge whatever is gone in one history, and much that is not, and answer with all closes there are; the court says the same
 * to each.
 *
 * @returns what chain and court do not agree on; undefined if nothing.
 */
export function tryChallenges(
  seed: number,
  createHistory: (random: SeededRandom) => History,
  judges: ChallengeJudges,
  counters: Counters,
): string | undefined {
  const random = new SeededRandom(Math.imul(seed + 1, 0x85ebca6b));
  const trial = new Trial(createHistory(random), seed, random, judges);
  const wrong = trial.run();
  for (const [event, count] of trial.events) {
    counters.set(event, (counters.get(event) ?? 0) + count);
  }
  return wrong;
}

class Trial {
  readonly events = new Map<string, number>();
  readonly #facts: CourtCase;
  readonly #real: Materialiser;
  readonly #random: SeededRandom;
  readonly #judges: ChallengeJudges;
  readonly #court: ReturnType<typeof readChallenges>;
  readonly #existence = new Map<string, ExistenceRecord>();
  readonly #proofs = new Map<string, CloseProof | undefined>();
  readonly #lineages: (readonly CourtChain[])[] = [];
  readonly #spaces: History["spaces"];

  constructor(history: History, seed: number, random: SeededRandom, judges: ChallengeJudges) {
    this.#facts = { ...history.facts, point: 0n };
    this.#spaces = history.spaces;
    this.#real = new Materialiser(history, seed);
    this.#random = random;
    this.#judges = judges;
    this.#court = readChallenges(this.#facts);
    const { origin: id, operator } = history.facts.chain;
    this.#find([{ id, operator, anchor: "main" }]);
  }

  /** Every chain that some leaf says there is, and the records of those that post on the main chain. */
  #find(lineage: readonly CourtChain[]): void {
    const chain = lineage.at(-1);
    if (chain === undefined || findPath(lineage) === undefined) return;
    this.#lineages.push(lineage);
    recordsOf(this.#facts, chain).forEach(({ height, index, block }, at) => {
      const key = computePostKey(keyOf(chain.operator), this.#real.id(chain.id), at + 1);
      this.#existence.set(formatHex(key), { height, index, hash: this.#real.blockHash(block) });
    });
    const inside = new Map<string, readonly CourtChain[]>();
    for (const { chain: id = this.#facts.chain.origin, leaves } of this.#facts.blocks.values()) {
      if (id !== chain.id) continue;
      for (const leaf of leaves) {
        const below = descend(lineage, leaf);
        if (below !== undefined) inside.set(JSON.stringify(below), below);
      }
    }
    for (const below of inside.values()) this.#find(below);
  }

  run(): string | undefined {
    for (let tried = 0; tried < TRIES; tried++) {
      const court = this.#imagine();
      const challenge = court && this.#draft(court);
      if (court === undefined || challenge === undefined) continue;
      const { height } = court;
      const view = this.#view(height, NO_CHALLENGES);
      const real = this.#judges.judgeChallenge(challenge, CHALLENGER, 1, view);
      const isHeld = this.#court.holds(court);
      if (real.ok !== isHeld) {
        return `the court says ${isHeld} to a challenge, the chain ${real.ok ? "yes" : real.code}: ${tell(court)}`;
      }
      this.#count(isHeld ? "a challenge" : "no challenge");
      if (!real.ok) continue;
      if (court.lineage.length > 1) this.#count("a challenge inside");
      const wrong = this.#answer(court, real.value.record);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  /** Every answer that can be put together, in time or a block too late. */
  #answer(court: CourtChallenge, record: ChallengeRecord): string | undefined {
    const due = court.height + DELAY;
    const open = record.open[0];
    if (open === undefined) return "nothing is open";
    const { lineage } = court;
    const target = this.#targetOf(lineage);
    let isExplained = false;
    for (const answer of this.#listAnswers(court)) {
      const height =
        this.#random.below(12) === 0 ? due + 1 : court.height + this.#random.below(DELAY);
      const drafted = this.#draftAnswer(answer, court);
      if (drafted === undefined) continue;
      const response = { target, challengeId: open.id, answer: drafted };
      const real = this.#judges.judgeChallengeResponse(response, this.#view(height, record));
      const isRight = this.#court.explains(court, answer, height, DELAY);
      if (real.ok !== isRight) {
        return `the court says ${isRight} to the answer ${tell(answer)}, the chain ${real.ok ? "yes" : real.code}: ${tell(court)}`;
      }
      if (!isRight) continue;
      isExplained = true;
      const isMatch =
        answer.kind === "close" && answer.close >= this.#block(answer.block).closes.length;
      this.#count(isMatch ? "answered by a match" : `answered by ${answer.kind}`);
    }
    if (!isExplained) this.#count("no answer");
    return undefined;
  }

  #imagine(): CourtChallenge | undefined {
    const lineage = this.#pick(this.#lineages);
    const states = lineage && [this.#state(lineage), this.#state(lineage)];
    const [first, second] = states ?? [];
    if (lineage === undefined || first === undefined || second === undefined) return undefined;
    const leaf = this.#pick(this.#block(first.block).leaves);
    const { expiry } = this.#facts.chain;
    const height = this.#random.below(10) === 0 ? expiry + 4 : 40 + this.#random.below(expiry - 36);
    return leaf && { lineage, height, first, second, leaf };
  }

  /** A block that a record shows, the posted one or one a few before it. */
  #state(lineage: readonly CourtChain[]): CourtShownState | undefined {
    const [top] = findPath(lineage) ?? [];
    const records = top === undefined ? [] : recordsOf(this.#facts, top);
    const sequence = 1 + this.#random.below(Math.max(1, records.length));
    let block = this.#real.postedBlock(lineage, { sequence });
    for (let back = this.#random.below(4); block !== undefined && back > 0; back--) {
      const { parent } = this.#block(block);
      if (this.#facts.blocks.get(parent)?.parent === "") break;
      block = parent;
    }
    return block === undefined || this.#block(block).parent === ""
      ? undefined
      : { sequence, block };
  }

  #draft({ lineage, first, second, leaf }: CourtChallenge): Challenge | undefined {
    const at = leaf.lo + BigInt(this.#random.below(Number(leaf.hi - leaf.lo)));
    const own = this.#real.place(leaf).conditions;
    const there = this.#block(second.block)
      .leaves.filter(({ lo, hi }) => lo <= at && at < hi)
      .flatMap((each) => this.#real.place(each).conditions)
      .filter(({ hash }) => own.every((each) => !equalBytes(each.hash, hash)));
    const others = new Map(there.map((each) => [formatHex(each.hash), each]));
    const sides = [...others.values()].map((each) => ({
      ...each,
      side: this.#random.below(2) === 0,
    }));
    const asked = { at, conditions: [...own, ...sides].toSorted(compareConditions) };
    const a = this.#real.anchoredProof({ ...first, leaf }, [...lineage]);
    const b = this.#real.anchoredPath(second, asked, lineage);
    if (a === undefined || b === undefined) return undefined;
    return {
      topId: this.#real.chainId,
      path: this.#path(lineage),
      space: this.#space(lineage),
      first: { ...a, isSwitched: false },
      second: { ...b, isSwitched: false },
      asked,
    };
  }

  *#listAnswers({ lineage, leaf }: CourtChallenge): Generator<CourtAnswer> {
    for (const index of [...leaf.conditions.keys(), leaf.conditions.length]) {
      yield { kind: "condition", index };
    }
    const [top] = findPath(lineage) ?? [];
    const records = top === undefined ? [] : recordsOf(this.#facts, top);
    for (const sequence of records.map((_, at) => at + 1)) {
      for (const [block, { closes, matches = [] }] of this.#facts.blocks) {
        for (let close = 0; close < closes.length + matches.length; close++) {
          yield { kind: "close", sequence, block, close };
          yield { kind: "late", sequence, block, close };
        }
      }
    }
  }

  #draftAnswer(
    answer: CourtAnswer,
    { lineage, leaf }: CourtChallenge,
  ): ChallengeAnswer | undefined {
    if (answer.kind === "condition") {
      const { index } = answer;
      const name = leaf.conditions[index]?.name ?? leaf.conditions[0]?.name;
      const condition = name === undefined ? undefined : this.#real.condition(name);
      return condition && { kind: "condition", index, condition };
    }
    const { sequence } = answer;
    const proof = this.#closeProof(answer, lineage);
    if (proof === undefined) return undefined;
    const path = this.#path(lineage);
    if (answer.kind === "close") {
      const { hops, run, at } = proof;
      const headers = run.slice(at);
      return {
        kind: "close",
        sequence,
        isSwitched: false,
        path,
        hops,
        headers,
        close: proof.close,
      };
    }
    const { stateAfter: _, ...posted } = proof;
    return {
      kind: "late",
      isSwitched: false,
      path,
      space: this.#space(lineage),
      posted: posted satisfies PostedClose,
    };
  }

  /** Each is built once, as many challenges are answered with it. */
  #closeProof(
    { sequence, block, close }: CourtAnswer & { readonly kind: "close" | "late" },
    lineage: readonly CourtChain[],
  ): CloseProof | undefined {
    const name = `${lineage.map(({ id }) => id).join()}:${sequence}:${block}:${close}`;
    if (!this.#proofs.has(name)) {
      this.#proofs.set(name, this.#real.closeProof({ sequence, block, close }, [...lineage]));
    }
    return this.#proofs.get(name);
  }

  #path(lineage: readonly CourtChain[]): PostingChain[] {
    const path = findPath(lineage) ?? [];
    return path.map(({ id, operator }) => ({ id: this.#real.id(id), operator: keyOf(operator) }));
  }

  #space(lineage: readonly CourtChain[]): Challenge["space"] {
    return lineage.length === 1 ? undefined : this.#spaces?.get(lineage.at(-1)?.id ?? "");
  }

  #targetOf(lineage: readonly CourtChain[]) {
    const { id, operator } = this.#path(lineage).at(-1) as PostingChain;
    return { topId: this.#real.chainId, chainId: id, operator };
  }

  #view(height: number, record: ChallengeRecord): ChallengeView {
    const { chain, oracles, payments } = this.#facts;
    const named = <Fact extends { readonly height: number }>(
      all: ReadonlyMap<string, Fact>,
      key: Uint8Array,
    ): Fact | undefined =>
      [...all].find(([name, each]) => each.height < height && equalBytes(hashName(name), key))?.[1];
    return {
      rules: RULES,
      height,
      gas: createGasMeter(BLOCK_GAS_MAX),
      chain: (id) =>
        equalBytes(id, this.#real.chainId)
          ? {
              id,
              operator: keyOf(chain.operator),
              lo: 0n,
              hi: chain.amount,
              amount: chain.amount,
              expiry: chain.expiry,
              depositBps: 0,
              claimDelay: chain.claimDelay,
              disputeDelay: chain.disputeDelay,
              startHeight: 1,
              won: undefined,
            }
          : undefined,
      existence: (key) => this.#existence.get(formatHex(key)),
      switched: () => undefined,
      fact({ kind, key }) {
        if (kind === "payment") return { kind, record: named(payments, key) };
        if (kind === "secret") return { kind, record: undefined };
        const oracle = named(oracles, key);
        const said = oracle && {
          reporter: keyOf("reporter"),
          question: "",
          result: oracle.result as "true" | "false" | "bad",
          resultHeight: oracle.height,
        };
        return { kind, record: said };
      },
      data: () => NO_REQUESTS,
      challenges: () => record,
    };
  }

  #block(name: string): CourtBlock {
    return this.#facts.blocks.get(name) as CourtBlock;
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.#random.below(Math.max(1, items.length))];
  }

  #count(event: string): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }
}

function tell(what: CourtChallenge | CourtAnswer): string {
  return JSON.stringify(what, (_, value) => (typeof value === "bigint" ? `${value}` : value));
}
