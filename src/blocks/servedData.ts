import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, refuse, type Verdict } from "../lib/verdict.ts";
import { type BlockHeader, computeChainState, hashBlockHeader } from "../protocol/blockHeader.ts";
import type { Rules } from "../protocol/rules.ts";
import { verifyPath } from "../space/proof.ts";
import type { AskedPath, FoundCell } from "../space/tree.ts";
import type { ChainFacts } from "./applyTransactions.ts";
import { decodeBlock } from "./block.ts";
import { validateBlock } from "./validateBlock.ts";

/** What stands on a path in the state after a block: its header, the other half of that state, and the path's proof. */
export type ServedProof = {
  readonly header: BlockHeader;
  readonly rootsRoot: Uint8Array;
  readonly path: Uint8Array;
};

/**
 * Whether these bytes are the block of this hash, whole: every rule of a block that its own bytes
 * decide. The links to the block before are its reader's to check, as is what its void closes
 * lean on. A block that breaks a rule has no bytes that pass, and nobody but its operator can have
 * made it so: signature, scripts and proofs are held to it, though the hash leaves them out.
 *
 * @returns its header.
 * @see docs/PROTOCOL.md section 6, withheld data
 */
export function verifyServedBlock(
  bytes: Uint8Array,
  hash: Uint8Array,
  chain: ChainFacts,
  rules: Rules,
): Verdict<BlockHeader> {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return decoded;
  const { header } = decoded.value;
  if (!equalBytes(hashBlockHeader(header), hash)) {
    return refuse("OTHER_BLOCK", "these are the bytes of another block");
  }
  const before = {
    hash: header.previousHash,
    height: header.height - 1,
    state: header.stateBefore,
    mainHeight: header.mainHeight,
  };
  const held = validateBlock(decoded.value, before, { rules, chain, mainHeader: "believed" });
  return held.ok ? { ok: true, value: header } : held;
}

/** Whether a proof shows what stands on `asked` in the state after the block of this hash. */
export function verifyServedProof(
  { header, rootsRoot, path }: ServedProof,
  hash: Uint8Array,
  chain: Pick<ChainFacts, "lo" | "hi">,
  asked: AskedPath,
): Verdict<FoundCell> {
  return judge(() => {
    demand(
      equalBytes(hashBlockHeader(header), hash),
      "OTHER_BLOCK",
      "the header shown is not the posted block's",
    );
    const isRoot = (root: Uint8Array) =>
      equalBytes(computeChainState(root, rootsRoot), header.stateAfter);
    return insist(verifyPath(isRoot, chain.lo, chain.hi, asked, path));
  });
}
