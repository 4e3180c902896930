import {
  applyTransactions,
  type BlockEffects,
  type ChainContent,
  type ChainFacts,
  type LeafChange,
} from "../../../src/blocks/applyTransactions.ts";
import { decodeBlock, encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { buildBlock } from "../../../src/blocks/buildBlock.ts";
import { createPostMap, postMapRoot } from "../../../src/blocks/postMap.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../../src/blocks/transaction.ts";
import { type ChainTip, createChainTip, validateBlock } from "../../../src/blocks/validateBlock.ts";
import { computeTreesHash, type MainHeaderFact } from "../../../src/blocks/verifyFactEvidence.ts";
import { encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { proveKey } from "../../../src/lib/map/mapProof.ts";
import { emptyMap, mapRoot, setValue } from "../../../src/lib/map/merkleMap.ts";
import { listRoot } from "../../../src/lib/merkleList.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { PostPlace } from "../../../src/protocol/anchor.ts";
import {
  type BlockHeader,
  computeChainState,
  encodeBlockHeader,
} from "../../../src/protocol/blockHeader.ts";
import { type Condition, hashCondition } from "../../../src/protocol/condition.ts";
import { type ExactClose, encodeExactClose } from "../../../src/protocol/contractClose.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import {
  type FactEvidence,
  STATE_MAPS,
  type StateMap,
} from "../../../src/protocol/factEvidence.ts";
import { type FactKey, type OracleResult, writeOracleRecord } from "../../../src/protocol/facts.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import type { ConditionSide } from "../../../src/protocol/place.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../../../src/protocol/script.ts";
import { encodeSeal, type Seal } from "../../../src/protocol/seal.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import type { SpaceNode } from "../../../src/space/node.ts";
import { createTree, treeRoot } from "../../../src/space/tree.ts";
import { encodeWitness } from "../../../src/space/witness.ts";

const RULES = createRules(LOCAL_NETWORK);

export const hashName = (name: string): Uint8Array => sha256(encodeUtf8(name));

/** Somebody with a key that follows from a name. */
export type Person = {
  readonly name: string;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
};

export function createPerson(name: string): Person {
  const privateKey = hashName(`key of ${name}`);
  return { name, privateKey, publicKey: computePublicKey(privateKey) };
}

export const oscar = createPerson("oscar");
export const alice = createPerson("alice");
export const bob = createPerson("bob");
export const mallory = createPerson("mallory");
const PEOPLE = [oscar, alice, bob, mallory];

/** Oscar's chain, on which everything is tried. */
export const CHAIN: ChainFacts = {
  id: hashName("chain"),
  operator: oscar.publicKey,
  lo: 0n,
  hi: 1_000n,
  expiry: 100,
};

export function sign(who: Person, tag: SignatureTag, body: Uint8Array): Uint8Array {
  return signDigest(computeDigest(tag, RULES.networkId, body), who.privateKey);
}

/** A record of the main chain's state. */
export type MainRecord = {
  readonly map: StateMap;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
};

export function oracleSays(key: Uint8Array, result: OracleResult, resultHeight = 0): MainRecord {
  const record = { reporter: mallory.publicKey, question: "?", result, resultHeight };
  return { map: "oracles", key, value: encode((writer) => writeOracleRecord(writer, record)) };
}

const MAP_OF_FACT: Record<FactKey["kind"], StateMap> = {
  oracle: "oracles",
  payment: "payments",
  secret: "secrets",
};

/** A main-chain header over a few records, and what proves a condition's facts under it. */
export type MainHeader = {
  readonly hash: Uint8Array;
  readonly fact: MainHeaderFact;
  readonly prove: (condition: Condition) => FactEvidence;
};

export function createMainHeader(height: number, records: readonly MainRecord[]): MainHeader {
  const hash = hashName(`main header ${height}`);
  const maps = STATE_MAPS.map((name) =>
    records
      .filter(({ map }) => map === name)
      .reduce((map, { key, value }) => setValue(map, key, value), emptyMap()),
  );
  const mapRoots = maps.map(mapRoot);
  return {
    hash,
    fact: { height, treesHash: computeTreesHash(mapRoots) },
    prove: ({ facts }) => ({
      headerHash: hash,
      mapRoots,
      proofs: facts.map(({ kind, key }) => {
        const map = maps[STATE_MAPS.indexOf(MAP_OF_FACT[kind])] ?? emptyMap();
        return proveKey(map, key);
      }),
    }),
  };
}

/** What goes into a block beside its transactions. */
export type Bodies = {
  readonly conditions?: readonly Condition[];
  readonly scripts?: readonly Uint8Array[];
  /** Main-chain height that the block names. */
  readonly mainHeight?: number;
};

/** What a liar changes of a block; its header he signs again. */
export type Lie = Partial<Omit<SortitionBlock, "header">> & {
  readonly header?: Partial<BlockHeader>;
};

/** One chain: its operator builds blocks from his whole tree, and everybody checks them from their bytes. */
export class ChainLab {
  readonly facts: ChainFacts;
  /** Every block taken so far. */
  readonly blocks: SortitionBlock[] = [];
  readonly #mainHeaders = new Map<string, MainHeaderFact>();
  content: ChainContent;
  tip: ChainTip;

  constructor(facts = CHAIN) {
    this.facts = facts;
    this.content = { tree: createTree(facts.lo, facts.hi), posts: createPostMap() };
    this.tip = createChainTip(facts);
  }

  get context() {
    const mainHeader = (hash: Uint8Array) => this.#mainHeaders.get(formatHex(hash));
    return { rules: RULES, chain: this.facts, mainHeader };
  }

  /** Let everybody know a main-chain header. */
  learn(header: MainHeader): MainHeader {
    this.#mainHeaders.set(formatHex(header.hash), header.fact);
    return header;
  }

  /** What the honest operator makes of these transactions: an unsigned block, or why there is none. */
  build(transactions: readonly BlockTransaction[], bodies: Bodies = {}) {
    const { scripts = [], conditions = [], mainHeight = 1 } = bodies;
    const draft = { transactions, scripts, conditions, time: 0n };
    return buildBlock(this.content, this.tip, draft, { ...this.context, mainHeight });
  }

  signed(transactions: readonly BlockTransaction[], bodies: Bodies = {}): SortitionBlock {
    return this.lie(insist(this.build(transactions, bodies)).block);
  }

  /** The block with parts changed, signed by the operator all the same. */
  lie(block: Omit<SortitionBlock, "signature">, change: Lie = {}): SortitionBlock {
    const header = { ...block.header, ...change.header };
    const signature = sign(oscar, "signBlock", encodeBlockHeader(header));
    return { ...block, signature, ...change, header };
  }

  /**
   * The block that a lying operator makes of transactions that no block may hold: all else about it
   * is right, and the witness is his whole tree.
   */
  forge(transactions: readonly BlockTransaction[], bodies: Bodies = {}): SortitionBlock {
    const { scripts = [], conditions = [], mainHeight = 1 } = bodies;
    const { tree, posts } = this.content;
    const rootsRoot = postMapRoot(posts);
    const header: BlockHeader = {
      chainId: this.facts.id,
      height: this.tip.height + 1,
      previousHash: this.tip.hash,
      stateBefore: computeChainState(treeRoot(tree), rootsRoot),
      stateAfter: hashName("whatever"),
      updatesRoot: listRoot(transactions.map(encodeBlockTransaction)),
      mainHeight,
      time: 0n,
    };
    const witness = encodeWitness(tree);
    const parts = { header, transactions, rootsRoot, postProofs: [], witness, scripts, conditions };
    return this.lie(parts);
  }

  /** What everybody else says to a block, who knows the tip and no tree. */
  check(block: SortitionBlock) {
    return validateBlock(block, this.tip, this.context);
  }

  /** Make the block and take it, as everybody does who reads its bytes. */
  take(transactions: readonly BlockTransaction[], bodies: Bodies = {}): BlockEffects {
    const block = this.signed(transactions, bodies);
    const { tip } = insist(this.check(insist(decodeBlock(encodeBlock(block)))));
    const { height, mainHeight } = block.header;
    const own = { ...this.context, height, previousHash: this.tip.hash, mainHeight };
    const effects = insist(applyTransactions(this.content, transactions, own));
    this.content = effects;
    this.tip = tip;
    this.blocks.push(block);
    return effects;
  }

  /** Sell free space for cash, each range in one block; the leaves made, in order. */
  sell(...ranges: readonly (readonly [Person, bigint, bigint])[]): LeafChange[] {
    return [...this.take(ranges.map(([owner, lo, hi]) => make(cash(owner, lo, hi)))).made];
  }

  /** A close that the contract's owner signs, on the block before. */
  close(
    { leaf, place }: LeafChange,
    successors: readonly ContractNew[],
    change: Partial<ExactClose> = {},
    signer = ownerOf(leaf.owner),
  ): BlockTransaction & { kind: "contract-close" } {
    const seenBlock = this.tip.hash;
    const close = { contractId: leaf.id, seenBlock, heightMax: 50, successors, ...change };
    const signature = sign(signer, "signClose", encodeExactClose(close));
    const authorisation = { kind: "exact", close, signature } as const;
    return { kind: "contract-close", close: { contractId: leaf.id, place, authorisation } };
  }

  seal({ leaf, place }: LeafChange, anchor: PostPlace = { kind: "mainChain" }): BlockTransaction {
    const seal: Seal = { contractId: leaf.id, seenBlock: this.tip.hash, anchor };
    const signature = sign(ownerOf(leaf.owner), "signSeal", encodeSeal(seal));
    return { kind: "contract-seal", place, seal, signature };
  }

  /** All of the space from left to right in words, free cells too; `names` are those of the conditions. */
  describe(names: Readonly<Record<string, Condition>> = {}): string[] {
    const known = new Map(
      Object.entries(names).map(([name, body]) => [formatHex(hashCondition(body)), name]),
    );
    const lines: string[] = [];
    const visit = (node: SpaceNode, lo: bigint, hi: bigint, under: ConditionSide[]): void => {
      if (node.kind === "split") {
        visit(node.left, lo, node.at, under);
        visit(node.right, node.at, hi, under);
      } else if (node.kind === "branch") {
        visit(node.yes, lo, hi, [...under, { ...node.condition, side: true }]);
        visit(node.no, lo, hi, [...under, { ...node.condition, side: false }]);
      } else {
        const holder = node.kind === "leaf" ? ownerOf(node.leaf.owner).name : node.kind;
        const terms = under.map(
          ({ hash, side }) => `${side ? "if" : "unless"} ${known.get(formatHex(hash)) ?? "?"}`,
        );
        lines.push([`[${lo}, ${hi})`, holder, ...terms].join(" "));
      }
    };
    const { lo, hi, root } = this.content.tree;
    visit(root, lo, hi, []);
    return lines;
  }
}

function ownerOf(publicKey: Uint8Array): Person {
  const key = formatHex(publicKey);
  const person = PEOPLE.find((each) => formatHex(each.publicKey) === key);
  if (person === undefined) throw new Error(`nobody has the key ${key}`);
  return person;
}

/** Plain space of one owner; `under` are sides of conditions. */
export function cash(
  owner: Person,
  lo: bigint,
  hi: bigint,
  under: readonly ConditionSide[] = [],
): ContractNew {
  const place = { lo, hi, conditions: under };
  return { place, owner: owner.publicKey, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
}

export function make(contract: ContractNew): BlockTransaction {
  return { kind: "contract-new", contract };
}

/** A close of a contract whose condition number `conditionIndex` came out against it. */
export function voidClose(
  { leaf, place }: Pick<LeafChange, "leaf" | "place">,
  conditionIndex: number,
  condition: Condition,
  evidence: FactEvidence,
): BlockTransaction {
  const authorisation = { kind: "void", conditionIndex, condition, evidence } as const;
  return { kind: "contract-close", close: { contractId: leaf.id, place, authorisation } };
}
