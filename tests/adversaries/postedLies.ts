import { decodeBlock, encodeBlock } from "../../src/blocks/block.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../src/blocks/transaction.ts";
import type { SignedTransaction } from "../../src/chain/transaction.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { listRoot } from "../../src/lib/merkleList.ts";
import { insist } from "../../src/lib/verdict.ts";
import {
  type BlockHeader,
  encodeBlockHeader,
  hashBlockHeader,
} from "../../src/protocol/blockHeader.ts";
import { type ExactClose, encodeExactClose } from "../../src/protocol/contractClose.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { RUN_MAX } from "../../src/protocol/limits.ts";
import { findLeaf } from "../../src/space/tree.ts";
import type { SeededRandom } from "../reference/seededRandom.ts";
import { keyOf } from "../story/localWorld.ts";
import type { Adversary } from "./adversary.ts";
import { BLOCK_LIES, BROKEN_RULES, BROKEN_TRANSACTIONS } from "./blockLies.ts";
import type { Story } from "./campaign.ts";
import {
  cashFor,
  findFree,
  findSpot,
  LIAR,
  leavesOf,
  type Spot,
  sign,
  withHeader,
  withTransactions,
} from "./forging.ts";
import { momentOf } from "./judge.ts";
import { LEVELS, type Level, type Recording } from "./recording.ts";
import { Retelling } from "./retelling.ts";

/** A story with a lie that is really posted, and what is to be found of it. */
export type Posted = {
  readonly story: Story;
  /** From which of the story's moments on it can be met. */
  readonly at: number;
  readonly where: string;
  /** Every rule by which it may be found; `WITHHELD` for what nobody shows. */
  readonly rules: readonly string[];
  /** Block and transaction that a breach has to name; undefined where there is none to be proven. */
  readonly breach:
    | { readonly blockHeight: number; readonly transactionIndex: number | undefined }
    | undefined;
  /** The chain's last block before the lie, if all that stands after it has to be provable under the liar's own post. */
  readonly provableAt?: number;
  readonly adversary?: Adversary;
  /** Only who looks at every moment can know of it. */
  readonly isPassing?: boolean;
};

/** Undefined where this lie cannot be told. `goOn`: what comes after it. */
export type PostedLie = (
  story: Story,
  level: Level,
  random: SeededRandom,
  goOn?: (told: Retelling) => void,
) => Posted | undefined;

const AFTER = 4;

/** The story up to where a block of a chain would be published; nobody above has taken a post of it or of a later one. */
function retellBefore(story: Story, level: Level, height: number): { at: number; told: Retelling } {
  const { recording } = story;
  const at = momentOf(recording, level, height);
  const published: Partial<Record<Level, number>> = { [level]: height - 1 };
  const anchor = recording.anchors[level];
  if (anchor !== "mainChain") {
    const later = recording.chains[level].blocks.slice(height - 1);
    const hashes = later.map(({ header }) => hashBlockHeader(header));
    const isLater = (each: BlockTransaction) =>
      each.kind === "root-update" &&
      hashes.some((hash) => equalBytes(hash, each.signed.post.blockHash));
    const taken = recording.chains[anchor].blocks.findIndex(({ transactions }) =>
      transactions.some(isLater),
    );
    const known = recording.moments[at]?.published[anchor] ?? 0;
    published[anchor] = taken < 0 ? known : Math.min(known, taken);
  }
  return { at, told: new Retelling(story, at, published) };
}

/** A height of a chain that somebody can lie about, and at which `lie` has something to say. */
function pickLie(
  { recording }: Story,
  level: Level,
  random: SeededRandom,
  lie: (spot: Spot, random: SeededRandom) => Uint8Array | undefined,
): { readonly spot: Spot; readonly bytes: Uint8Array } | undefined {
  const chain = recording.chains[level];
  const lies = chain.blocks.flatMap((_, index) => {
    const spot = findSpot(recording, chain, index + 1);
    const bytes = lie(spot, random);
    return bytes === undefined ? [] : [{ spot, bytes }];
  });
  return lies[random.below(Math.max(1, lies.length))];
}

