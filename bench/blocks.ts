import { performance } from "node:perf_hooks";
import type { ChainFacts } from "../src/blocks/applyTransactions.ts";
import { encodeBlock } from "../src/blocks/block.ts";
import { buildBlock } from "../src/blocks/buildBlock.ts";
import { createPostMap } from "../src/blocks/postMap.ts";
import type { BlockTransaction } from "../src/blocks/transaction.ts";
import { type ChainTip, createChainTip, validateBlock } from "../src/blocks/validateBlock.ts";
import { loadFastVerify } from "../src/crypto/fastVerify.ts";
import { sha256 } from "../src/lib/hash.ts";
import { encodeUtf8 } from "../src/lib/utf8.ts";
import { insist } from "../src/lib/verdict.ts";
import { type ExactClose, encodeExactClose } from "../src/protocol/contractClose.ts";
import type { ContractNew } from "../src/protocol/contractNew.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";
import { TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../src/protocol/script.ts";
import {
  computeDigest,
  computePublicKey,
  signDigest,
  verifySignature,
} from "../src/protocol/signature.ts";
import { createTree, type SpaceTree } from "../src/space/tree.ts";

/**
 * Checks of a block.
 *
 * - `bytesPerTransaction`: of the whole block, proofs and signatures included.
 * - `signatureRatio`: time of a check to that of its signatures alone by the same implementation, measured in turn with it.
 * - `timesReference`: how many such checks are made while the reference makes one.
 */
export type BlockBenchmark = {
  readonly name: string;
  readonly bytesPerTransaction: number;
  readonly transactionsPerSecond: number;
  readonly signatureRatio: number;
  readonly timesReference: number;
  readonly note: string;
};

const CLOSES = 200;
const SAMPLES = 9;
const WIDTH = 1_000_000n;
const rules = createRules(LOCAL_NETWORK);
const operatorKey = sha256(encodeUtf8("bench operator"));
const ownerKey = sha256(encodeUtf8("bench owner"));

/** Check a block of exact closes, each signed by its owner, as every wallet does. */
export async function benchBlocks(): Promise<BlockBenchmark[]> {
  const operator = computePublicKey(operatorKey);
  const owner = computePublicKey(ownerKey);
  const chain: ChainFacts = {
    id: sha256(encodeUtf8("bench chain")),
    operator,
    lo: 0n,
    hi: BigInt(CLOSES) * WIDTH,
    expiry: 1_000_000,
  };
  const lot = (index: number): ContractNew => ({
    place: { lo: BigInt(index) * WIDTH, hi: BigInt(index + 1) * WIDTH, conditions: [] },
    owner,
    depositBps: 0,
    scriptHash: TRUE_SCRIPT_HASH,
  });
  const lots = Array.from({ length: CLOSES }, (_, index) => lot(index));
  const first = seal(
    lots.map((contract) => ({ kind: "contract-new", contract })),
    createChainTip(chain),
    createTree(chain.lo, chain.hi),
    chain,
  );
  const successors = lots.map((each) => ({ ...each, owner: operator }));
  const closes = first.made.map(({ leaf, place }, index): BlockTransaction => {
    const close: ExactClose = {
      contractId: leaf.id,
      seenBlock: first.tip.hash,
      heightMax: 1_000,
      successors: [successors[index] as ContractNew],
    };
    const digest = computeDigest("signClose", rules.networkId, encodeExactClose(close));
    const signature = signDigest(digest, ownerKey);
    const authorisation = { kind: "exact", close, signature } as const;
    return { kind: "contract-close", close: { contractId: leaf.id, place, authorisation } };
  });
  const news = successors.map((contract): BlockTransaction => ({ kind: "contract-new", contract }));
  const second = seal([...closes, ...news], first.tip, first.tree, chain);
  const implementations = [
    { note: "noble", verify: verifySignature },
    { note: "libauth", verify: await loadFastVerify() },
  ].map((each) => ({ ...each, checks: [] as number[], bare: [] as number[] }));
  const digest = sha256(encodeUtf8("bare"));
  const signature = signDigest(digest, ownerKey);
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const { verify, checks, bare } of implementations) {
      const context = { rules: { ...rules, verify }, chain, mainHeader: () => undefined };
      checks.push(time(() => void insist(validateBlock(second.block, first.tip, context))));
      bare.push(
        time(() => {
          for (let i = 0; i <= CLOSES; i++) verify(signature, digest, owner);
        }),
      );
    }
  }
  const reference = median(implementations[0]?.checks ?? []);
  return implementations.map(({ note, checks, bare }) => {
    const seconds = median(checks);
    return {
      name: `blocks: ${CLOSES} exact closes with a successor each, ${note}`,
      bytesPerTransaction: Math.round(encodeBlock(second.block).length / (2 * CLOSES)),
      transactionsPerSecond: Math.round((2 * CLOSES) / seconds),
      signatureRatio: Math.round((100 * seconds) / median(bare)) / 100,
      timesReference: Math.round((100 * reference) / seconds) / 100,
      note: `${CLOSES + 1} signatures`,
    };
  });
}

function seal(
  transactions: readonly BlockTransaction[],
  tip: ChainTip,
  tree: SpaceTree,
  chain: ChainFacts,
) {
  const draft = {
    transactions,
    scripts: [TRUE_SCRIPT],
    conditions: [],
    time: 0n,
  };
  const context = { rules, chain, mainHeader: () => undefined };
  const {
    block: unsigned,
    digest,
    effects,
  } = insist(
    buildBlock({ tree, posts: createPostMap() }, tip, draft, { ...context, mainHeight: 1 }),
  );
  const block = { ...unsigned, signature: signDigest(digest, operatorKey) };
  const { tip: next } = insist(validateBlock(block, tip, context));
  return { block, tip: next, tree: effects.tree, made: effects.made };
}

function time(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
