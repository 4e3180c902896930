import type { ChainFacts, LeafChange } from "../src/blocks/applyTransactions.ts";
import { encodeBlock } from "../src/blocks/block.ts";
import { buildBlock } from "../src/blocks/buildBlock.ts";
import { createPostMap } from "../src/blocks/postMap.ts";
import type { BlockTransaction } from "../src/blocks/transaction.ts";
import { createChainTip, createTipAfter } from "../src/blocks/validateBlock.ts";
import { sha256 } from "../src/lib/hash.ts";
import { encodeUtf8 } from "../src/lib/utf8.ts";
import { insist } from "../src/lib/verdict.ts";
import { encodeExactClose } from "../src/protocol/contractClose.ts";
import type { ContractNew } from "../src/protocol/contractNew.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../src/protocol/script.ts";
import { computeDigest, computePublicKey, signDigest } from "../src/protocol/signature.ts";
import { createTree } from "../src/space/tree.ts";

const LOTS = 1_000;
const LOTS_AT_ONCE = 250;
const rules = createRules(LOCAL_NETWORK);
const operatorKey = sha256(encodeUtf8("bench operator"));
const ownerKey = sha256(encodeUtf8("bench owner"));
const owner = computePublicKey(ownerKey);

/** A chain for `makeBlocks`. */
export const LONG_CHAIN: ChainFacts = {
  id: sha256(encodeUtf8("long chain")),
  operator: computePublicKey(operatorKey),
  lo: 0n,
  hi: 1_000n * BigInt(LOTS),
  expiry: 1_000_000,
};

/**
 * Block after block of a chain without end, each really signed: its space is sold in a thousand lots to one owner,
 * then one of them changes hands in every block.
 *
 * @param privateKey - of the chain's operator.
 */
export function* makeBlocks(
  chain: ChainFacts = LONG_CHAIN,
  privateKey: Uint8Array = operatorKey,
): Generator<{
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}> {
  let content = {
    tree: createTree(chain.lo, chain.hi),
    posts: createPostMap(),
  };
  let tip = createChainTip(chain);
  const width = (chain.hi - chain.lo) / BigInt(LOTS);
  const standing: LeafChange[] = [];
  const lot = (index: number): ContractNew => ({
    place: {
      lo: chain.lo + BigInt(index) * width,
      hi: chain.lo + BigInt(index + 1) * width,
      conditions: [],
    },
    owner,
    depositBps: 0,
    scriptHash: TRUE_SCRIPT_HASH,
  });
  for (let height = 1; ; height++) {
    const sold = (height - 1) * LOTS_AT_ONCE;
    const at = height % LOTS;
    const transactions: BlockTransaction[] =
      sold < LOTS
        ? Array.from({ length: LOTS_AT_ONCE }, (_, index) => make(lot(sold + index)))
        : [close(standing[at] as LeafChange, lot(at), tip.hash), make(lot(at))];
    const draft = { transactions, scripts: [], conditions: [], time: BigInt(height) };
    const context = { rules, chain, mainHeader: () => undefined, mainHeight: 1 };
    const { block, digest, effects } = insist(buildBlock(content, tip, draft, context));
    for (const change of effects.made)
      standing[Number((change.place.lo - chain.lo) / width)] = change;
    content = { tree: effects.tree, posts: createPostMap() };
    tip = createTipAfter(block.header);
    const bytes = encodeBlock({ ...block, signature: signDigest(digest, privateKey) });
    yield { bytes, hash: tip.hash };
  }
}

function make(contract: ContractNew): BlockTransaction {
  return { kind: "contract-new", contract };
}

function close(
  { leaf, place }: LeafChange,
  successor: ContractNew,
  seenBlock: Uint8Array,
): BlockTransaction {
  const exact = { contractId: leaf.id, seenBlock, heightMax: 1_000, successors: [successor] };
  const digest = computeDigest("signClose", rules.networkId, encodeExactClose(exact));
  const authorisation = { kind: "exact", close: exact, signature: signDigest(digest, ownerKey) };
  return {
    kind: "contract-close",
    close: { contractId: leaf.id, place, authorisation: { ...authorisation, kind: "exact" } },
  };
}
