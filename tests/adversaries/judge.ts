import { isBuried } from "../../src/client/buried.ts";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import { findObstacle, type Obstacle } from "../../src/client/obstacle.ts";
import { createLine } from "../../src/client/ownProof.ts";
import type { FollowedChain } from "../../src/client/rows.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { describeVerdict } from "../../src/workers/snapshot/verdictView.ts";
import type { CulpritView } from "../../src/workers/walletApi.ts";
import type { Adversary } from "./adversary.ts";
import { LEVELS, type Level, type Moment, type Recording } from "./recording.ts";
import { Replay, type Weather } from "./replay.ts";

/** What an honest client knows of a chain at a moment of the story. */
export type Truth = {
  readonly posts: number;
  readonly blocks: number;
  readonly standing: Set<string>;
};

/** The whole truth: for every moment, what is to be known of every chain that can be followed by then. */
export type Truths = ReadonlyMap<Moment, Readonly<Partial<Record<Level, Truth>>>>;

/** What came of one run. An empty `wrong` and no `accepted` is as it should be. */
export type Outcome = {
  /** Lies that the client came to trust. */
  readonly accepted: readonly string[];
  /** Whoever was named for what he did not do; or nobody, where somebody had to be. */
  readonly wrong: readonly string[];
  /** What was shown as verified and can be proven no more. */
  readonly lost: readonly string[];
  /** Whether the culprit was named at some step. */
  readonly isNamed: boolean;
  /** The rules that were found to be broken, and `WITHHELD`. */
  readonly rules: readonly string[];
  /** Own contracts that were shown as verified at some step. */
  readonly shown: number;
  /** The client as it stands at the end. */
  readonly replay: Replay;
};

/** Who is behind the attack: the operator of a level, or the main-chain node. */
export type Culprit = Level | "node";

/** When to look, and what to begin to follow then. */
type Step = { readonly moment: Moment; readonly url: string | undefined };

/** Every block of the story by hash, for each chain. */
function hashesOf(recording: Recording, level: Level): string[] {
  return recording.chains[level].blocks.map(({ header }) => formatHex(hashBlockHeader(header)));
}

/** The first moment by which a chain has published this block. */
export function momentOf(recording: Recording, level: Level, height: number): number {
  return recording.moments.findIndex(({ published }) => published[level] >= height);
}

/** The steps of a client who looks at the story at `marks`, and follows each chain from its first block on. */
export function planSteps(recording: Recording, marks: readonly number[]): Step[] {
  const { moments, chains } = recording;
  const starts = LEVELS.map((level) => ({ at: momentOf(recording, level, 1), level }));
  const last = moments.length - 1;
  const at = new Set([0, last, ...starts.map((start) => start.at), ...marks]);
  return [...at]
    .filter((index) => index >= 0 && index <= last)
    .toSorted((a, b) => a - b)
    .map((index) => {
      const begun = starts.filter((start) => start.at <= index).at(-1);
      return { moment: moments[index] as Moment, url: begun && chains[begun.level].url };
    });
}

function levelOf(recording: Recording, chain: TrackedChain): Level {
  const { id } = chain.followed.facts;
  const level = LEVELS.find((each) => equalBytes(recording.chains[each].chain.id, id));
  if (level === undefined) throw new Error("a chain is followed that is not of the story");
  return level;
}

/** Lead a client through all of the story with nobody in the way. */
export async function findTruths(recording: Recording): Promise<Truths> {
  const truths = new Map<Moment, Partial<Record<Level, Truth>>>();
  const replay = await Replay.open(recording);
  for (const { moment, url } of planSteps(
    recording,
    recording.moments.map((_, index) => index),
  )) {
    await replay.goTo(moment, url);
    const known: Partial<Record<Level, Truth>> = {};
    for (const { followed, book } of replay.wallet.tracker.chains()) {
      const level = LEVELS.find((each) => recording.chains[each].url === followed.url);
      if (level === undefined) continue;
      const standing = new Set(book.live.keys());
      known[level] = { posts: book.postCount, blocks: book.tip.height, standing };
    }
    truths.set(moment, known);
  }
  return truths;
}

