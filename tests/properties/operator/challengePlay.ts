import type { LeafChange } from "../../../src/blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import type {
  Challenge,
  ChallengeAnswer,
} from "../../../src/chain/challenges/challengeMessages.ts";
import { priceChallengeAnswer } from "../../../src/chain/challenges/judgeChallengeResponse.ts";
import { getRecord } from "../../../src/chain/state/mainState.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { createPaidCondition } from "../../../src/market/standardConditions.ts";
import { answerRequests } from "../../../src/operator/answerRequests.ts";
import { createEngineState, type EngineState } from "../../../src/operator/engine/engineState.ts";
import { DEFAULT_POLICY } from "../../../src/operator/engine/policy.ts";
import { judgeRecords } from "../../../src/operator/engine/records.ts";
import { rowKey } from "../../../src/operator/engine/rowKey.ts";
import { takeOwnBlock } from "../../../src/operator/engine/sealBlock.ts";
import { type Condition, conditionRef, hashCondition } from "../../../src/protocol/condition.ts";
import { areApart, type ConditionSide } from "../../../src/protocol/place.ts";
import { computePostKey, readExistenceRecord } from "../../../src/protocol/post.ts";
import { findCellAt } from "../../../src/space/tree.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import {
  alice,
  bob,
  cash,
  createMainHeader,
  createPerson,
  hashName,
  make,
  mallory,
  oscar,
  type Person,
  voidClose,
} from "../../unit/blocks/chainLab.ts";
import { type At, ChallengeWorld } from "../../unit/chain/challenges/challengeWorld.ts";
import { PARAMETERS } from "../../unit/chain/requests/dataWorld.ts";

/** The account that answers: it has no money, and needs none. */
export const hand = createPerson("hand");
/** Closes that come in time are good to this height, others below the next record. */
const IN_TIME = 1_000;
const LOT = 10_000n;
/** Nobody pays for what is sold on credit, which is certain from the height on that all blocks name. */
const PAID_BELOW = 4;
const MAIN_HEIGHT = PAID_BELOW + PARAMETERS.confirmations;
const TRADERS = [alice, bob, mallory];

type Made = LeafChange & { readonly block: number; readonly unpaid: Condition | undefined };
/** A contract that is gone, and the block that took it. */
type Gone = { readonly contract: Made; readonly block: number };

