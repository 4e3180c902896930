import type { HopEntry, PostingChain } from "../../blocks/hops.ts";
import { findRecordPath, type Lineage } from "../../blocks/lineage.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { SettlementView } from "../settlement/settlementView.ts";
import { type ChainRecord, lineageOf } from "../state/chainRecord.ts";
import { findAwaited, findVoid, type Voided } from "./dataRecord.ts";
import type { DataTarget } from "./dataTarget.ts";

type VoidView = Pick<SettlementView, "height" | "data" | "isShown">;

/** The posts that something in a lineage's last chain leans on, as its proof has shown them: the record's first. */
export type PostPath = { readonly lineage: Lineage; readonly posts: readonly HopEntry[] };

/**
 * Whether a leaf counts in the state after its chain's posted block, or after one of the run: not where a
 * post on the way is void. But a void post of its own chain takes nothing from a leaf that was shown on
 * chain, in the posted state, while answers were still taken.
 *
 * @param behind - how many blocks of the run stand between the leaf's state and the posted one.
 */
export function judgeLeafPost(
  view: VoidView,
  shown: PostPath,
  leaf: Leaf,
  behind: number,
): Verdict<null> {
  return judge(() => {
    const path = readPath(view, shown);
    path.forEach(({ target, sequence, voided }, index) => {
      const isOwn = index === path.length - 1;
      demand(
        !isVoid(voided, sequence) ||
          (isOwn && behind === 0 && view.isShown(target, sequence, leaf)),
        "VOID_POST",
        `the posts from ${voided?.sequence} on are void: they were not served when asked for`,
      );
    });
    return null;
  });
}

/**
 * Whether a close counts: not where a post on the way is void, and not yet where it is still open whether
 * it will be.
 */
export function judgeClosePost(view: VoidView, shown: PostPath): Verdict<null> {
  return judge(() => {
    for (const { target, sequence, voided } of readPath(view, shown)) {
      demand(
        !isVoid(voided, sequence),
        "VOID_POST",
        `the posts from ${voided?.sequence} on are void: a close in them does not count`,
      );
      const awaited = findAwaited(view.data(target), view.height);
      demand(
        awaited === undefined || sequence < awaited,
        "DATA_AWAITED",
        `the posts from ${awaited} on wait for an answer: a close in them does not count yet`,
      );
    }
    return null;
  });
}

/**
 * Whether none of the posts along a path is void.
 *
 * @param topId - of the on-chain chain that they are, or are inside of.
 */
export function judgePathPosts(
  view: Pick<VoidView, "height" | "data">,
  topId: Uint8Array,
  path: readonly PostingChain[],
  posts: readonly HopEntry[],
): Verdict<null> {
  return judge(() => {
    for (const { sequence, voided } of readPosts(view, topId, path, posts)) {
      demand(
        !isVoid(voided, sequence),
        "VOID_POST",
        `the posts from ${voided?.sequence} on are void: they were not served when asked for`,
      );
    }
    return null;
  });
}

type PathPost = {
  readonly target: DataTarget;
  readonly sequence: number;
  readonly voided: Voided | undefined;
};

function readPath(view: VoidView, { lineage, posts }: PostPath): PathPost[] {
  const path = insist(findRecordPath(lineage, posts.length - 1));
  return readPosts(view, lineage[0].id, path, posts);
}

function readPosts(
  view: Pick<VoidView, "height" | "data">,
  topId: Uint8Array,
  path: readonly PostingChain[],
  posts: readonly HopEntry[],
): PathPost[] {
  return posts.map(({ sequence }, index) => {
    const { id: chainId, operator } = path[index] as PostingChain;
    const target = { topId, chainId, operator };
    return { target, sequence, voided: findVoid(view.data(target), view.height) };
  });
}

function isVoid(voided: Voided | undefined, sequence: number): boolean {
  return voided !== undefined && sequence >= voided.sequence;
}

/** What is kept of the requests to a chain of `operator` on a line: of an on-chain chain, or below its leaves `above`. */
export function findTarget(
  chain: ChainRecord,
  operator: Uint8Array,
  above: readonly Leaf[],
): DataTarget {
  const lineage = lineageOf(chain);
  const { id: chainId } = above.at(-1) ?? lineage.at(-1) ?? lineage[0];
  return { topId: lineage[0].id, chainId, operator };
}

/** All that settling a chain may have to know of requests: to itself, to what it is inside of, and to all on `lines`. */
export function listTargets(chain: ChainRecord, lines: readonly (readonly Leaf[])[]): DataTarget[] {
  const lineage = lineageOf(chain);
  const topId = lineage[0].id;
  const above = lineage.map(({ id: chainId, operator }) => ({ topId, chainId, operator }));
  const below = lines
    .flat()
    .map(({ id: chainId, owner: operator }) => ({ topId, chainId, operator }));
  return [...above, ...below];
}

/**
 * What becomes of the deposit share of an operator who has not served what he posted: the asker gets
 * his fee and as much again as his deposit was, at most half of it, and the rest is burnt, so that an
 * operator who asks himself loses nearly all of it too.
 */
export function splitShare(
  share: bigint,
  { fee }: Pick<Voided, "fee">,
  { dataRequestDeposit }: Pick<NetworkParameters, "dataRequestDeposit">,
): { readonly asker: bigint; readonly burnt: bigint } {
  const reward = fee + dataRequestDeposit;
  const half = share / 2n;
  const asker = reward < half ? reward : half;
  return { asker, burnt: share - asker };
}
