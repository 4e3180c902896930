import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { decode } from "../../src/lib/codec.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { verifyMapProof } from "../../src/lib/map/mapProof.ts";
import { insist } from "../../src/lib/verdict.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { STATE_MAPS } from "../../src/protocol/factEvidence.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import type { ConditionSide } from "../../src/protocol/place.ts";
import { computePostKey, readExistenceRecord } from "../../src/protocol/post.ts";
import type { SpaceNode } from "../../src/space/node.ts";
import { rule } from "../reference/court.ts";
import type {
  CourtBlock,
  CourtCase,
  CourtLeaf,
  CourtPost,
  CourtShowing,
} from "../reference/courtCase.ts";
import { contentAfter, findSpot, LIAR } from "./forging.ts";
import { LEVELS, type Level, type Recording } from "./recording.ts";
import type { Replay } from "./replay.ts";

/** Where a liar sells the space of a holder again: all of it, or one satoshi at an edge. */
export const OVERLAPS = ["all of it", "its first satoshi", "its last satoshi"] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** A level at which space is sold again, in a block that is posted after everything else. */
export type SecondSale = { readonly level: Level; readonly overlap: Overlap };

const CLAIM_DELAY = 12;
const DISPUTE_DELAY = 24;

/** All blocks of the story in the court's words. */
function tellBlocks(recording: Recording): Map<string, CourtBlock> {
  const blocks = new Map<string, CourtBlock>();
  const names = new Map<string, string>();
  for (const level of LEVELS) {
    recording.chains[level].blocks.forEach(({ header }, index) => {
      names.set(formatHex(hashBlockHeader(header)), `${level} ${index + 1}`);
    });
  }
  for (const level of LEVELS) {
    const chain = recording.chains[level];
    const id = formatHex(chain.chain.id);
    let posts: CourtPost[] = [];
    chain.blocks.forEach((block, index) => {
      for (const transaction of block.transactions) {
        if (transaction.kind !== "root-update") continue;
        const { post, signer } = transaction.signed;
        const told = {
          chain: formatHex(post.chainId),
          operator: formatHex(signer),
          signer: formatHex(signer),
          block: names.get(formatHex(post.blockHash)) ?? "",
        };
        posts = [...posts.filter((each) => each.chain !== told.chain), told];
      }
      const spot = findSpot(recording, chain, index + 1);
      const content = chain.before[index + 1] ?? contentAfter(spot);
      const leaves = content === undefined ? [] : tellLeaves(content.tree.root, []);
      const parent = index === 0 ? id : `${level} ${index}`;
      const of = level === "exchange" ? {} : { chain: id };
      blocks.set(`${level} ${index + 1}`, { ...of, parent, leaves, closes: [], posts });
    });
  }
  return blocks;
}

function tellLeaves(node: SpaceNode, under: readonly ConditionSide[]): CourtLeaf[] {
  if (node.kind === "split")
    return [...tellLeaves(node.left, under), ...tellLeaves(node.right, under)];
  if (node.kind === "branch") {
    const yes = [...under, { ...node.condition, side: true }];
    const no = [...under, { ...node.condition, side: false }];
    return [...tellLeaves(node.yes, yes), ...tellLeaves(node.no, no)];
  }
  if (node.kind !== "leaf") return [];
  const { id, owner, lo, hi, sealed, anchor } = node.leaf;
  const conditions = under.map(({ hash, side }) => ({ name: formatHex(hash), side }));
  const leaf: CourtLeaf = {
    id: formatHex(id),
    owner: formatHex(owner),
    lo,
    hi,
    conditions,
    script: "true",
  };
  if (!sealed) return [leaf];
  return [{ ...leaf, anchor: anchor.kind === "chain" ? formatHex(anchor.id) : "main" }];
}

/** The exchange's records, as the main chain has them. */
function tellRecords({ node, chains }: Recording): CourtCase["records"][number][] {
  const { chain, blocks } = chains.exchange;
  const names = new Map(
    blocks.map(({ header }, index) => [
      formatHex(hashBlockHeader(header)),
      `exchange ${index + 1}`,
    ]),
  );
  const records: CourtCase["records"][number][] = [];
  for (;;) {
    const key = computePostKey(chain.operator, chain.id, records.length + 1);
    const proven = insist(
      node.prove({ at: node.tip().header.hash, keys: [{ map: "existence", key }] }),
    );
    const root = proven.mapRoots[STATE_MAPS.indexOf("existence")] ?? new Uint8Array();
    const value = insist(verifyMapProof(root, key, proven.proofs[0] ?? new Uint8Array()));
    if (value === undefined) return records;
    const { height, index, hash } = insist(decode(value, readExistenceRecord));
    records.push({ height, index, block: names.get(formatHex(hash)) ?? "" });
  }
}

