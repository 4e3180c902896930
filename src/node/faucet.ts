import { LOCAL_FAUCET_PRIVATE_KEY } from "../chain/localNetwork.ts";
import { encodeTransaction, encodeUnsigned } from "../chain/transaction.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { computeDigest, computePublicKey, signDigest } from "../protocol/signature.ts";
import type { MainNode } from "./node.ts";

/** What one request is given, in satoshi: enough to lock a chain of 1,000 VEO and pay its fees. */
const COINS_PER_REQUEST = 1_200n * 100_000_000n;
/** Blocks that a key waits for the next coins. */
const PAUSE_BLOCKS = 5;
const FEE = 10_000n;

/** The local network's faucet: a signed spend from the key that the genesis gave the coins to. */
export function createFaucet(node: MainNode): (publicKey: Uint8Array) => Verdict<null> {
  const from = computePublicKey(LOCAL_FAUCET_PRIVATE_KEY);
  const givenAt = new Map<string, number>();
  return (publicKey) => {
    if (publicKey.length !== 33 || (publicKey[0] !== 2 && publicKey[0] !== 3)) {
      return refuse("NOT_A_KEY", "expected a compressed public key of 33 bytes");
    }
    const { height } = node.tip().header.header;
    const last = givenAt.get(formatHex(publicKey));
    if (last !== undefined && height < last + PAUSE_BLOCKS) {
      return refuse("TOO_SOON", `this key can ask again at height ${last + PAUSE_BLOCKS}`);
    }
    const body = { kind: "spend", to: publicKey, amount: COINS_PER_REQUEST } as const;
    const transaction = { from, nonce: node.nextNonce(from), fee: FEE, body };
    const digest = computeDigest(
      "signTransaction",
      node.rules.networkId,
      encodeUnsigned(transaction),
    );
    const signature = signDigest(digest, LOCAL_FAUCET_PRIVATE_KEY);
    const sent = node.submitTransaction(encodeTransaction({ transaction, signature }));
    if (!sent.ok) return sent;
    givenAt.set(formatHex(publicKey), height);
    for (const [key, at] of givenAt) if (at + PAUSE_BLOCKS <= height) givenAt.delete(key);
    return accept(null);
  };
}
