import type { AnchoredProof } from "../../../src/blocks/anchoredProof.ts";
import type { CloseProof } from "../../../src/blocks/closeProof.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../../src/blocks/transaction.ts";
import { buildCloseProof } from "../../../src/chain/settlement/buildCloseProof.ts";
import { concatBytes, equalBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex, parseHex } from "../../../src/lib/hex.ts";
import { emptyMap, mapRoot } from "../../../src/lib/map/merkleMap.ts";
import { listRoot } from "../../../src/lib/merkleList.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import {
  createPaidCondition,
  createTrueCondition,
  createTrueOrBadCondition,
} from "../../../src/market/standardConditions.ts";
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
import type { Place } from "../../../src/protocol/place.ts";
import { createRules, type Rules } from "../../../src/protocol/rules.ts";
import { hashScript, TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import { computeDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import { proveLeaf } from "../../../src/space/proof.ts";
import { createTree, type SpaceTree, takeSpace, treeRoot } from "../../../src/space/tree.ts";
import type {
  CourtBlock,
  CourtClose,
  CourtLeaf,
  CourtPlace,
  CourtScript,
  CourtState,
  CourtTerms,
  Evidence,
  ShownClose,
} from "../../reference/courtCase.ts";
import type { History } from "./randomHistory.ts";

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
  readonly #rootsRoot = mapRoot(emptyMap());

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
          : condition.trueFor.length === 2
            ? createTrueOrBadCondition(hashName(condition.oracle))
            : createTrueCondition(hashName(condition.oracle)),
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

  leaf(leaf: CourtLeaf): Leaf {
    const known = this.#leaves.get(leaf);
    if (known !== undefined) return known;
    const real: Leaf = {
      id: hashName(`id:${leaf.id}`),
      owner: keyOf(leaf.owner),
      lo: leaf.lo,
      hi: leaf.hi,
      depositBps: 0,
      scriptHash: hashScript(SCRIPTS[leaf.script]),
      sealed: false,
      anchor: { kind: "none" },
    };
    this.#leaves.set(leaf, real);
    return real;
  }

  state(state: CourtState): SignedState {
    const real = {
      contractId: hashName(`id:${state.contractId}`),
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

  blockHash(name: string): Uint8Array {
    if (name === this.#facts.chain.origin) return this.chainId;
    return hashBlockHeader(this.#header(name));
  }

  /** Headers from `block` to the one recorded under `sequence`, if it is behind it. */
  anchoredProof(sequence: number, block: string, leaf: CourtLeaf): AnchoredProof | undefined {
    const path = proveLeaf(this.#tree(block), this.place(leaf));
    const run = this.#runFrom(sequence, block);
    if (!path.ok || run === undefined) return undefined;
    const headers = run.map((name) => this.#header(name));
    return { sequence, hops: [], headers, rootsRoot: this.#rootsRoot, path: path.value };
  }

  closeProof(shown: ShownClose): CloseProof | undefined {
    const { origin } = this.#facts.chain;
    const entry = shown.sequence === 1 ? origin : this.#facts.records[shown.sequence - 2]?.block;
    const names = this.#runFrom(shown.sequence, undefined, entry);
    const at = names?.indexOf(shown.block) ?? -1;
    if (names === undefined || at === -1 || names.length > 64) return undefined;
    const block = this.#block(shown.block);
    const proof = buildCloseProof({
      sequence: shown.sequence,
      hops: [],
      hopsBefore: [],
      before: entry === undefined || entry === origin ? undefined : this.#header(entry),
      run: names.map((name) => this.#header(name)),
      at,
      transactions: this.#transactions(shown.block),
      close: shown.close,
      conditions: [...this.#conditions.values()],
      stateBefore: { rootsRoot: this.#rootsRoot, tree: this.#tree(block.parent) },
      stateAfter: { rootsRoot: this.#rootsRoot, tree: this.#tree(shown.block) },
    });
    return proof.ok ? proof.value : undefined;
  }

  /** Block names, oldest first, ending in the recorded one; from `from`, or above `entry`. */
  #runFrom(sequence: number, from: string | undefined, entry?: string): string[] | undefined {
    const record = this.#facts.records[sequence - 1];
    if (record === undefined) return undefined;
    const run: string[] = [];
    for (let at = record.block; at !== entry && at !== this.#facts.chain.origin; ) {
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
    let tree = createTree(0n, this.#facts.chain.amount);
    for (const leaf of this.#block(name).leaves) {
      const taken = takeSpace(tree, this.place(leaf), this.leaf(leaf));
      if (!taken.ok) throw new Error(`block ${name} has no tree: ${taken.code} ${taken.message}`);
      tree = taken.value;
    }
    this.#trees.set(name, tree);
    return tree;
  }

  #header(name: string): BlockHeader {
    const known = this.#headers.get(name);
    if (known !== undefined) return known;
    const { parent } = this.#block(name);
    const state = (block: string) =>
      computeChainState(treeRoot(this.#tree(block)), this.#rootsRoot);
    const header = {
      chainId: this.chainId,
      height: 1,
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

  #transactions(name: string): BlockTransaction[] {
    return this.#block(name).closes.map((close) => this.#close(close));
  }

  #close(close: CourtClose): BlockTransaction {
    const exact = {
      contractId: hashName(`id:${close.contractId}`),
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
      depositBps: 0,
      scriptHash: hashScript(SCRIPTS[terms.script]),
    };
  }
}