/** What the user shows for a contract, from the top down, as his wallet has kept it. */
function showLine(replay: Replay, level: Level, own: OwnLeaf, blocks: Map<string, CourtBlock>) {
  const { tracker } = replay.wallet;
  const chain = tracker.find(replay.recording.chains[level].chain.id);
  const line = chain === undefined ? [] : tracker.withAncestors(chain);
  return line.map(({ book, followed }, depth): CourtShowing => {
    const inside = line[depth + 1]?.followed.facts.id;
    const kept = inside === undefined ? own : book.inside.get(formatHex(inside));
    const at = LEVELS.find((each) =>
      equalBytes(replay.recording.chains[each].chain.id, followed.facts.id),
    );
    const block = `${at} ${kept?.madeIn}`;
    const id = formatHex(kept?.leaf.id ?? new Uint8Array());
    const leaf = blocks.get(block)?.leaves.find((each) => each.id === id);
    if (leaf === undefined || kept?.post === undefined) throw new Error(`nothing shows ${id}`);
    return { sequence: kept.post.top.sequence, block, leaf };
  });
}

/** What the user and the liar gain, in satoshi, if the point falls on what was sold twice and both claim. */
export function judgeSecondSale(
  replay: Replay,
  level: Level,
  own: OwnLeaf,
  sale: SecondSale,
): { readonly user: bigint; readonly liar: bigint; readonly isSettled: boolean } {
  const { recording } = replay;
  const blocks = tellBlocks(recording);
  const records = tellRecords(recording);
  const line = showLine(replay, level, own, blocks);
  const { lo, hi } = own.leaf;
  const range = {
    "all of it": { lo, hi },
    "its first satoshi": { lo, hi: lo + 1n },
    "its last satoshi": { lo: hi - 1n, hi },
  }[sale.overlap];
  const user = formatHex(own.leaf.owner);
  const liar = formatHex(LIAR);
  const stolen: CourtLeaf = { ...range, id: "stolen", owner: liar, script: "true", conditions: [] };
  const height = (records.at(-1)?.height ?? 0) + 1;
  const newest = (of: Level) => `${of} ${recording.chains[of].blocks.length}`;
  const told = blocks.get(newest(sale.level));
  if (told === undefined) throw new Error("a chain has no block");
  blocks.set("lie", { ...told, parent: newest(sale.level), leaves: [...told.leaves, stolen] });
  const top = blocks.get(newest("exchange"));
  if (sale.level === "exchange") records.push({ height, index: 0, block: "lie" });
  else if (top !== undefined) {
    const { chain } = recording.chains[sale.level];
    const signer = formatHex(chain.operator);
    const post = { chain: formatHex(chain.id), operator: signer, signer, block: "lie" };
    const posts = [...(top.posts ?? []).filter((each) => each.chain !== post.chain), post];
    blocks.set("carrier", { ...top, parent: newest("exchange"), posts });
    records.push({ height, index: 0, block: "carrier" });
  }
  const depth = LEVELS.indexOf(sale.level);
  const { expiry, id, operator, lo: from, hi: to } = recording.chains.exchange.chain;
  const opens = expiry + LOCAL_NETWORK.drawBlocks + 1;
  const names = new Set(
    [...blocks.values()].flatMap((block) =>
      block.leaves.flatMap((leaf) => leaf.conditions.map(({ name }) => name)),
    ),
  );
  const isMet = new Map(own.place.conditions.map(({ hash, side }) => [formatHex(hash), side]));
  const facts: CourtCase = {
    drawBlocks: LOCAL_NETWORK.drawBlocks,
    depositMin: LOCAL_NETWORK.claimDepositMin,
    depositBps: BigInt(LOCAL_NETWORK.claimDepositBps),
    feeBase: LOCAL_NETWORK.claimFeeBase,
    chain: {
      origin: formatHex(id),
      operator: formatHex(operator),
      amount: to - from,
      shareBps: 0n,
      expiry,
      claimDelay: CLAIM_DELAY,
      disputeDelay: DISPUTE_DELAY,
    },
    point: range.lo,
    blocks,
    records,
    conditions: new Map(
      [...names].map((name) => [
        name,
        { kind: "payment", payment: name, amount: 0n, below: expiry },
      ]),
    ),
    oracles: new Map(),
    payments: new Map(
      [...names].filter((name) => isMet.get(name)).map((name) => [name, { amount: 0n, height: 1 }]),
    ),
  };
  const claim = { kind: "claim", state: undefined, evidence: undefined, improves: false } as const;
  const shown = line.at(-1);
  if (shown === undefined) throw new Error("nothing is shown");
  const lie = { sequence: records.length, block: "lie", leaf: stolen };
  const ruling = rule(facts, [
    {
      ...claim,
      height: opens,
      carrier: "thief",
      signer: liar,
      above: line.slice(0, depth),
      ...lie,
    },
    {
      ...claim,
      height: opens + 1,
      carrier: "friend",
      signer: user,
      above: line.slice(0, -1),
      ...shown,
    },
    { kind: "timeout", height: opens + CLAIM_DELAY + DISPUTE_DELAY + 2, carrier: "friend" },
  ]);
  return {
    user: ruling.gains.get(user) ?? 0n,
    liar: ruling.gains.get(liar) ?? 0n,
    isSettled: ruling.isSettled && ruling.held[0] === true && ruling.held[1] === true,
  };
}
