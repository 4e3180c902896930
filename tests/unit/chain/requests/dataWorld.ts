import type { ChainContent, ChainFacts } from "../../../../src/blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../../../src/blocks/block.ts";
import { postMapRoot } from "../../../../src/blocks/postMap.ts";
import {
  type ChallengeRecord,
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../../../../src/chain/challenges/challengeRecord.ts";
import { createGasMeter } from "../../../../src/chain/gasMeter.ts";
import type { DataAnswer, DataRequest } from "../../../../src/chain/requests/dataMessages.ts";
import {
  type DataRecord,
  NO_REQUESTS,
  type OpenRequest,
  readDataRecord,
} from "../../../../src/chain/requests/dataRecord.ts";
import {
  computeDataKey,
  computeRequestId,
  type DataTarget,
} from "../../../../src/chain/requests/dataTarget.ts";
import type { ChainRecord } from "../../../../src/chain/state/chainRecord.ts";
import {
  credit,
  EMPTY_STATE,
  getAccount,
  getRecord,
  type MainState,
} from "../../../../src/chain/state/mainState.ts";
import {
  encodeUnsigned,
  type SignedTransaction,
  type TransactionBody,
} from "../../../../src/chain/transaction.ts";
import { applyTransaction } from "../../../../src/chain/txs/applyTransaction.ts";
import { insist } from "../../../../src/lib/verdict.ts";
import type { BlockHeader } from "../../../../src/protocol/blockHeader.ts";
import { computeChainId } from "../../../../src/protocol/keys.ts";
import { BLOCK_GAS_MAX } from "../../../../src/protocol/limits.ts";
import { LOCAL_NETWORK } from "../../../../src/protocol/network.ts";
import { encodePost } from "../../../../src/protocol/post.ts";
import { createRules } from "../../../../src/protocol/rules.ts";
import { provePath } from "../../../../src/space/proof.ts";
import {
  alice,
  bob,
  CHAIN,
  ChainLab,
  hashName,
  mallory,
  oscar,
  type Person,
  sign,
} from "../../blocks/chainLab.ts";

const RULES = createRules(LOCAL_NETWORK);
export const PARAMETERS = LOCAL_NETWORK;
export const VEO = 100_000_000n;
const PRIZE = 1_000n * VEO;
const RICH = 100_000n * VEO;

/** The last height at which anything may be asked, and the first of a claim. */
export const EXPIRY = 100;
export const CLAIMS = EXPIRY + PARAMETERS.drawBlocks + 1;

type PostedState = ChainContent & { readonly header: BlockHeader };

/** Oscar's chain on a main chain that takes one transaction at a time, at the height that the test sets. */
export class DataWorld {
  readonly lab: ChainLab;
  readonly top: DataTarget;
  /** Satoshi that miners were paid, and that nobody got. */
  miners = 0n;
  height = 10;
  state: MainState;
  /** Hashes posted, in order. */
  readonly posted: Uint8Array[] = [];
  readonly #states: PostedState[] = [];

  constructor(depositBps = 1_000, createLab = (facts: ChainFacts) => new ChainLab(facts)) {
    this.state = [oscar, alice, bob, mallory].reduce(
      (state, { publicKey }) => credit(state, publicKey, RICH),
      EMPTY_STATE,
    );
    const id = computeChainId(oscar.publicKey, 1);
    this.lab = createLab({ ...CHAIN, id, hi: PRIZE, expiry: EXPIRY });
    this.top = { topId: id, chainId: id, operator: oscar.publicKey };
    const { claimDelayMin: claimDelay, disputeDelayMin: disputeDelay } = PARAMETERS;
    const operator = oscar.publicKey;
    const terms = { amount: PRIZE, expiry: EXPIRY, depositBps, claimDelay, disputeDelay };
    this.must(oscar, { kind: "sortition-new", operator, ...terms });
  }

  sign(who: Person, body: TransactionBody, fee = 0n): SignedTransaction {
    const nonce = getAccount(this.state, who.publicKey).nonce + 1;
    const transaction = { from: who.publicKey, nonce, fee, body };
    const signature = sign(who, "signTransaction", encodeUnsigned(transaction));
    return { transaction, signature };
  }

  /** What the main chain says to a transaction; it is done if it holds. */
  do(who: Person, body: TransactionBody): string {
    const signed = this.sign(who, body);
    const place = {
      rules: RULES,
      height: this.height,
      index: 0,
      gas: createGasMeter(BLOCK_GAS_MAX),
      workHashAt: () => hashName("work"),
    };
    const applied = applyTransaction(this.state, signed, place);
    if (!applied.ok) return applied.code;
    this.state = applied.value.state;
    this.miners += applied.value.minerFee;
    return "holds";
  }

  must(who: Person, body: TransactionBody): void {
    const said = this.do(who, body);
    if (said !== "holds") throw new Error(`expected ${body.kind} to hold, got ${said}`);
  }

  /** Oscar posts the last block he made. */
  post(): number {
    const blockHash = this.lab.tip.hash;
    const { header } = this.lab.blocks.at(-1) as SortitionBlock;
    this.posted.push(blockHash);
    this.#states.push({ ...this.lab.content, header });
    const sequence = this.posted.length;
    const place = { kind: "mainChain" } as const;
    const post = { place, chainId: this.top.chainId, sequence, blockHash };
    const signature = sign(oscar, "signPost", encodePost(post));
    const entry = { kind: "post", post, signer: oscar.publicKey, signature } as const;
    this.must(oscar, { kind: "existence", entry });
    return sequence;
  }

  request(sequence: number, change: Partial<DataRequest> = {}): DataRequest {
    const { topId, operator } = this.top;
    const path = [{ id: topId, operator }];
    const subject = {
      kind: "blocks",
      after: [],
      have: this.posted[sequence - 2] ?? topId,
    } as const;
    return { topId, sequence, isSwitched: false, path, hops: [], subject, ...change };
  }

  /** Ask, and the id of the request if it holds. */
  ask(who: Person, request: DataRequest): { said: string; id: Uint8Array } {
    const id = computeRequestId(who.publicKey, getAccount(this.state, who.publicKey).nonce + 1);
    return { said: this.do(who, { kind: "data-request", request }), id };
  }

  answer(who: Person, requestId: Uint8Array, answer: DataAnswer, target = this.top): string {
    const response = { target, requestId, space: undefined, answer };
    return this.do(who, { kind: "data-response", response });
  }

  /** The block of this height as an answer. */
  blockAnswer(height: number): DataAnswer {
    const block = this.lab.blocks[height - 1];
    if (block === undefined) throw new Error(`no block ${height}`);
    return { kind: "block", bytes: encodeBlock(block) };
  }

  /** What stands at a coordinate in the state after a post, as an answer. */
  proofAnswer(at: bigint, sequence = this.posted.length): DataAnswer {
    const { tree, posts, header } = this.#states[sequence - 1] as PostedState;
    const path = insist(provePath(tree, { at, conditions: [] }));
    return { kind: "proof", header, rootsRoot: postMapRoot(posts), path };
  }

  slash(who: Person, requestId: Uint8Array, target = this.top): string {
    return this.do(who, { kind: "data-slash", slash: { target, requestId } });
  }

  record(target = this.top): DataRecord {
    return getRecord(this.state, "requests", computeDataKey(target), readDataRecord) ?? NO_REQUESTS;
  }

  challenges(target = this.top): ChallengeRecord {
    const key = computeChallengeKey(target);
    return getRecord(this.state, "requests", key, readChallengeRecord) ?? NO_CHALLENGES;
  }

  open(id: Uint8Array): OpenRequest | undefined {
    return this.record().open.find((each) => each.id.every((byte, index) => byte === id[index]));
  }

  balance({ publicKey }: Person): bigint {
    return getAccount(this.state, publicKey).balance;
  }

  /** All satoshi there are: in accounts, in deposits, with the miners, and `locked` in the chain. */
  total(locked: Pick<ChainRecord, "amount"> | undefined = { amount: PRIZE }): bigint {
    const people = [oscar, alice, bob, mallory].reduce((sum, each) => sum + this.balance(each), 0n);
    const deposits = [...this.record().open, ...this.challenges().open].reduce(
      (sum, { deposit }) => sum + deposit,
      0n,
    );
    return people + deposits + this.miners + (locked?.amount ?? 0n);
  }
}
