import { decodeBlock } from "../../src/blocks/block.ts";
import { encodeTransaction, encodeUnsigned } from "../../src/chain/transaction.ts";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { insist } from "../../src/lib/verdict.ts";
import { OPERATOR_FEE } from "../../src/operator/mainChainLink.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { encodePost } from "../../src/protocol/post.ts";
import type { Story } from "./footballStory.ts";
import { keyOf, OPERATOR_URL, RULES } from "./localWorld.ts";

/**
 * From now on the operator of the chain on the main chain does nothing but lie: after his blocks so far he serves
 * `blocks`, whatever they are, and posts `hash` on the main chain as what comes next. It is recorded in the next block.
 */
export async function turnLiar(
  { world }: Pick<Story, "world">,
  blocks: readonly Uint8Array[],
  hash: Uint8Array,
): Promise<void> {
  const { operator } = world;
  const { state } = operator;
  const { chain } = state;
  const height = operator.publishedHeight();
  await operator.close();
  const served = (at: number) => blocks[at - height - 1];
  const liar = {
    ...operator,
    publishedHeight: () => height + blocks.length,
    block: async (at: number) => served(at) ?? operator.block(at),
    findBlock: async (wanted: Uint8Array) => {
      const isIt = (bytes: Uint8Array) => {
        const block = decodeBlock(bytes);
        return block.ok && equalBytes(hashBlockHeader(block.value.header), wanted);
      };
      return blocks.find(isIt) ?? operator.findBlock(wanted);
    },
  };
  world.operator = liar;
  world.operators.set(OPERATOR_URL, { operator: liar, parent: undefined });
  const signer = createLocalSigner(keyOf(world.seed, "operator"), RULES.networkId);
  const sequence = (state.main?.recorded ?? 0) + 1;
  const post = {
    place: { kind: "mainChain" },
    chainId: chain.id,
    sequence,
    blockHash: hash,
  } as const;
  const signature = await signer.sign("signPost", encodePost(post));
  const from = signer.publicKey;
  const transaction = {
    from,
    nonce: world.node.nextNonce(from),
    fee: OPERATOR_FEE,
    body: { kind: "existence", entry: { kind: "post", post, signer: from, signature } },
  } as const;
  const signed = await signer.sign("signTransaction", encodeUnsigned(transaction));
  insist(world.node.submitTransaction(encodeTransaction({ transaction, signature: signed })));
}
