import { createHolding, encodeHolding } from "../src/blocks/holding.ts";
import { encode } from "../src/lib/codec.ts";
import { sha256 } from "../src/lib/hash.ts";
import { emptyMap, setValue } from "../src/lib/map/merkleMap.ts";
import { encodeUtf8 } from "../src/lib/utf8.ts";
import { insist } from "../src/lib/verdict.ts";
import { computeDescendantKey, writeSignedPost } from "../src/protocol/post.ts";
import { buildTree, type Lot } from "../src/space/build.ts";
import { adjoiningLots, drawWidths } from "../tests/properties/space/lots.ts";
import { SeededRandom } from "../tests/reference/seededRandom.ts";

/**
 * What who checks his own share alone needs at one post of each chain on his line.
 *
 * - `bytesAbove`: of a chain that the next one posts in: the contract that this is, and its last post.
 * - `bytesOwn`: of the innermost, in which he holds one contract. - `bytesLine`: of three levels together.
 */
export type ShareBenchmark = {
  readonly name: string;
  readonly bytesAbove: number;
  readonly bytesOwn: number;
  readonly bytesLine: number;
  readonly note: string;
};

const LEVELS = 3;
const SAMPLES = 100;

/** Measure the answers to the questions of an own share, by how many stand beside what is held. */
export function benchShare(): ShareBenchmark[] {
  return [
    [1_000, 10],
    [1_000, 1_000],
    [1_000_000, 1_000],
  ].map(([contracts = 0, chains = 0]) => measure(contracts, chains));
}

function measure(contracts: number, chains: number): ShareBenchmark {
  const random = new SeededRandom(contracts + chains);
  const widths = drawWidths("random", contracts, 10 ** 11 / contracts, random);
  const lots = [...adjoiningLots(0n, widths)];
  const hi = widths.reduce((sum, width) => sum + width, 0n);
  const tree = insist(buildTree(0n, hi, lots));
  const name = (index: number) => sha256(encodeUtf8(`chain ${index}`));
  const operator = new Uint8Array(33);
  let map = emptyMap();
  for (let index = 0; index < chains; index++) {
    const post = { place: { kind: "mainChain" }, sequence: 1, blockHash: name(0) } as const;
    const signed = { post: { ...post, chainId: name(index) }, signer: operator };
    const value = encode((writer) =>
      writeSignedPost(writer, { ...signed, signature: new Uint8Array(65) }),
    );
    map = setValue(map, computeDescendantKey(operator, name(index)), value);
  }
  const nothing = name(0);
  const header = {
    chainId: nothing,
    height: 1,
    previousHash: nothing,
    stateBefore: nothing,
    stateAfter: nothing,
    updatesRoot: nothing,
    mainHeight: 1,
    time: 0n,
  };
  const signed = { header, signature: new Uint8Array(65) };
  const content = { tree, posts: { kind: "whole", map } } as const;
  const answer = (isPostedIn: boolean) => {
    const { place } = lots[random.below(contracts)] as Lot;
    const below = computeDescendantKey(operator, name(random.below(chains)));
    const question = { places: [place], keys: isPostedIn ? [below] : [] };
    return encodeHolding(insist(createHolding(signed, content, question))).length;
  };
  const mean = (isPostedIn: boolean) => {
    let sum = 0;
    for (let sample = 0; sample < SAMPLES; sample++) sum += answer(isPostedIn);
    return Math.round(sum / SAMPLES);
  };
  const [bytesAbove, bytesOwn] = [mean(true), mean(false)];
  return {
    name: `own share: ${contracts.toLocaleString("en")} contracts, ${chains.toLocaleString("en")} chains inside`,
    bytesAbove,
    bytesOwn,
    bytesLine: (LEVELS - 1) * bytesAbove + bytesOwn,
    note: `one contract held ${LEVELS} levels down, each level as large`,
  };
}