/** Lead a client past an adversary, and judge at every step what it believes and whom it names. */
export async function judgeRun(
  recording: Recording,
  truths: Truths,
  adversary: Adversary,
  culprit: Culprit,
  steps: readonly Step[],
): Promise<Outcome> {
  const judge = new Judge(recording, truths, culprit);
  const replay = await Replay.open(recording, { adversary });
  for (const { moment, url } of steps) {
    await replay.goTo(moment, url);
    judge.look(replay);
  }
  return judge.outcome(replay);
}

/** An honest run in bad weather; the client sees each step twice, and at the end all is well again. */
export async function judgeHonestRun(
  recording: Recording,
  truths: Truths,
  weather: Weather & { clear(): void },
  steps: readonly Step[],
  hasDetour: boolean,
): Promise<Outcome> {
  const judge = new Judge(recording, truths, undefined);
  const replay = await Replay.open(recording, { weather });
  const { from, to } = recording.detour;
  for (const { moment, url } of steps) {
    if (hasDetour && moment.height > from && moment.height <= to) {
      await replay.detour(moment, moment.height);
      judge.look(replay, true);
    }
    await replay.goTo(moment, url);
    judge.look(replay);
  }
  weather.clear();
  const last = steps.at(-1);
  if (last !== undefined) {
    for (let looks = 0; looks < 4; looks++) await replay.goTo(last.moment, last.url);
  }
  judge.look(replay);
  judge.demandAllWell(replay);
  return judge.outcome(replay);
}

function isNamed(culprit: CulpritView | undefined, { facts, url }: FollowedChain): boolean {
  return culprit?.id === formatHex(facts.id) && culprit.operatorUrl === url;
}

class Judge {
  readonly #recording: Recording;
  readonly #truths: Truths;
  readonly #culprit: Culprit | undefined;
  readonly #hashes: Readonly<Record<Level, string[]>>;
  readonly #accepted = new Set<string>();
  readonly #wrong = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #shown = new Map<string, Level>();
  readonly #rules = new Set<string>();
  #isNamed = false;

