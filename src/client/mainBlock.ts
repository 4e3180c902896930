import { computeTxsHash, decodeMainBlock, type MainBlock } from "../chain/block.ts";
import { hashHeader } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import type { MainChain } from "./mainChain.ts";
import { SourceError } from "./ports.ts";

/**
 * A main-chain block under a header that was checked, from the first node whose bytes are those that the header
 * commits to. Rejects with a `SourceError` where no node has them.
 */
export async function readMainBlock(
  { hash }: HeaderState,
  mainChain: Pick<MainChain, "ask" | "book">,
): Promise<MainBlock> {
  const { blockBytesMax } = mainChain.book().parameters;
  const read = await mainChain.ask(async (source) => {
    return judgeMainBlock(await source.block(hash), hash, blockBytesMax);
  });
  if (read?.ok) return read.value;
  throw new SourceError("BAD_ANSWER", read?.message ?? "no main-chain node has the block");
}

function judgeMainBlock(bytes: Uint8Array, hash: Uint8Array, bytesMax: number): Verdict<MainBlock> {
  const block = decodeMainBlock(bytes, bytesMax);
  if (!block.ok) return block;
  const { header } = block.value;
  const isIt =
    equalBytes(hashHeader(header), hash) &&
    equalBytes(computeTxsHash(block.value), header.txsProofHash);
  return isIt ? block : refuse("OTHER_BLOCK", "a node served other transactions than were mined");
}
