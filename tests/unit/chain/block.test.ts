import { describe, expect, it } from "vitest";
import {
  decodeMainBlock,
  encodeMainBlock,
  type MainBlock,
  TRANSACTIONS_MAX,
} from "../../../src/chain/block.ts";
import { encodeTransaction, type SignedTransaction } from "../../../src/chain/transaction.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { bytesOf, GENESIS, type Person, people, sign } from "../node/nodeLab.ts";

const { blockBytesMax } = LOCAL_NETWORK;
const [alice] = people as [Person];

function blockOf(transactions: readonly SignedTransaction[]): MainBlock {
  return { ...GENESIS.block, transactions };
}

describe("a block", () => {
  it("of the shortest transactions there are comes back from its bytes, up to its limit", () => {
    const entry = { kind: "secret", secret: Uint8Array.of(1) } as const;
    const shortest = sign(alice, 1, 5n, { kind: "existence", entry });
    const size = 4 + bytesOf(shortest).length;
    expect(TRANSACTIONS_MAX).toBe(Math.floor(blockBytesMax / size));
    for (const count of [1, Math.floor((blockBytesMax - 143 - 33 - 2) / size)]) {
      const block = blockOf(new Array<SignedTransaction>(count).fill(shortest));
      const bytes = encodeMainBlock(block, blockBytesMax);
      const decoded = decodeMainBlock(bytes, blockBytesMax);
      expect(decoded.ok ? decoded.value.transactions.length : decoded.code).toBe(count);
      const last = decoded.ok ? decoded.value.transactions.at(-1) : undefined;
      expect(last && encodeTransaction(last)).toEqual(bytesOf(shortest));
    }
  });

  it("of too many bytes, or that says it holds what it does not, is refused", () => {
    const long = new Uint8Array(blockBytesMax + 1);
    expect(decodeMainBlock(long, blockBytesMax)).toMatchObject({ code: "TOO_LONG" });
    const bytes = encodeMainBlock(blockOf([]), blockBytesMax);
    bytes.set([0xff, 0xff], 143 + 33);
    expect(decodeMainBlock(bytes, blockBytesMax).ok).toBe(false);
    bytes.set([0, 1], 143 + 33);
    expect(decodeMainBlock(bytes, blockBytesMax)).toMatchObject({ code: "TRUNCATED" });
  });
});
