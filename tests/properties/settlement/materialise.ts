import type { AnchoredProof } from "../../../src/blocks/anchoredProof.ts";
import type { CloseProof } from "../../../src/blocks/closeProof.ts";
import type { Hop } from "../../../src/blocks/hops.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../../src/blocks/transaction.ts";
import { buildCloseProof } from "../../../src/chain/settlement/buildCloseProof.ts";
import { concatBytes, equalBytes } from "../../../src/lib/bytes.ts";
import { encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex, parseHex } from "../../../src/lib/hex.ts";
import { proveKey } from "../../../src/lib/map/mapProof.ts";
import { emptyMap, type MerkleMap, mapRoot, setValue } from "../../../src/lib/map/merkleMap.ts";
import { listRoot } from "../../../src/lib/merkleList.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import type { Verdict } from "../../../src/lib/verdict.ts";
import { createOutcomeConditions } from "../../../src/market/outcomes.ts";
import {
  createPaidCondition,
  createTrueCondition,
  createTrueOrBadCondition,
} from "../../../src/market/standardConditions.ts";
import type { Anchor } from "../../../src/protocol/anchor.ts";
import {
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
} from "../../../src/protocol/blockHeader.ts";
import { type Condition, conditionRef } from "../../../src/protocol/condition.ts";
import { encodeExactClose } from "../../../src/protocol/contractClose.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import { encodeContractState, type SignedState } from "../../../src/protocol/contractState.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import { LOCAL_NETWORK, type NetworkParameters } from "../../../src/protocol/network.ts";
import { encodeOrder } from "../../../src/protocol/order.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { computeDescendantKey, encodePost, writeSignedPost } from "../../../src/protocol/post.ts";
import { createRules, type Rules } from "../../../src/protocol/rules.ts";
import { hashScript, TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import { computeDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import { proveLeaf, provePath } from "../../../src/space/proof.ts";
import {
  type AskedPath,
  createTree,
  type SpaceTree,
  takeSpace,
  treeRoot,
} from "../../../src/space/tree.ts";
import type {
  CourtBlock,
  CourtClose,
  CourtCondition,
  CourtLeaf,
  CourtMatch,
  CourtPlace,
  CourtPostOf,
  CourtScript,
  CourtShowing,
  CourtState,
  CourtTerms,
  Evidence,
  ShownClose,
} from "../../reference/courtCase.ts";
import { readSwitches } from "../../reference/courtHistory.ts";
import type { History } from "./randomHistory.ts";

function createOracleCondition(
  condition: Exclude<CourtCondition, { readonly kind: "payment" }>,
): Condition {
  if (condition.kind === "oracle") {
    const oracle = hashName(condition.oracle);
    const isOrBad = condition.trueFor.length === 2;
    return isOrBad ? createTrueOrBadCondition(oracle) : createTrueCondition(oracle);
  }
  const question = { kind: "categorical", oracles: condition.oracles.map(hashName) } as const;
  const { refund, win } = createOutcomeConditions(question, condition.outcome);
  return condition.isOrBad ? refund : win;
}

/** The local network with deposits and fees small enough for a prize of a few thousand satoshi. */
const PARAMETERS: NetworkParameters = {
  ...LOCAL_NETWORK,
  name: "court",
  drawBlocks: 3,
  claimDepositMin: 10n,
  claimDepositBps: 1_000,
  claimFeeBase: 3n,
};

/** 32 bytes for a name. */
export const hashName = (name: string): Uint8Array => sha256(encodeUtf8(name));

/** A stand-in for a public key: 33 bytes of the right shape. */
export const keyOf = (name: string): Uint8Array =>
  concatBytes(Uint8Array.of(2), hashName(`key:${name}`));

function fakeSignature(digest: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const hash = sha256(concatBytes(publicKey, digest));
  return concatBytes(hash, hash, Uint8Array.of(0));
}

/** Rules with signatures that cost one hash: who knows a name signs for it, and nobody else is tried. */
export const RULES: Rules = createRules(PARAMETERS, (signature, digest, publicKey) =>
  equalBytes(signature, fakeSignature(digest, publicKey)),
);

export function signAs(name: string, tag: SignatureTag, body: Uint8Array): Uint8Array {
  return fakeSignature(computeDigest(tag, RULES.networkId, body), keyOf(name));
}

const SCRIPTS: Record<CourtScript, Uint8Array> = {
  true: TRUE_SCRIPT,
  false: parseHex("00000000000000000000"),
  // Two swaps leave on the stack the two values that the evidence has put there.
  asEvidenceSays: parseHex("1616"),
  // Adds two values that nobody has pushed.
  broken: parseHex("3232"),
};

export const scriptOf = (script: CourtScript): Uint8Array => SCRIPTS[script];

/** Code that pushes the nonce, then the result. */
export function scriptSigOf(evidence: Evidence): Uint8Array {
  if (evidence === undefined) return new Uint8Array();
  const code = new Uint8Array(10);
  new DataView(code.buffer).setUint32(1, evidence.nonce);
  code[9] = evidence.result ? 1 : 0;
  return code;
}

/** The bytes of a history: trees, headers, proofs, signatures. */
export class Materialiser {
  readonly chainId: Uint8Array;
  readonly #history: History;
  readonly #conditions = new Map<string, Condition>();
  readonly #leaves = new Map<CourtLeaf, Leaf>();
  readonly #trees = new Map<string, SpaceTree>();
  readonly #headers = new Map<string, BlockHeader>();
  readonly #maps = new Map<string, MerkleMap>();

  constructor(history: History, seed: number) {
    this.#history = history;
    this.chainId = hashName(`chain:${seed}`);
    for (const [name, condition] of history.facts.conditions) {
      const level = history.levels.get(name) ?? 0;
      this.#conditions.set(
        name,
        condition.kind === "payment"
          ? createPaidCondition(
              level,
              hashName(condition.payment),
              condition.amount,
              condition.below,
            )
          : createOracleCondition(condition),
      );
    }
  }

  get #facts() {
    return this.#history.facts;
  }

  condition(name: string): Condition {
    return this.#conditions.get(name) as Condition;
  }

  place({ lo, hi, conditions }: CourtPlace): Place {
    return {
      lo,
      hi,
      conditions: conditions.map(({ name, side }) => ({
        ...conditionRef(this.condition(name)),
        side,
      })),
    };
  }

  /** The bytes of a chain's or contract's id. */
  id(name: string): Uint8Array {
    return name === this.#facts.chain.origin ? this.chainId : hashName(`id:${name}`);
  }

  leaf(leaf: CourtLeaf): Leaf {
    const known = this.#leaves.get(leaf);
    if (known !== undefined) return known;
    const real: Leaf = {
      id: this.id(leaf.id),
      owner: keyOf(leaf.owner),
      lo: leaf.lo,
      hi: leaf.hi,
      depositBps: Number(leaf.shareBps ?? 0n),
      scriptHash: hashScript(SCRIPTS[leaf.script]),
      madeIn: leaf.madeIn ?? 0,
      sealed: leaf.anchor !== undefined,
      anchor: this.#sealOf(leaf.anchor),
    };
    this.#leaves.set(leaf, real);
    return real;
  }

  #sealOf(anchor: string | undefined): Anchor {
    if (anchor === undefined) return { kind: "none" };
    return anchor === "main" ? { kind: "mainChain" } : { kind: "chain", id: this.id(anchor) };
  }

  state(state: CourtState): SignedState {
    const real = {
      contractId: this.id(state.contractId),
      nonce: state.nonce,
      script: SCRIPTS[state.script],
    };
    const body = encodeContractState(real);
    const [owner = "nobody", operator = "nobody"] = state.signers;
    return {
      state: real,
      ownerSignature: signAs(owner, "signState", body),
      operatorSignature: signAs(operator, "signState", body),
    };
  }

  /** Hash of a block; a chain's id stands for what is before its first. */
  blockHash(name: string): Uint8Array {
    return this.#block(name).parent === "" ? this.id(name) : hashBlockHeader(this.#header(name));
  }

  /**
   * Headers from a block to what its chain has posted under a post on the main chain, if it is behind it.
   *
   * @param lineage - from the first chain down to the block's; that one alone where nothing is said.
   */
  anchoredProof(
    { sequence, top, block, leaf }: CourtShowing,
    lineage = this.#rootLineage(),
  ): AnchoredProof | undefined {
    const path = proveLeaf(this.#tree(block), this.place(leaf));
    return this.#anchor({ sequence, ...(top === undefined ? {} : { top }) }, block, path, lineage);
  }

  /** The same of what stands on a path, as full as the sides say that are named. */
  anchoredPath(
    { block, ...post }: CourtPostOf & { readonly block: string },
    asked: AskedPath,
    lineage: readonly CourtChain[],
  ): AnchoredProof | undefined {
    return this.#anchor(post, block, provePath(this.#tree(block), asked), lineage);
  }

  #anchor(
    { sequence, top }: CourtPostOf,
    block: string,
    path: Verdict<Uint8Array>,
    lineage: readonly CourtChain[],
  ): AnchoredProof | undefined {
    const post = this.#follow(lineage, sequence, top);
    const run = post?.block === undefined ? undefined : this.#walk(post.block, block);
    if (!path.ok || post === undefined || run === undefined || run.length > 64) return undefined;
    const headers = run.map((name) => this.#header(name));
    const rootsRoot = mapRoot(this.#map(block));
    return { sequence, hops: post.hops, headers, rootsRoot, path: path.value };
  }

  closeProof(shown: ShownClose, lineage = this.#rootLineage()): CloseProof | undefined {
    const { sequence, top } = shown;
    const post = this.#follow(lineage, sequence, top);
    const before = sequence === 1 ? undefined : this.#follow(lineage, sequence - 1, top);
    const entry = before?.block;
    const names = post?.block === undefined ? undefined : this.#walk(post.block, undefined, entry);
    const at = names?.indexOf(shown.block) ?? -1;
    if (post === undefined || names === undefined || at === -1 || names.length > 64) {
      return undefined;
    }
    const block = this.#block(shown.block);
    const proof = buildCloseProof({
      sequence,
      hops: post.hops,
      hopsBefore: before?.hops ?? [],
      before: entry === undefined ? undefined : this.#header(entry),
      run: names.map((name) => this.#header(name)),
      at,
      transactions: this.#transactions(shown.block),
      close: shown.close,
      conditions: [...this.#conditions.values()],
      stateBefore: this.#provable(block.parent),
      stateAfter: this.#provable(shown.block),
    });
    return proof.ok ? proof.value : undefined;
  }

  /** Name of the block that the lineage's last chain has posted under a post on the main chain. */
  postedBlock(lineage: readonly CourtChain[], { sequence, top }: CourtPostOf): string | undefined {
    return this.#follow(lineage, sequence, top)?.block;
  }

  #provable(name: string) {
    return { rootsRoot: mapRoot(this.#map(name)), tree: this.#tree(name) };
  }

  #rootLineage(): CourtChain[] {
    const { origin, operator } = this.#facts.chain;
    return [{ id: origin, operator, anchor: "main" }];
  }

  /** The hops from a post on the main chain down to the last chain's posted block, if it has one. */
  #follow(
    lineage: readonly CourtChain[],
    sequence: number,
    wanted: string | undefined,
  ): { hops: Hop[]; block: string | undefined } | undefined {
    const path = findPath(lineage) ?? [];
    const from = wanted === undefined ? 0 : path.findIndex(({ id }, at) => at > 0 && id === wanted);
    const [top, ...below] = from < 0 ? [] : path.slice(from);
    if (top === undefined) return undefined;
    const hops: Hop[] = [];
    const { records, first } = postsOf(this.#facts, top, wanted !== undefined);
    let block = records[sequence - first]?.block;
    if (block === undefined) return undefined;
    for (const { id, operator } of below) {
      const map = this.#map(block);
      const key = computeDescendantKey(keyOf(operator), this.id(id));
      hops.push({
        header: this.#header(block),
        contractsRoot: treeRoot(this.#tree(block)),
        rootsRoot: mapRoot(map),
        proof: proveKey(map, key),
      });
      const { posts } = this.#block(block);
      const entry = posts?.find((each) => each.chain === id && each.operator === operator);
      if (entry === undefined) return { hops, block: undefined };
      block = entry.block;
    }
    return { hops, block };
  }

  /** Names of blocks, oldest first, up to `last`: from `from`, or above `entry`. */
  #walk(last: string, from: string | undefined, entry?: string): string[] | undefined {
    const run: string[] = [];
    for (let at = last; at !== entry && this.#block(at).parent !== ""; ) {
      run.unshift(at);
      if (at === from) return run;
      at = this.#block(at).parent;
    }
    return from === undefined && run.length > 0 ? run : undefined;
  }

  #block(name: string): CourtBlock {
    return this.#facts.blocks.get(name) as CourtBlock;
  }

  #tree(name: string): SpaceTree {
    const known = this.#trees.get(name);
    if (known !== undefined) return known;
    const { chain, leaves } = this.#block(name);
    const { lo, hi } = this.#history.spaces?.get(chain ?? "") ?? {
      lo: 0n,
      hi: this.#facts.chain.amount,
    };
    let tree = createTree(lo, hi);
    for (const leaf of leaves) {
      const taken = takeSpace(tree, this.place(leaf), this.leaf(leaf));
      if (!taken.ok) throw new Error(`block ${name} has no tree: ${taken.code} ${taken.message}`);
      tree = taken.value;
    }
    this.#trees.set(name, tree);
    return tree;
  }

  /** What a block says of the chains further down. */
  #map(name: string): MerkleMap {
    const known = this.#maps.get(name);
    if (known !== undefined) return known;
    const { chain, posts = [] } = this.#block(name);
    const placeId = this.id(chain ?? this.#facts.chain.origin);
    const map = posts.reduce((before, { chain: id, operator, block, signer }) => {
      const post = {
        place: { kind: "chain", id: placeId } as const,
        chainId: this.id(id),
        sequence: 1,
        blockHash: this.blockHash(block),
      };
      const signature = signAs(signer, "signPost", encodePost(post));
      const signed = { post, signer: keyOf(operator), signature };
      const key = computeDescendantKey(signed.signer, post.chainId);
      return setValue(
        before,
        key,
        encode((writer) => writeSignedPost(writer, signed)),
      );
    }, emptyMap());
    this.#maps.set(name, map);
    return map;
  }

  #header(name: string): BlockHeader {
    const known = this.#headers.get(name);
    if (known !== undefined) return known;
    const { parent, chain } = this.#block(name);
    const state = (block: string) =>
      computeChainState(treeRoot(this.#tree(block)), mapRoot(this.#map(block)));
    const header = {
      chainId: this.id(chain ?? this.#facts.chain.origin),
      height: this.#depth(name),
      previousHash: this.blockHash(parent),
      stateBefore: state(parent),
      stateAfter: state(name),
      updatesRoot: listRoot(this.#transactions(name).map(encodeBlockTransaction)),
      mainHeight: 0,
      // Two blocks that say the same are still two blocks.
      time: BigInt(`0x${formatHex(hashName(name).subarray(0, 6))}`),
    };
    this.#headers.set(name, header);
    return header;
  }

  /** A block's number in its chain. */
  #depth(name: string): number {
    let depth = 1;
    for (let at = this.#block(name).parent; this.#block(at).parent !== ""; depth++) {
      at = this.#block(at).parent;
    }
    return depth;
  }

  #transactions(name: string): BlockTransaction[] {
    const { closes, matches = [] } = this.#block(name);
    return [
      ...closes.map((close) => this.#close(close)),
      ...matches.map((match) => this.#match(match)),
    ];
  }

  #match({ refund, win, recorded, price, fills }: CourtMatch): BlockTransaction {
    const market = {
      refund: conditionRef(this.condition(refund)).hash,
      win: conditionRef(this.condition(win)).hash,
      depositBps: 0,
    };
    const real = fills.map(({ signer, seenBlock, filled, pieces, ...terms }) => {
      const order = { seenBlock: this.blockHash(seenBlock), recorded, market, terms };
      const signature = signAs(signer, "signOrder", encodeOrder(order));
      return { terms, signature, quantity: filled, pieces };
    });
    return { kind: "match", match: { market, recorded, price, fills: real } };
  }

  #close(close: CourtClose): BlockTransaction {
    const exact = {
      contractId: this.id(close.contractId),
      seenBlock: this.blockHash(close.seenBlock),
      heightMax: close.heightMax,
      successors: close.successors.map((terms) => this.#contractNew(terms)),
    };
    const signature = signAs(close.signer, "signClose", encodeExactClose(exact));
    return {
      kind: "contract-close",
      close: {
        contractId: exact.contractId,
        place: this.place(close.place),
        authorisation: { kind: "exact", close: exact, signature },
      },
    };
  }

  #contractNew(terms: CourtTerms): ContractNew {
    return {
      place: this.place(terms),
      owner: keyOf(terms.owner),
      depositBps: Number(terms.shareBps ?? 0n),
      scriptHash: hashScript(SCRIPTS[terms.script]),
    };
  }
}

/** A chain as the leaf above it says, by names; see the court's. */
export type CourtChain = {
  readonly id: string;
  readonly operator: string;
  readonly anchor: string;
};

/** The chains that a lineage's last one posts through; undefined if an anchor is none of those above. */
export function findPath(lineage: readonly CourtChain[]): CourtChain[] | undefined {
  let rest = lineage;
  const path: CourtChain[] = [];
  for (;;) {
    const last = rest.at(-1);
    if (last === undefined) return undefined;
    path.unshift(last);
    if (last.anchor === "main") return path;
    const at = rest.findIndex(({ id }, index) => index < rest.length - 1 && id === last.anchor);
    rest = rest.slice(0, at + 1);
  }
}

/** The records of a chain that posts on the main chain. */
export function recordsOf(facts: History["facts"], { id, operator }: CourtChain) {
  const { chain, records, otherRecords } = facts;
  if (id === chain.origin && operator === chain.operator) return records;
  return otherRecords?.get(`${operator}/${id}`) ?? [];
}

/** The posts of a chain on the main chain, from number `first` on: as it was sealed to post there, or since its switch. */
export function postsOf(facts: History["facts"], chain: CourtChain, isSwitched: boolean) {
  if (!isSwitched) return { first: 1, records: recordsOf(facts, chain) };
  const switched = readSwitches(facts).get(`${chain.operator}/${chain.id}`);
  return { first: switched?.first ?? 1, records: switched?.records ?? [] };
}