/** A block on another one, with a contract of the liar's for its only content; its states are of no account. */
function blockOn(spot: Spot, before: BlockHeader): Uint8Array {
  const { lo } = spot.chain.chain;
  const transactions = [cashFor(LIAR, lo, lo + 1n)];
  const header: BlockHeader = {
    ...spot.block.header,
    height: before.height + 1,
    previousHash: hashBlockHeader(before),
    stateBefore: before.stateAfter,
    stateAfter: sha256(before.stateAfter),
    updatesRoot: listRoot(transactions.map(encodeBlockTransaction)),
  };
  const signature = sign(spot.chain.key, "signBlock", encodeBlockHeader(header));
  const rest = { postProofs: [], scripts: [], conditions: [] };
  return encodeBlock({ ...spot.block, ...rest, header, signature, transactions });
}

function headerOf(bytes: Uint8Array): BlockHeader {
  return insist(decodeBlock(bytes)).header;
}

/** A block lie in the place of the truth: served, posted, and sometimes built upon. */
const postBlockLie =
  (name: string): PostedLie =>
  (story, level, random, goOn) => {
    const picked = pickLie(story, level, random, BLOCK_LIES[name] ?? (() => undefined));
    if (picked === undefined) return undefined;
    const { spot, bytes } = picked;
    const { at, told } = retellBefore(story, level, spot.height);
    told.serve(level, bytes);
    let posted = headerOf(bytes);
    const isLinked =
      equalBytes(posted.previousHash, spot.block.header.previousHash) &&
      equalBytes(posted.chainId, spot.chain.chain.id);
    const built = isLinked ? random.below(3) : 0;
    for (let count = 0; count < built; count++) {
      const next = blockOn(spot, posted);
      told.serve(level, next);
      posted = headerOf(next);
    }
    // Sometimes what is served is seen before it is posted, sometimes both are met at once.
    if (random.below(2) === 0) told.pause();
    told.post(level, hashBlockHeader(posted));
    told.mine(AFTER);
    goOn?.(told);
    const rules = BROKEN_RULES[name] ?? [];
    const transaction = BROKEN_TRANSACTIONS[name];
    const isBreach = transaction !== undefined;
    const transactionIndex = transaction?.(insist(decodeBlock(bytes)).transactions);
    return {
      story: told.tell(),
      at,
      where: `block ${spot.height}, ${built} upon it`,
      rules: isBreach ? rules : [...rules, "WITHHELD", "NOT_HISTORY"],
      breach: isBreach ? { blockHeight: spot.height, transactionIndex } : undefined,
      ...(isBreach ? { provableAt: spot.height - 1 } : {}),
    };
  };

/** One of two blocks of a height is served, the other one is posted; `shownAfter`: questions after which that is shown, too. */
const postFork =
  (name: string, shownAfter: number): PostedLie =>
  (story, level, random) => {
    const picked = pickLie(story, level, random, BLOCK_LIES[name] ?? (() => undefined));
    if (picked === undefined) return undefined;
    const { spot, bytes } = picked;
    const { height, chain } = spot;
    const { at, told } = retellBefore(story, level, height);
    told.serve(level, chain.bytes[height - 1] ?? bytes);
    told.pause();
    told.post(level, hashBlockHeader(headerOf(bytes)));
    told.mine(AFTER);
    let asked = 0;
    const adversary: Adversary = {
      blocks(call, honest) {
        const index = height - call.from;
        if (call.url !== chain.url || index < 0 || index >= honest.length) return [...honest];
        asked += 1;
        return honest.map((each, at) => (at === index && asked > shownAfter ? bytes : each));
      },
    };
    return {
      story: told.tell(),
      at,
      adversary,
      where: `block ${height}`,
      rules: Number.isFinite(shownAfter) ? ["EQUIVOCATION"] : ["WITHHELD"],
      breach: Number.isFinite(shownAfter)
        ? { blockHeight: height, transactionIndex: undefined }
        : undefined,
      provableAt: height - 1,
    };
  };

/** The story at one of its later moments, with all that was published by then. */
function retellAt(story: Story, level: Level, random: SeededRandom) {
  const { moments } = story.recording;
  const first = momentOf(story.recording, level, 1) + 3;
  const at = first + random.below(moments.length - first);
  return { at, told: new Retelling(story, at) };
}