/** Oscar's chain while people trade on it, and what his operator's process knows of it. */
export class ChallengePlay {
  readonly world = new ChallengeWorld();
  readonly state: EngineState;
  readonly gone: Gone[] = [];
  /** Kinds of all answers that the main chain took, and their bytes. */
  readonly kinds: ChallengeAnswer["kind"][] = [];
  bytes = 0;
  readonly #random: SeededRandom;
  readonly #live = new Map<string, Made>();
  readonly #bodies = new Map<string, Condition>();
  #lots = 0n;
  #payments = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    const { lab } = this.world;
    this.state = createEngineState(lab.context.rules, lab.facts, DEFAULT_POLICY, []);
    const { refund, win } = lab.conditions;
    for (const body of [refund, win]) this.#bodies.set(formatHex(hashCondition(body)), body);
    // Long before anything expires.
    this.world.height = MAIN_HEIGHT;
  }

  /** One round of trade: a few blocks, their post, and its record, looked at. */
  trade(): void {
    for (let blocks = 1 + this.#random.below(3); blocks > 0; blocks--) this.#block();
    this.post();
  }

  post(): void {
    const { world, state } = this;
    world.height += 1;
    const sequence = world.post();
    const { height, hash: blockHash } = world.lab.tip;
    state.posts.push({ sequence, height, blockHash });
    const key = computePostKey(oscar.publicKey, world.top.chainId, sequence);
    const record = getRecord(world.state, "existence", key, readExistenceRecord);
    if (record === undefined) throw new Error("no record");
    judgeRecords(state, {
      height: world.height,
      accountNonce: 0,
      recorded: sequence,
      records: [{ sequence, record }],
      oracles: new Map(),
      resultHeights: new Map(),
    });
  }

  /** Mallory challenges a contract that is gone, as cunningly as chance has it; what the main chain says. */
  challenge(): string | undefined {
    const { world } = this;
    if (this.#random.below(6) === 0) return this.#challengeStanding();
    const gone = this.gone[this.#random.below(Math.max(1, this.gone.length))];
    if (gone === undefined) return undefined;
    const { contract } = gone;
    const first = this.#showing(contract.block + this.#random.below(gone.block - contract.block));
    // Often what was there just before the contract was made, which a later post may show, too.
    const isBefore = this.#random.below(4) === 0;
    const top = world.lab.tip.height;
    const second = this.#showing(
      isBefore
        ? Math.max(1, contract.block - 1 - this.#random.below(2))
        : gone.block + this.#random.below(top + 1 - gone.block),
    );
    const challenge = this.challengeOf(contract, first, second);
    return world.raise(mallory, challenge).said;
  }

  /** A challenge of what still stands, by what stands beside it. */
  #challengeStanding(): string | undefined {
    const { world } = this;
    const all = [...this.#live.values()].filter(({ place }) => place.conditions.length > 0);
    const contract = all[this.#random.below(Math.max(1, all.length))];
    const top = world.lab.tip.height;
    if (contract === undefined || contract.block === top) return undefined;
    const conditions = contract.place.conditions.map((each) => ({ ...each, side: !each.side }));
    const asked = { at: contract.place.lo, conditions };
    const [first, second] = [this.#showing(contract.block), this.#showing(top)];
    return world.raise(mallory, world.challenge(first, contract.place, second, asked)).said;
  }

  /** The challenge that a contract is gone from one state to another. */
  challengeOf({ place }: Made, first: At, second: At): Challenge {
    const { world } = this;
    const at = place.lo + BigInt(this.#random.below(Number(place.hi - place.lo)));
    const isUnfair = this.#random.below(5) === 0;
    let conditions: readonly ConditionSide[] = isUnfair ? [] : place.conditions;
    for (;;) {
      const { found } = insist(findCellAt(world.content(second.block).tree, { at, conditions }));
      if (found.kind !== "branch") break;
      const side = this.#random.below(2) === 0;
      conditions = [...conditions, { ...found.condition, side }].toSorted(
        (a, b) => a.level - b.level || (formatHex(a.hash) < formatHex(b.hash) ? -1 : 1),
      );
    }
    return world.challenge(first, place, second, { at, conditions });
  }

  /** The honest operator answers what waits, and a miner takes what holds. */
  async answer(): Promise<void> {
    const { world } = this;
    const rows = { get: async (key: string) => this.#row(key) };
    await answerRequests(this.state, rows, {
      target: world.top,
      readRequests: async () => ({
        height: world.height,
        open: [],
        challenges: world.challenges().open,
      }),
      sendAnswers: async (bodies) => {
        for (const body of bodies) {
          if (body.kind !== "challenge-response") throw new Error("nothing else was asked");
          if (world.do(hand, body) !== "holds") continue;
          const { answer } = body.response;
          this.kinds.push(answer.kind);
          const price = priceChallengeAnswer(answer, PARAMETERS);
          this.bytes += Number(price / (PARAMETERS.dataRequestDeposit / (1024n * 1024n)));
        }
      },
    });
    world.height += 1;
  }

  /** A contract that stands and counts, but not from the beginning, and the state that it was made in. */
  anyLive(): { contract: Made; at: At } | undefined {
    const contract = [...this.#live.values()].find(
      ({ place, leaf }) =>
        leaf.madeIn > 2 &&
        place.conditions.length === 0 &&
        this.state.judged.late.every(
          (late) => late.since > leaf.madeIn || areApart(late.place, place),
        ),
    );
    return contract && { contract, at: this.#showing(contract.block) };
  }

  /** A run under which a block can be shown: its own post's, or a later one's. */
  #showing(block: number): At {
    const { postHeights } = this.world;
    const own = postHeights.findIndex((height) => height >= block) + 1;
    const more = this.#random.below(2) === 0 ? this.#random.below(4) : 0;
    const post = Math.min(own + more, postHeights.length);
    return { block, post };
  }

  #block(): void {
    const { world } = this;
    const { lab } = world;
    const transactions: BlockTransaction[] = [];
    const late = this.state.judged.late.filter(({ isSwept }) => !isSwept);
    if (late.length > 0 && this.#random.below(2) === 0) {
      const height = this.state.posts.at(-1)?.height ?? 0;
      transactions.push({
        kind: "record-seen",
        seen: { height, late: late.map(({ place, since }) => ({ place, since })) },
      });
      this.#take(transactions);
      return;
    }
    if (this.#random.below(4) === 0) {
      if (this.#match()) return;
      for (const who of [alice, bob]) this.#sell(transactions, who);
    }
    const used = new Set<string>();
    for (let more = 1 + this.#random.below(3); more > 0; more--) {
      const live = [...this.#live.values()].filter(({ leaf }) => !used.has(formatHex(leaf.id)));
      const one = live[this.#random.below(Math.max(1, live.length))];
      const other = live.find(
        (each) => each !== one && each.place.conditions.length === 0 && each.unpaid === undefined,
      );
      const way = this.#random.below(4);
      if (one === undefined || way === 0) {
        this.#sell(transactions);
        continue;
      }
      used.add(formatHex(one.leaf.id));
      if (one.unpaid !== undefined) {
        const evidence = lab.learn(createMainHeader(PAID_BELOW, [])).prove(one.unpaid);
        transactions.push(voidClose(one, 0, one.unpaid, evidence));
      } else if (way === 1 && other !== undefined && one.place.conditions.length === 0) {
        used.add(formatHex(other.leaf.id));
        this.#bet(one, other, transactions);
      } else {
        this.#move(one, transactions);
      }
    }
    this.#take(transactions);
  }

  #sell(transactions: BlockTransaction[], who?: Person): void {
    const lo = this.#lots * LOT;
    this.#lots += 1n;
    if (who !== undefined || this.#random.below(4) > 0) {
      transactions.push(make(cash(who ?? this.#trader(), lo, lo + LOT)));
      return;
    }
    const paid = createPaidCondition(0, hashName(`payment ${++this.#payments}`), 5n, PAID_BELOW);
    this.#bodies.set(formatHex(hashCondition(paid)), paid);
    const under = [{ ...conditionRef(paid), side: true }];
    transactions.push(make(cash(this.#trader(), lo, lo + LOT, under)));
  }

  /** Somebody gives his contract to somebody else, in time or too late. */
  #move(one: Made, transactions: BlockTransaction[]): void {
    const { lo, hi, conditions } = one.place;
    const middle = lo + (hi - lo) / 2n;
    const isSplit = conditions.length === 0 && this.#random.below(2) === 0 && middle > lo;
    const parts = isSplit
      ? [cash(this.#trader(), lo, middle), cash(this.#trader(), middle, hi)]
      : [];
    const whole = this.#random.below(4) === 0 ? [] : [cash(this.#trader(), lo, hi, conditions)];
    const successors = isSplit ? parts : whole;
    const close = this.world.lab.close(one, successors, { heightMax: this.#heightMax() });
    transactions.push(close, ...successors.map(make));
  }

  #bet(one: Made, other: Made, transactions: BlockTransaction[]): void {
    const { refund } = this.world.lab.conditions;
    const [a, b] = [this.#ownerOf(one), this.#ownerOf(other)];
    const sides = ({ place: { lo, hi } }: Made) =>
      [true, false].map((side) => cash(side ? a : b, lo, hi, [{ ...conditionRef(refund), side }]));
    const [onOne, onOther] = [sides(one), sides(other)];
    const named = [
      [...onOne, ...onOther.slice(0, 1)],
      [...onOther, ...onOne.slice(1)],
    ];
    [one, other].forEach((own, index) => {
      const heightMax = this.#heightMax();
      transactions.push(this.world.lab.close(own, named[index] ?? [], { heightMax }));
    });
    transactions.push(...[...onOne, ...onOther].map(make));
  }

  #match(): boolean {
    const { lab } = this.world;
    const [yes, no] = [alice, bob].map((who) =>
      lab
        .held(who, "cash")
        .filter(({ hi, lo }) => hi - lo >= 4_000n)
        .slice(0, 2),
    );
    if (yes === undefined || no === undefined || yes.length * no.length === 0) return false;
    const heightMax = this.#heightMax();
    const wish = { quantity: 4_000n, heightMax };
    const matches = lab.match([
      { ...wish, who: alice, side: "buyYes", limit: 600, contracts: yes },
      { ...wish, who: bob, side: "buyNo", limit: 500, contracts: no },
    ]);
    this.#take(matches.map((match) => ({ kind: "match", match }) as const));
    return true;
  }

  #take(transactions: readonly BlockTransaction[]): void {
    const { world, state } = this;
    const named = transactions.flatMap((transaction) => {
      if (transaction.kind === "match") {
        return [transaction.match.market.refund, transaction.match.market.win];
      }
      if (transaction.kind !== "contract-new") return [];
      return transaction.contract.place.conditions.map(({ hash }) => hash);
    });
    const conditions = [...new Set(named.map(formatHex))].map(
      (hash) => this.#bodies.get(hash) as Condition,
    );
    const effects = world.block(transactions, { conditions, mainHeight: MAIN_HEIGHT });
    const { height } = world.lab.tip;
    takeOwnBlock(state, world.lab.blocks.at(-1) as SortitionBlock, effects);
    for (const { leaf } of [...effects.closed, ...effects.swept]) {
      const contract = this.#live.get(formatHex(leaf.id));
      if (contract !== undefined) this.gone.push({ contract, block: height });
      this.#live.delete(formatHex(leaf.id));
    }
    for (const change of effects.made) {
      const [only] = change.place.conditions;
      const body = only && this.#bodies.get(formatHex(only.hash));
      const unpaid = body?.level === 0 ? body : undefined;
      this.#live.set(formatHex(change.leaf.id), { ...change, block: height, unpaid });
    }
  }

  #heightMax(): number {
    return this.#random.below(4) === 0 ? this.world.height : IN_TIME;
  }

  #trader(): Person {
    return TRADERS[this.#random.below(TRADERS.length)] as Person;
  }

  #ownerOf({ leaf }: Made): Person {
    return TRADERS.find(
      ({ publicKey }) => formatHex(publicKey) === formatHex(leaf.owner),
    ) as Person;
  }

  #row(key: string): Uint8Array | undefined {
    const block = this.world.lab.blocks.find(({ header }) => rowKey.block(header.height) === key);
    return block && encodeBlock(block);
  }
}

/** The first challenge that an honest operator has left without an answer, in words; undefined if there is none. */
export async function findFramed(seeds: readonly number[]): Promise<string | undefined> {
  for (const seed of seeds) {
    const random = new SeededRandom(seed);
    const play = new ChallengePlay(random);
    for (let round = 0; round < 10; round++) {
      play.trade();
      for (let more = 3 + random.below(8); more > 0; more--) play.challenge();
      await play.answer();
      const { open } = play.world.challenges();
      if (open.length > 0) return `seed ${seed}, round ${round}`;
    }
  }
  return undefined;
}

/**
 * The first answer that let an operator go free who sold a contract twice, in words. He tries whatever was ever
 * signed on his chain, and what he makes up afterwards; undefined if nothing helps him.
 */
export function findEscape(seeds: readonly number[]): string | undefined {
  for (const seed of seeds) {
    const play = new ChallengePlay(new SeededRandom(seed));
    for (let round = 0; round < 6; round++) play.trade();
    const { world } = play;
    const victim = play.anyLive();
    if (victim === undefined) throw new Error("nothing stands");
    const { contract, at } = victim;
    const { lo, hi } = contract.place;
    const bodies = { mainHeight: MAIN_HEIGHT };
    world.forget();
    world.block([make(cash(oscar, lo, hi))], bodies);
    world.post();
    const sold = { block: world.lab.blocks.length, post: world.postHeights.length };
    const challenge = play.challengeOf(contract, at, sold);
    const { id, said } = world.raise(mallory, challenge);
    if (said !== "holds") throw new Error(`the double sale cannot be challenged: ${said}`);
    // A branch from the beginning, of low heights, in which his own contract is closed too late.
    world.forget();
    world.lab.tip = { ...world.lab.tip, height: 0 };
    const { made } = world.block([make(cash(oscar, lo, hi))], bodies);
    const [own] = made as [LeafChange];
    world.block([world.lab.close(own, [], { heightMax: MAIN_HEIGHT })], bodies);
    world.height += 1;
    world.post();
    for (const [name, answer] of listAnswers(world, contract)) {
      if (world.explain(hand, id, answer) === "holds") return `seed ${seed}: ${name}`;
    }
  }
  return undefined;
}

/** Every answer that can be put together from what stands in the chain's blocks, with what it is. */
function* listAnswers(
  world: ChallengeWorld,
  { place }: LeafChange,
): Generator<readonly [string, ChallengeAnswer]> {
  for (const [before, { transactions }] of world.lab.blocks.entries()) {
    const block = before + 1;
    const post = world.postHeights.findIndex((height) => height >= block) + 1;
    for (const [index, transaction] of transactions.entries()) {
      if (transaction.kind !== "contract-close" && transaction.kind !== "match") continue;
      yield [`close ${index} of block ${block}`, world.closeAnswer({ block, post }, index)];
      if (transaction.kind === "match" || block === 1) continue;
      const { place: closed } = transaction.close;
      if (areApart(closed, place)) continue;
      yield [
        `close ${index} of block ${block}, too late`,
        world.lateAnswer({ block, post }, index, closed),
      ];
    }
  }
}
