import { encode } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { type ContractNew, writeContractNew } from "./contractNew.ts";
import { TAGS } from "./tags.ts";

/** Key of an account in the main chain's state. `owner` is a 33-byte compressed key. */
export function computeAccountKey(owner: Uint8Array): Uint8Array {
  return taggedHash(TAGS.accountKey, owner);
}

/** Id of a chain made on the main chain by `creator`'s transaction with account nonce `nonce`. */
export function computeChainId(creator: Uint8Array, nonce: number): Uint8Array {
  return taggedHash(
    TAGS.chainId,
    encode((writer) => writer.fixed(creator, 33).u32(nonce)),
  );
}

/** Id of an oracle made by `creator`'s transaction with account nonce `nonce`. */
export function computeOracleId(creator: Uint8Array, nonce: number): Uint8Array {
  return taggedHash(
    TAGS.oracleId,
    encode((writer) => writer.fixed(creator, 33).u32(nonce)),
  );
}

/** Key of a payment: who paid whom (33 bytes each) with which 32-byte reference. */
export function computePaymentKey(
  payer: Uint8Array,
  payee: Uint8Array,
  reference: Uint8Array,
): Uint8Array {
  return taggedHash(
    TAGS.paymentKey,
    encode((writer) => writer.fixed(payer, 33).fixed(payee, 33).fixed(reference, 32)),
  );
}

/** Key of a recorded secret: a hash of the secret itself, so a condition can name it before it is known. */
export function computeSecretKey(secret: Uint8Array): Uint8Array {
  return taggedHash(TAGS.secretKey, secret);
}

/** Key of plain 32 bytes in the existence map, one for each signer, so that nobody can take another's. */
export function computePlainKey(signer: Uint8Array, hash: Uint8Array): Uint8Array {
  return taggedHash(TAGS.plainKey, signer, hash);
}

/**
 * Payment reference of a purchase from the operator: the contract-new without its paid condition
 * (its other conditions stay), and the hash of the block before the one that makes it.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function computePurchaseReference(
  previousBlock: Uint8Array,
  unpaid: ContractNew,
): Uint8Array {
  return taggedHash(
    TAGS.purchase,
    encode((writer) => {
      writer.fixed(previousBlock, 32);
      writeContractNew(writer, unpaid);
    }),
  );
}

/**
 * Payment reference of a sale between holders: all closes sold together (contract id and successors
 * without the sale's condition, in order) and the block they name.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function computeSaleReference(
  seenBlock: Uint8Array,
  closes: readonly {
    readonly contractId: Uint8Array;
    readonly successors: readonly ContractNew[];
  }[],
): Uint8Array {
  return taggedHash(
    TAGS.sale,
    encode((writer) => {
      writer.fixed(seenBlock, 32);
      writer.list(closes, 64, (each, close) => {
        each.fixed(close.contractId, 32);
        each.list(close.successors, 64, writeContractNew);
      });
    }),
  );
}