  constructor(recording: Recording, truths: Truths, culprit: Culprit | undefined) {
    this.#recording = recording;
    this.#truths = truths;
    this.#culprit = culprit;
    this.#hashes = {
      exchange: hashesOf(recording, "exchange"),
      sports: hashesOf(recording, "sports"),
      syndicate: hashesOf(recording, "syndicate"),
    };
  }

  outcome(replay: Replay): Outcome {
    return {
      replay,
      accepted: [...this.#accepted],
      wrong: [...this.#wrong],
      lost: [...this.#lost],
      isNamed: this.#isNamed,
      rules: [...this.#rules],
      shown: this.#shown.size,
    };
  }

  /** @param isDetour - the main chain seen now is not the one that the truth is about. */
  look(replay: Replay, isDetour = false): void {
    const { tracker, mainChain } = replay.wallet;
    for (const node of mainChain.nodes()) {
      if (node.state !== "refused") continue;
      this.#rules.add(node.note.split(":")[0] ?? "");
      if (this.#culprit === "node") this.#isNamed = true;
      else this.#wrong.add(`the node is refused: ${node.note}`);
    }
    if (mainChain.isStale() && this.#culprit === "node") this.#isNamed = true;
    for (const chain of tracker.chains()) {
      const level = levelOf(this.#recording, chain);
      this.#lookAtAccusations(level, chain);
      const obstacle = findObstacle(chain, tracker, mainChain);
      if (obstacle === undefined) {
        if (!isDetour && !mainChain.isStale()) this.#lookAtBeliefs(replay, level, chain);
        continue;
      }
      this.#lookAtObstacle(obstacle.kind, levelOf(this.#recording, obstacle.chain), level);
      if (obstacle.kind === "broken") this.#lookAtWords(chain, obstacle, replay);
    }
    this.#lookAtHoldings(replay, isDetour);
  }

  demandAllWell(replay: Replay): void {
    const { tracker, mainChain } = replay.wallet;
    for (const level of LEVELS) {
      const chain = tracker.find(this.#recording.chains[level].chain.id);
      const obstacle = chain && findObstacle(chain, tracker, mainChain);
      if (chain === undefined) this.#wrong.add(`the ${level} is not followed`);
      if (obstacle !== undefined) this.#wrong.add(`in the end the ${level} is ${obstacle.kind}`);
      if (chain?.book.tip.height !== this.#hashes[level].length) {
        this.#wrong.add(`in the end not all of the ${level} is known`);
      }
    }
  }

  /** Only the culprit may be accused by his signature. */
  #lookAtAccusations(level: Level, chain: TrackedChain): void {
    const { book, unusable, withheldSince } = chain;
    if (unusable !== undefined) this.#rules.add(unusable.rule);
    if (withheldSince !== undefined) this.#rules.add("WITHHELD");
    if (book.breach === undefined) return;
    this.#rules.add(book.breach.rule);
    if (level === this.#culprit) this.#isNamed = true;
    else this.#wrong.add(`the ${level} is accused of ${book.breach.rule}`);
  }

  /** What keeps a client from a chain is what its culprit did, and is laid at his door. */
  #lookAtObstacle(kind: Obstacle["kind"], named: Level, level: Level): void {
    if (kind === "unanchored" || kind === "checking") return;
    const isNodes = kind === "unread";
    if (isNodes ? this.#culprit === "node" : named === this.#culprit) {
      this.#isNamed = true;
      return;
    }
    // In bad weather an answer may not come, or a block after its record; it is waited for, and nobody is accused.
    if (this.#culprit === undefined && kind !== "broken") return;
    this.#wrong.add(`for the ${level}'s trouble the ${isNodes ? "node" : named} is named: ${kind}`);
  }

  /** What people are told names the chain at fault, its operator, and the block and rule of the breach. */
  #lookAtWords(chain: TrackedChain, obstacle: Obstacle, { wallet, moment }: Replay): void {
    const { followed, book } = obstacle.chain;
    const above = wallet.tracker.ancestors(chain);
    const verdict = describeVerdict(chain, above, obstacle, moment.height);
    const isOwn = obstacle.chain === chain;
    const isSaid =
      verdict.kind === "broken" &&
      verdict.rule === book.breach?.rule &&
      verdict.blockHeight === book.breach.blockHeight &&
      verdict.transactionIndex === book.breach.transactionIndex &&
      (isOwn ? verdict.culprit === undefined : isNamed(verdict.culprit, followed));
    if (!isSaid) this.#wrong.add(`people are told something else of ${followed.url}`);
  }

  /** What a client trusts must be the truth: every record is of an honest block, and none is left out. */
  #lookAtBeliefs(replay: Replay, level: Level, { book, checkedHeight }: TrackedChain): void {
    const { moment } = replay;
    const truth = this.#truths.get(moment)?.[level];
    const hashes = this.#hashes[level];
    const { lastPost, postCount } = book;
    if (lastPost !== undefined) {
      const isTrue = formatHex(lastPost.record.hash) === hashes[lastPost.blockHeight - 1];
      if (!isTrue) this.#accepted.add(`a false record of the ${level}`);
    }
    if (truth === undefined || checkedHeight !== moment.height) return;
    if (postCount !== truth.posts) this.#accepted.add(`not all records of the ${level}`);
    if (book.tip.height === 0) return;
    const isLast = moment === this.#recording.moments.at(-1);
    if (isLast && formatHex(book.tip.hash) !== hashes[book.tip.height - 1]) {
      this.#accepted.add(`a false block of the ${level}`);
    }
  }

  /** Whatever was once shown as verified stays provable with what the client has, all the way up. */
  #lookAtHoldings({ wallet, moment }: Replay, isDetour: boolean): void {
    const { tracker, mainChain } = wallet;
    for (const chain of tracker.chains()) {
      const level = levelOf(this.#recording, chain);
      const standing = this.#truths.get(moment)?.[level]?.standing;
      for (const [id, own] of chain.book.own) {
        const line = createLine(tracker.withAncestors(chain), own);
        const isShown = line.ok && chain.book.live.has(id) && isBuried(own, mainChain);
        if (isShown && !isDetour) this.#shown.set(id, level);
      }
      for (const [id, of] of this.#shown) {
        if (of !== level || standing?.has(id) === false) continue;
        const own = chain.book.own.get(id);
        const above = tracker.withAncestors(chain);
        const line = own && createLine(above, own);
        // After a reorg a leaf waits for its record to be read again, which bad weather may put off.
        const isWaiting =
          this.#culprit === undefined && above.some(({ connection }) => connection !== "live");
        const isKept = line?.ok === true || (own !== undefined && isWaiting);
        if (!isKept && !isDetour) this.#lost.add(`${level} ${id.slice(0, 8)}`);
      }
    }
  }
}
