import { HEADERS_AT_ONCE_MAX } from "../api/mainChainApi.ts";
import { isBetterTip } from "../chain/header/forkChoice.ts";
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  type Header,
  hashHeader,
} from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { validateHeader } from "../chain/header/validateHeader.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, demand, insist, Refusal, refuse, type Verdict } from "../lib/verdict.ts";
import { REORG_MAX } from "./engine/blockTree.ts";
import type { MainNode } from "./node.ts";
import type { PeerSource } from "./peerSource.ts";

/** How far below our tip a peer's headers are asked from first. */
const OVERLAP = 20;

/** What taking blocks needs of a node. */
export type BlockTaker = Pick<MainNode, "rules" | "tip" | "find" | "submitBlock">;

/**
 * Take all of a peer's best chain that is not known to the node, if it is better than the node's own. Headers
 * are weighed first: no block is asked for that does not stand on work, or whose branch is not to be taken.
 *
 * @returns the first rule that the peer broke. Rejects if it does not answer.
 */
export async function takeBlocks(node: BlockTaker, peer: PeerSource): Promise<Verdict<null>> {
  try {
    let { from, served } = await findStart(node, peer);
    while (served.length > 0) {
      const branch = weigh(node, from, served);
      const last = branch.at(-1) as HeaderState;
      // As long an answer as there is covers any branch that may be taken, `REORG_MAX` and as much again.
      if (node.find(last.hash) === undefined && !isBetterTip(last, node.tip().header)) break;
      for (const each of branch) await takeBlock(node, peer, each);
      if (served.length < HEADERS_AT_ONCE_MAX) break;
      from += served.length;
      served = await peer.headers(from);
    }
    return accept(null);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.code, error.message);
    throw error;
  }
}

/** Where to begin: a little below our tip, or else as deep as a branch may part that could still be taken. */
async function findStart(
  node: BlockTaker,
  peer: PeerSource,
): Promise<{ readonly from: number; readonly served: readonly Uint8Array[] }> {
  const { height } = node.tip().header.header;
  for (const back of [OVERLAP, REORG_MAX - 1]) {
    const from = Math.max(1, height - back);
    const served = await peer.headers(from);
    const [first] = served;
    const isEnd = from === 1 || back > OVERLAP;
    // A peer that has nothing there yet is behind: there is nothing to take.
    if (first === undefined && isEnd) return { from, served };
    if (first === undefined) continue;
    const { previousHash } = insist(decodeHeader(first));
    if (node.find(previousHash) !== undefined) return { from, served };
    if (isEnd) break;
  }
  const message = `its chain begins elsewhere, or parts more than ${REORG_MAX} blocks below ours`;
  throw new Refusal("OTHER_CHAIN", message);
}

/** Check headers that are said to stand from a height on, on a block that is known here. */
function weigh(node: BlockTaker, from: number, served: readonly Uint8Array[]): HeaderState[] {
  const branch: HeaderState[] = [];
  const shown = new Map<string, Header>();
  const getHeader = (hash: Uint8Array) =>
    shown.get(formatHex(hash)) ?? node.find(hash)?.header.header;
  for (const bytes of served) {
    const header = insist(decodeHeader(bytes));
    const height = from + branch.length;
    demand(header.height === height, "WRONG_HEIGHT", `expected ${height}, got ${header.height}`);
    const parent = branch.at(-1) ?? node.find(header.previousHash)?.header;
    if (parent === undefined || !equalBytes(parent.hash, header.previousHash)) {
      throw new Refusal("UNKNOWN_PARENT", `header ${height} does not follow on the one before`);
    }
    const hash = hashHeader(header);
    const known = node.find(hash)?.header;
    branch.push(known ?? insist(validateHeader(header, parent, node.rules.parameters, getHeader)));
    shown.set(formatHex(hash), header);
  }
  return branch;
}

async function takeBlock(
  node: BlockTaker,
  peer: PeerSource,
  { header, hash }: HeaderState,
): Promise<void> {
  if (node.find(hash) !== undefined) return;
  const bytes = await peer.block(hash);
  const isAsked = equalBytes(bytes.slice(0, HEADER_BYTES), encodeHeader(header));
  demand(isAsked, "OTHER_BLOCK", `another block than ${header.height}, which was asked for`);
  const taken = await node.submitBlock(bytes);
  if (!taken.ok) throw new Refusal(taken.code, `block ${header.height}: ${taken.message}`);
}
