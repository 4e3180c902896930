import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { readAccountRecord } from "../chain/state/accountRecord.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { encodeTransaction, encodeUnsigned } from "../chain/transaction.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader } from "../lib/codec.ts";
import { demand, insist, type Verdict } from "../lib/verdict.ts";
import { computeAccountKey, computeChainId } from "../protocol/keys.ts";
import { rowKey } from "./engine/rowKey.ts";
import { OPERATOR_FEE } from "./mainChainLink.ts";
import type { NodePort } from "./nodePort.ts";
import type { NewChain } from "./parseFlags.ts";
import type { SignerService } from "./signer/signerService.ts";
import type { RowStore } from "./store/rowStore.ts";

/** What making a chain needs. `nextTip` resolves after the next main-chain block. */
export type ChainOpening = {
  readonly store: RowStore;
  readonly node: NodePort;
  readonly signer: SignerService;
  readonly operator: Uint8Array;
  readonly create: NewChain | undefined;
  readonly nextTip: () => Promise<void>;
  /** Ask a local network's faucet; undefined where money has to come from elsewhere. */
  readonly requestCoins: (() => Promise<Verdict<null>>) | undefined;
};

/**
 * The chain that this data directory belongs to. If there is none yet, one is made: its signed
 * transaction is on disk before it is sent, so that a crash in between makes no second chain.
 */
export async function openChain(opening: ChainOpening): Promise<ChainFacts> {
  const kept = await opening.store.get(rowKey.chain);
  const pending = kept === undefined ? await draftChain(opening) : readPending(kept);
  for (;;) {
    const facts = await findChain(opening, pending.chainId);
    if (facts !== undefined) return facts;
    const sent = await opening.node.send(pending.transaction);
    if (!sent.ok && sent.code !== "NONCE_USED") {
      throw new Error(`the main chain refuses to make the chain: ${sent.message}`);
    }
    await opening.nextTip();
  }
}

type PendingChain = { readonly chainId: Uint8Array; readonly transaction: Uint8Array };

const TRANSACTION_BYTES_MAX = 1_024;

/** Encode: chain id 32, transaction bytes. */
function encodePending({ chainId, transaction }: PendingChain): Uint8Array {
  return encode((writer) => writer.fixed(chainId, 32).bytes(transaction, TRANSACTION_BYTES_MAX));
}

function readPending(bytes: Uint8Array): PendingChain {
  const pending = decode(bytes, (reader) => ({
    chainId: reader.fixed(32),
    transaction: reader.bytes(TRANSACTION_BYTES_MAX),
  }));
  if (!pending.ok) throw new Error(`the row of the chain is damaged: ${pending.message}`);
  return pending.value;
}

async function draftChain(opening: ChainOpening): Promise<PendingChain> {
  const { store, signer, operator, create } = opening;
  if (create === undefined) {
    throw new Error("this data directory has no chain yet: start with --create");
  }
  const nonce = (await waitForMoney(opening, create.amount + 100n * OPERATOR_FEE)) + 1;
  const body = { kind: "sortition-new", operator, ...create } as const;
  const transaction = { from: operator, nonce, fee: OPERATOR_FEE, body };
  const signed = insist(
    await signer.sign({ purpose: "signTransaction", body: encodeUnsigned(transaction) }),
  );
  const pending = {
    chainId: computeChainId(operator, nonce),
    transaction: encodeTransaction({ transaction, signature: signed }),
  };
  await store.commit([{ kind: "put", key: rowKey.chain, value: encodePending(pending) }]);
  return pending;
}

/** The account's nonce once it has the money. */
async function waitForMoney(opening: ChainOpening, amount: bigint): Promise<number> {
  const { node, operator, requestCoins, nextTip } = opening;
  for (;;) {
    const account = await readValue(
      node,
      "accounts",
      computeAccountKey(operator),
      readAccountRecord,
    );
    if (account !== undefined && account.balance >= amount) return account.nonce;
    // A refusal means that coins are on their way, or that it is too soon to ask again.
    await requestCoins?.();
    await nextTip();
  }
}

async function findChain(
  { node, operator }: ChainOpening,
  chainId: Uint8Array,
): Promise<ChainFacts | undefined> {
  const record = await readValue(node, "chains", chainId, readChainRecord);
  if (record === undefined) return undefined;
  demand(equalBytes(record.operator, operator), "OTHER_OPERATOR", "the chain is not this signer's");
  const { id, lo, hi, expiry } = record;
  return { id, operator, lo, hi, expiry };
}

async function readValue<Record>(
  node: NodePort,
  map: "accounts" | "chains",
  key: Uint8Array,
  read: (reader: Reader) => Record,
): Promise<Record | undefined> {
  const { values } = await node.read([{ map, key }], await node.tip());
  const [bytes] = values;
  return bytes === undefined ? undefined : insist(decode(bytes, read));
}
