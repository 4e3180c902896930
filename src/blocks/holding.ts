import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
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
import { PATH_BYTES_MAX, POST_PROOF_BYTES_MAX } from "../protocol/limits.ts";
import type { Place } from "../protocol/place.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { readSignature, writeSignature } from "../protocol/signature.ts";
import { createTouchSet, findLeaf, pruneTree, treeRoot } from "../space/tree.ts";
import { decodeWitness, encodeWitness } from "../space/witness.ts";
import type { ChainContent, ChainFacts } from "./applyTransactions.ts";
import { postMapRoot, provePost } from "./postMap.ts";

/**
 * What is asked of the state after a posted block: what stands at places, and what the map of posts says of
 * descendants, by their keys there.
 */
export type HoldingQuestion = {
  readonly places: readonly Place[];
  readonly keys: readonly Uint8Array[];
};

/**
 * The answer: the block's header as its operator signed it, the tree pruned to the paths of the places, whether
 * contracts stand at their ends or not, and a proof of each key.
 */
export type Holding = {
  readonly header: BlockHeader;
  readonly signature: Uint8Array;
  readonly rootsRoot: Uint8Array;
  readonly path: Uint8Array;
  readonly posts: readonly Uint8Array[];
};

/** Most places, and most keys, in one question. */
export const QUESTION_ITEMS_MAX = 16;
/** Most places and sides of conditions in one question: it has to fit an address. */
export const QUESTION_SIDES_MAX = 64;
const PATHS_BYTES_MAX = QUESTION_ITEMS_MAX * PATH_BYTES_MAX;

/** Encode: header, signature 65, roots root 32, path bytes, list of map proof bytes. */
export function writeHolding(writer: Writer, holding: Holding): void {
  const { header, signature, rootsRoot, path, posts } = holding;
  writeBlockHeader(writer, header);
  writeSignature(writer, signature);
  writer.fixed(rootsRoot, 32).bytes(path, PATHS_BYTES_MAX);
  writer.list(posts, QUESTION_ITEMS_MAX, (each, proof) => each.bytes(proof, POST_PROOF_BYTES_MAX));
}

export function readHolding(reader: Reader): Holding {
  const header = readBlockHeader(reader);
  const signature = readSignature(reader);
  const rootsRoot = reader.fixed(32);
  const path = reader.bytes(PATHS_BYTES_MAX);
  const posts = reader.list(QUESTION_ITEMS_MAX, 4, (each) => each.bytes(POST_PROOF_BYTES_MAX));
  return { header, signature, rootsRoot, path, posts };
}

export function encodeHolding(holding: Holding): Uint8Array {
  return encode((writer) => writeHolding(writer, holding));
}

export function decodeHolding(bytes: Uint8Array): Verdict<Holding> {
  return decode(bytes, readHolding);
}

/** Answer a question from the whole state after a block. */
export function createHolding(
  { header, signature }: Pick<Holding, "header" | "signature">,
  { tree, posts }: ChainContent,
  { places, keys }: HoldingQuestion,
): Verdict<Holding> {
  return judge(() => {
    const touched = createTouchSet();
    for (const place of places) insist(findLeaf(tree, place, touched));
    const path = encodeWitness(pruneTree(tree, touched));
    const proofs = keys.map((key) => provePost(posts, key));
    return { header, signature, rootsRoot: postMapRoot(posts), path, posts: proofs };
  });
}

/** What a holding shows, in the order of the question: contracts, and values of the map of posts; undefined where there is none. */
export type ShownState = {
  readonly leaves: readonly (Leaf | undefined)[];
  readonly posts: readonly (Uint8Array | undefined)[];
  readonly contractsRoot: Uint8Array;
};

/**
 * What stands at exactly the places asked after the posted block, and at the keys.
 *
 * @param posted - hash of the posted block.
 */
export function verifyHolding(
  { header, signature, rootsRoot, path, posts }: Holding,
  chain: ChainFacts,
  posted: Uint8Array,
  { places, keys }: HoldingQuestion,
  rules: Rules,
): Verdict<ShownState> {
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
    const contractsRoot = treeRoot(tree);
    demand(
      equalBytes(computeChainState(contractsRoot, rootsRoot), header.stateAfter),
      "WRONG_STATE",
      "the path does not lead to the block's state",
    );
    const isAll = posts.length === keys.length;
    demand(isAll, "OTHER_QUESTION", `expected ${keys.length} map proofs, got ${posts.length}`);
    return {
      leaves: places.map((place) => insist(findLeaf(tree, place))),
      posts: posts.map((proof, index) =>
        insist(verifyMapProof(rootsRoot, keys[index] as Uint8Array, proof)),
      ),
      contractsRoot,
    };
  });
}