/** Only a post is a lie: of this hash, for which nothing new is served. */
const postHash =
  (
    pickHash: (
      recording: Recording,
      level: Level,
      posted: readonly Uint8Array[],
    ) => Uint8Array | undefined,
    rules: readonly string[],
  ): PostedLie =>
  (story, level, random) => {
    const { at, told } = retellAt(story, level, random);
    const hash = pickHash(story.recording, level, told.postedBy(level));
    if (hash === undefined) return undefined;
    told.post(level, hash);
    told.mine(AFTER);
    const { blocks } = story.recording.chains[level];
    const isOfRecord = rules.includes("NOT_HISTORY");
    const of = blocks.find(({ header }) => equalBytes(hashBlockHeader(header), hash));
    const blockHeight = of?.header.height ?? 0;
    return {
      story: told.tell(),
      at,
      where: `moment ${at}`,
      rules,
      breach: isOfRecord ? { blockHeight, transactionIndex: undefined } : undefined,
    };
  };

/** Blocks that hold, one more than a post may be away from the one before. */
const postLongRun: PostedLie = (story, level, random) => {
  const { at, told } = retellAt(story, level, random);
  const free = findFree(told.content(level));
  const from = told.height(level);
  if (free === undefined || free.hi - free.lo < BigInt(2 * RUN_MAX)) return undefined;
  let last = from;
  for (let made = 0; last - told.postedHeight(level) <= RUN_MAX; made++) {
    const lo = free.lo + BigInt(made);
    last = told.make(level, [cashFor(LIAR, lo, lo + 1n)]).header.height;
  }
  told.pause();
  told.post(level, told.tipHash(level));
  told.mine(AFTER);
  return {
    story: told.tell(),
    at,
    where: `blocks ${from + 1} to ${last}`,
    rules: ["RUN_TOO_LONG"],
    breach: { blockHeight: last, transactionIndex: undefined },
  };
};

/** A chain posts where its posts do not count, too; what it posts there is another block than at home. */
const postElsewhere: PostedLie = (story, level, random) => {
  const { anchors, chains } = story.recording;
  if (level === "exchange") return undefined;
  const { at, told } = retellAt(story, level, random);
  const height = told.height(level);
  const fork = headerOf(withHeader(findSpot(story.recording, chains[level], height), { time: 0n }));
  if (anchors[level] === "mainChain") {
    told.make("exchange", [
      { kind: "root-update", signed: told.signPost(level, hashBlockHeader(fork), "exchange") },
    ]);
    told.record("exchange", told.tipHash("exchange"));
  } else {
    // As many as at home, and one more: whoever reads both places as one history goes on with that.
    const sequences = told.postedBy(level).length + 1;
    for (let sequence = 1; sequence <= sequences; sequence++) {
      told.record(level, hashBlockHeader(fork), sequence);
    }
  }
  told.mine(AFTER);
  return { story: told.tell(), at, where: `moment ${at}`, rules: [], breach: undefined };
};

/** Where the next block of a chain would stand in a retelling. */
function spotAfter(told: Retelling, level: Level): Spot {
  const { recording } = told.tell();
  const chain = recording.chains[level];
  const last = chain.blocks.at(-1);
  if (last === undefined) throw new Error(`the ${level} has not begun`);
  const { header } = last;
  const next = {
    ...header,
    height: header.height + 1,
    previousHash: hashBlockHeader(header),
    stateBefore: header.stateAfter,
  };
  const block = { ...last, header: next, transactions: [], scripts: [], conditions: [] };
  return { recording, chain, height: next.height, block, before: told.content(level) };
}

/**
 * The user's space changes hands, to himself, in a block that holds; the next one sells it again. Only that one is
 * posted, and so stands over both.
 */
const postOverOwn: PostedLie = (story, level, random) => {
  const { recording } = story;
  const { at, told } = retellAt(story, level, random);
  const { tree } = told.content(level);
  const isPlain = (leaf: Leaf) => {
    const found = findLeaf(tree, { lo: leaf.lo, hi: leaf.hi, conditions: [] });
    return found.ok && found.value === leaf && !leaf.sealed;
  };
  const held = leavesOf(told.content(level)).filter(isPlain);
  const own = held.find(({ owner }) => equalBytes(owner, recording.user));
  if (own === undefined) return undefined;
  const place = { lo: own.lo, hi: own.hi, conditions: [] };
  const successor = cashFor(recording.user, own.lo, own.hi);
  const close: ExactClose = {
    contractId: own.id,
    seenBlock: told.tipHash(level),
    heightMax: told.branch.height + 20,
    successors: [successor.contract],
  };
  const signature = sign(keyOf(recording.seed, "user"), "signClose", encodeExactClose(close));
  const authorisation = { kind: "exact", close, signature } as const;
  told.make(level, [
    { kind: "contract-close", close: { contractId: own.id, place, authorisation } },
    successor,
  ]);
  const spot = spotAfter(told, level);
  const lie = withTransactions(spot, [cashFor(LIAR, own.lo, own.hi)]);
  told.serve(level, lie);
  if (random.below(2) === 0) told.pause();
  told.post(level, hashBlockHeader(headerOf(lie)));
  told.mine(AFTER);
  return {
    story: told.tell(),
    at,
    where: `block ${spot.height}`,
    rules: ["OCCUPIED"],
    breach: { blockHeight: spot.height, transactionIndex: 0 },
    provableAt: spot.height - 1,
  };
};

