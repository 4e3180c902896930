import type { ProofRequest } from "../../src/api/mainChainApi.ts";
import { applyBlock } from "../../src/chain/applyBlock.ts";
import { encodeMainBlock } from "../../src/chain/block.ts";
import { draftBlock } from "../../src/chain/draftBlock.ts";
import type { Header } from "../../src/chain/header/header.ts";
import { computeHeaderTime } from "../../src/chain/header/headerTime.ts";
import { mineHeader, proofOfWorkHash } from "../../src/chain/header/proofOfWork.ts";
import { validateHeader } from "../../src/chain/header/validateHeader.ts";
import { computeMapRoots, getAccount, type MainState } from "../../src/chain/state/mainState.ts";
import {
  encodeUnsigned,
  type SignedTransaction,
  type TransactionBody,
} from "../../src/chain/transaction.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { proveKey } from "../../src/lib/map/mapProof.ts";
import { accept, insist, refuse, type Verdict } from "../../src/lib/verdict.ts";
import { createWorkHashes, type TreeNode } from "../../src/node/engine/blockTree.ts";
import type { MainNode } from "../../src/node/node.ts";
import { OPERATOR_FEE } from "../../src/operator/mainChainLink.ts";
import type { FactEvidence } from "../../src/protocol/factEvidence.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { RULES } from "../story/localWorld.ts";
import { sign } from "./forging.ts";

/** What a client asks a main-chain node about. */
export type MainView = Pick<MainNode, "tip" | "headerAt" | "find" | "encode" | "prove">;

const TRIES = 1_000_000;
/** Nonces between the beginnings of two searches for work, so that they find other blocks; and searches at most. */
const APART = 1_000_000n;
const SEARCHES = 10_000;
const MINER = computePublicKey(sha256(new Uint8Array([2])));

/**
 * A branch of the main chain that goes on from any block of a recorded one, by the main chain's own rules: whatever
 * stands in it was really recorded. A branch never changes; each block mined is a longer one.
 */
export class MainBranch implements MainView {
  readonly #last: TreeNode & { readonly state: MainState };

  private constructor(last: TreeNode) {
    if (last.state === undefined) throw new Error("the state of a branch is kept");
    this.#last = { ...last, state: last.state };
  }

  static from(node: MainView, height: number): MainBranch {
    const at = node.headerAt(height);
    if (at === undefined) throw new Error(`no main-chain block ${height}`);
    return new MainBranch(at);
  }

  get height(): number {
    return this.#last.header.header.height;
  }

  get state(): MainState {
    return this.#last.state;
  }

  tip(): TreeNode {
    return this.#last;
  }

  headerAt(height: number): TreeNode | undefined {
    let at: TreeNode | undefined = this.#last;
    while (at !== undefined && at.header.header.height > height) at = at.parent;
    return at?.header.header.height === height ? at : undefined;
  }

  find(hash: Uint8Array): TreeNode | undefined {
    let at: TreeNode | undefined = this.#last;
    while (at !== undefined && !equalBytes(at.header.hash, hash)) at = at.parent;
    return at;
  }

  encode({ block }: TreeNode): Uint8Array {
    return encodeMainBlock(block, RULES.parameters.blockBytesMax);
  }

  prove({ at, keys }: ProofRequest): Verdict<FactEvidence> {
    const state = this.find(at)?.state;
    if (state === undefined) return refuse("NO_SUCH_STATE", "the header is not of this branch");
    return accept({
      headerHash: at,
      mapRoots: computeMapRoots(state),
      proofs: keys.map(({ map, key }) => proveKey(state[map], key)),
    });
  }

  /** A transaction by the owner of a private key, next in the order of his account; `ahead` of those not mined yet. */
  sign(key: Uint8Array, body: TransactionBody, ahead = 0): SignedTransaction {
    const from = computePublicKey(key);
    const nonce = getAccount(this.state, from).nonce + 1 + ahead;
    const transaction = { from, nonce, fee: OPERATOR_FEE, body };
    const signature = sign(key, "signTransaction", encodeUnsigned(transaction));
    return { transaction, signature };
  }

  /** The branch with one more block, in which every transaction must hold. */
  mine(transactions: readonly SignedTransaction[], ms: number): MainBranch {
    const { branch, leftOut } = this.#draft(transactions, ms);
    if (leftOut !== undefined) throw new Error(`the main chain refuses: ${leftOut}`);
    return branch;
  }

  /** The same with those of the transactions that hold, as a miner takes them; its work is sought until it is wanted. */
  mineValid(
    transactions: readonly SignedTransaction[],
    ms: number,
    isWanted: (workHash: Uint8Array) => boolean = () => true,
  ): MainBranch {
    return this.#draft(transactions, ms, isWanted).branch;
  }

  /** Why the next block could not take a transaction after those that wait; undefined if it could. */
  refusalOf(
    transaction: SignedTransaction,
    waiting: readonly SignedTransaction[],
  ): string | undefined {
    const before = waiting.filter((each) => each !== transaction);
    const { leftOut } = this.#lay([...before, transaction], 0);
    return leftOut.find((each) => each.transaction === transaction)?.code;
  }

  #draft(
    transactions: readonly SignedTransaction[],
    ms: number,
    isWanted: (workHash: Uint8Array) => boolean = () => true,
  ) {
    const parent = this.#last;
    const { block, leftOut } = this.#lay(transactions, ms);
    const mined = findWork(block.header, isWanted);
    const whole = { ...block, header: mined };
    const header = insist(validateHeader(mined, parent.header, RULES.parameters, this.#getHeader));
    const workHashAt = createWorkHashes(parent);
    const state = insist(applyBlock(parent.state, whole, { rules: RULES, workHashAt }));
    const workHash = proofOfWorkHash(mined, RULES.parameters);
    const branch = new MainBranch({ header, block: whole, workHash, parent, state });
    return { branch, leftOut: leftOut[0]?.code };
  }

  readonly #getHeader = (hash: Uint8Array) => this.find(hash)?.header.header;

  #lay(transactions: readonly SignedTransaction[], ms: number) {
    const parent = this.#last;
    return draftBlock(transactions, {
      rules: RULES,
      parent: parent.header,
      state: parent.state,
      getHeader: this.#getHeader,
      workHashAt: createWorkHashes(parent),
      time: Math.max(computeHeaderTime(ms), parent.header.header.time + 1),
      miner: MINER,
    });
  }
}

function findWork(header: Header, isWanted: (workHash: Uint8Array) => boolean): Header {
  for (let search = 0; search < SEARCHES; search++) {
    const mined = mineHeader(header, BigInt(search) * APART, TRIES, RULES.parameters);
    if (mined === undefined) break;
    if (isWanted(proofOfWorkHash(mined, RULES.parameters))) return mined;
  }
  throw new Error("no work was found");
}
