import { performance } from "node:perf_hooks";
import { equalBytes } from "../src/lib/bytes.ts";
import { sha256 } from "../src/lib/hash.ts";
import { insist } from "../src/lib/verdict.ts";
import { LEAF_BYTES } from "../src/protocol/leaf.ts";
import { buildTree } from "../src/space/build.ts";
import { proveLeaf, verifyProof } from "../src/space/proof.ts";
import { type SpaceTree, treeRoot } from "../src/space/tree.ts";
import {
  adjoiningLots,
  createLot,
  drawWidths,
  pathBytes,
  SIZES,
  type Sizes,
  summarise,
} from "../tests/properties/space/lots.ts";
import { SeededRandom } from "../tests/reference/seededRandom.ts";

/**
 * Proofs in one space.
 *
 * - `pathBytesMean`, `pathBytesMax`: over all its contracts, each path without its leaf.
 * - `checksPerSecond`: `verifyProof` of random contracts. - `hashRatio`: its time to that of the same
 *   hashes alone, over inputs of the same lengths, measured in turn with it.
 */
export type SpaceBenchmark = {
  readonly name: string;
  readonly pathBytesMean: number;
  readonly pathBytesMax: number;
  readonly checksPerSecond: number;
  readonly hashRatio: number;
  readonly note: string;
};

const COUNTS = [1_000, 1_000_000] as const;
/** 1,000 VEO in all where the lots are equal or random. */
const SPACE = 10 ** 11;
const PROOFS = 200;
const SAMPLES = 41;
const SPLIT_PREIMAGE = new Uint8Array(1 + 8 + 32 + 32);
const LEAF_PREIMAGE = new Uint8Array(1 + LEAF_BYTES);

/** Measure the space tree: path sizes and proof checks for each number and spread of lots. */
export function benchSpace(): SpaceBenchmark[] {
  return COUNTS.flatMap((count) => SIZES.map((sizes) => measureSpace(count, sizes)));
}

function measureSpace(count: number, sizes: Sizes): SpaceBenchmark {
  const { space, paths, buildSeconds } = prepareSpace(count, sizes);
  const { checkSeconds, hashRatio } = timeChecks(space);
  return {
    name: `space: ${count.toLocaleString("en")} ${sizes} lots`,
    pathBytesMean: Math.round(paths.mean * 10) / 10,
    pathBytesMax: paths.max,
    checksPerSecond: Math.round(PROOFS / checkSeconds),
    hashRatio: Math.round(100 * hashRatio) / 100,
    note: `built in ${buildSeconds.toFixed(2)} s`,
  };
}

/** What a checker has: the tree itself is let go before anything is timed. */
type Space = { readonly root: Uint8Array; readonly hi: bigint; readonly proofs: readonly Proof[] };

function prepareSpace(count: number, sizes: Sizes) {
  const random = new SeededRandom(count);
  const widths = drawWidths(sizes, count, SPACE / count, random);
  const hi = widths.reduce((sum, width) => sum + width, 0n);
  const start = performance.now();
  const tree = insist(buildTree(0n, hi, adjoiningLots(0n, widths)));
  // Nodes are hashed when the root is asked for: that is most of the building.
  const root = treeRoot(tree);
  const buildSeconds = (performance.now() - start) / 1000;
  const space: Space = { root, hi, proofs: drawProofs(tree, widths, random) };
  return { space, paths: summarise(pathBytes(tree)), buildSeconds };
}

type Proof = { readonly bytes: Uint8Array; readonly splits: number };

function drawProofs(tree: SpaceTree, widths: readonly bigint[], random: SeededRandom): Proof[] {
  const starts = [0n];
  for (const width of widths) starts.push((starts.at(-1) as bigint) + width);
  return Array.from({ length: PROOFS }, () => {
    const index = random.below(widths.length);
    const [lo, hi] = [starts[index] as bigint, starts[index + 1] as bigint];
    const { place } = createLot({ lo, hi, conditions: [] }, lo);
    return { bytes: insist(proveLeaf(tree, place)), splits: countSplits(tree, lo) };
  });
}

function countSplits(tree: SpaceTree, point: bigint): number {
  let node = tree.root;
  let splits = 0;
  for (; node.kind === "split"; splits++) node = point < node.at ? node.left : node.right;
  return splits;
}

/** Medians of the samples, after a warm-up of two; the ratio is of neighbours, as loads come and go. */
function timeChecks({ root, hi, proofs }: Space) {
  const seconds: number[] = [];
  const ratios: number[] = [];
  for (let sample = -2; sample < SAMPLES; sample++) {
    const start = performance.now();
    for (const { bytes } of proofs) {
      insist(verifyProof((own) => equalBytes(own, root), 0n, hi, bytes));
    }
    const middle = performance.now();
    for (const { splits } of proofs) {
      for (let split = 0; split < splits; split++) sha256(SPLIT_PREIMAGE);
      sha256(LEAF_PREIMAGE);
    }
    if (sample < 0) continue;
    seconds.push((middle - start) / 1000);
    ratios.push((middle - start) / (performance.now() - middle));
  }
  return { checkSeconds: median(seconds), hashRatio: median(ratios) };
}

function median(figures: number[]): number {
  return figures.sort((a, b) => a - b)[figures.length >> 1] as number;
}