/** A post is undone by a reorg, and another block of the same height is posted in its place. */
const postOtherAfterReorg: PostedLie = (story, level, random) => {
  const { anchors, chains } = story.recording;
  if (anchors[level] !== "mainChain") return undefined;
  const { at, told } = retellAt(story, level, random);
  const free = findFree(told.content(level));
  if (free === undefined) return undefined;
  const block = told.make(level, [cashFor(LIAR, free.lo, free.lo + 1n)]);
  if (random.below(2) === 0) told.pause();
  const posted = hashBlockHeader(block.header);
  told.record(level, posted);
  told.mine();
  const header = { ...block.header, time: block.header.time + 1n };
  const signature = sign(chains[level].key, "signBlock", encodeBlockHeader(header));
  const isKept = ({ transaction: { body } }: SignedTransaction) =>
    body.kind !== "existence" ||
    body.entry.kind !== "post" ||
    !equalBytes(body.entry.post.blockHash, posted);
  const { height } = header;
  told.replace(level, height, encodeBlock({ ...block, header, signature }));
  told.reorganise(1, isKept, () => told.record(level, hashBlockHeader(header)));
  told.mine(AFTER);
  return {
    story: told.tell(),
    at,
    where: `block ${height}`,
    rules: ["EQUIVOCATION"],
    breach: { blockHeight: height, transactionIndex: undefined },
    provableAt: height - 1,
    isPassing: true,
  };
};

/** The posted lie, and all that was posted before it, is undone by a reorg and recorded again. */
const postBeforeReorg: PostedLie = (story, level, random) => {
  const posted = postBlockLie("overlap across roots: the same range sold again");
  return posted(story, level, random, (told) => {
    told.reorganise(told.moments.length > 8 ? 6 : 1);
    told.mine(AFTER);
  });
};

/** Every way in which an operator may really post a lie, by its name in the plan of tests. */
export const POSTED_LIES: Readonly<Record<string, PostedLie>> = {
  ...Object.fromEntries(
    Object.keys(BLOCK_LIES)
      .filter((name) => !name.startsWith("a fork"))
      .map((name) => [`posted: ${name}`, postBlockLie(name)]),
  ),
  "posted: a fork, of which the other side is served": postFork("a fork", Number.POSITIVE_INFINITY),
  "posted: a fork, shown when it is asked for again": postFork("a fork", 1),
  "posted: a fork under a close": postFork("a fork under a close", 1),
  "posted: the last posted block again": postHash(
    (_, __, posted) => posted.at(-1),
    ["NOT_HISTORY"],
  ),
  "posted: a block posted long before": postHash((_, __, posted) => posted.at(-6), ["NOT_HISTORY"]),
  "posted: another chain's block as one's own": postHash(
    ({ chains }, level) => {
      const other = LEVELS.find((each) => each !== level) ?? level;
      const block = chains[other].blocks.at(-1);
      return block && hashBlockHeader(block.header);
    },
    ["WITHHELD"],
  ),
  "posted: a hash of nothing": postHash(() => sha256(LIAR), ["WITHHELD"]),
  "posted: over the user's own block": postOverOwn,
  "posted: another block after a reorg": postOtherAfterReorg,
  "posted: undone by a reorg, and recorded again": postBeforeReorg,
  "posted: a run of more than 64 blocks": postLongRun,
};

/** What is posted where it does not count: nobody is misled, and nobody has to be named. */
export const IDLE_POSTS: Readonly<Record<string, PostedLie>> = {
  "posted: a child anchored twice, in two places": postElsewhere,
};
