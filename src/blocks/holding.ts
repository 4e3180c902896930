import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import {
  type BlockHeader,
  computeChainState,
  encodeBlockHeader,
  hashBlockHeader,
  readBlockHeader,
  writeBlockHeader,
} from "../protocol/blockHeader.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { readSignature, writeSignature } from "../protocol/signature.ts";
import { createTouchSet, findLeaf, pruneTree, treeRoot } from "../space/tree.ts";
import { decodeWitness, encodeWitness } from "../space/witness.ts";
import type { ChainContent, ChainFacts } from "./applyTransactions.ts";
import { postMapRoot } from "./postMap.ts";

/**
 * What the state after a posted block says of one place: the block's header as its operator signed it, and the
 * tree pruned to the path there, whether a contract stands at its end or not.
 */
export type Holding = {
  readonly header: BlockHeader;
  readonly signature: Uint8Array;
  readonly rootsRoot: Uint8Array;
  readonly path: Uint8Array;
};

/** Bytes of the longest path: 64 splits and 32 branches, with room for the leaf. */
const PATH_BYTES_MAX = 8 * 1024;

/** Encode: header, signature 65, roots root 32, path bytes. */
export function writeHolding(writer: Writer, holding: Holding): void {
  const { header, signature, rootsRoot, path } = holding;
  writeBlockHeader(writer, header);
  writeSignature(writer, signature);
  writer.fixed(rootsRoot, 32).bytes(path, PATH_BYTES_MAX);
}

export function readHolding(reader: Reader): Holding {
  const header = readBlockHeader(reader);
  const signature = readSignature(reader);
  return { header, signature, rootsRoot: reader.fixed(32), path: reader.bytes(PATH_BYTES_MAX) };
}

export function encodeHolding(holding: Holding): Uint8Array {
  return encode((writer) => writeHolding(writer, holding));
}

export function decodeHolding(bytes: Uint8Array): Verdict<Holding> {
  return decode(bytes, readHolding);
}

/** Show what stands at a place, from the whole state after a block. */
export function createHolding(
  { header, signature }: Pick<Holding, "header" | "signature">,
  { tree, posts }: ChainContent,
  place: Place,
): Verdict<Holding> {
  const touched = createTouchSet();
  const found = findLeaf(tree, place, touched);
  if (!found.ok) return found;
  const path = encodeWitness(pruneTree(tree, touched));
  return { ok: true, value: { header, signature, rootsRoot: postMapRoot(posts), path } };
}

/**
 * The contract that stands at exactly `place` after the posted block, or undefined if none does.
 *
 * @param posted - hash of the posted block.
 */
export function verifyHolding(
  { header, signature, rootsRoot, path }: Holding,
  chain: ChainFacts,
  posted: Uint8Array,
  place: Place,
  rules: Rules,
): Verdict<Leaf | undefined> {
  return judge(() => {
    demand(equalBytes(header.chainId, chain.id), "OTHER_CHAIN", "the header is of another chain");
    demand(
      equalBytes(hashBlockHeader(header), posted),
      "NOT_POSTED",
      "the header is not that of the posted block",
    );
    demand(
      isSignedBy(rules, "signBlock", encodeBlockHeader(header), signature, chain.operator),
      "BAD_SIGNATURE",
      "the header is not signed by the chain's operator",
    );
    const tree = insist(decodeWitness(path, chain.lo, chain.hi));
    demand(
      equalBytes(computeChainState(treeRoot(tree), rootsRoot), header.stateAfter),
      "WRONG_STATE",
      "the path does not lead to the block's state",
    );
    return insist(findLeaf(tree, place));
  });
}
