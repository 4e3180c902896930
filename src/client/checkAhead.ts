import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { decodeBlock } from "../blocks/block.ts";
import { type ChainTip, createClaimedTip, judgeLink } from "../blocks/validateBlock.ts";
import type { Header } from "../chain/header/header.ts";
import { equalBytes } from "../lib/bytes.ts";
import { encode } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import type { Rules } from "../protocol/rules.ts";
import { type CheckedBlock, checkDecoded } from "./checkBlock.ts";

/** A block that is to be checked before those that come before it are. */
export type ServedBlock = {
  readonly bytes: Uint8Array;
  readonly chain: ChainFacts;
  /** A main-chain header of the best chain, by its hash. */
  readonly mainHeader: (hash: Uint8Array) => Header | undefined;
};

/**
 * What was found of a block by itself.
 *
 * - `subject`: names what was checked, 32 bytes; see `nameSubject`.
 * - `held`: what it shows after the tip that it claims to follow; undefined where it breaks a rule.
 */
export type CheckAhead<Held = CheckedBlock> = {
  readonly subject: Uint8Array;
  readonly held: Held | undefined;
};

/** Check a block after the tip that its own header claims, whatever that is worth. */
export function checkAhead({ bytes, chain, mainHeader }: ServedBlock, rules: Rules): CheckAhead {
  const subject = nameSubject({ bytes, chain }, rules);
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return { subject, held: undefined };
  const { value: block } = decoded;
  const checked = checkDecoded(block, createClaimedTip(block.header), { rules, chain, mainHeader });
  return { subject, held: checked.ok ? checked.value : undefined };
}

/** What a block shows after `tip`, if the check ahead is of this block, held, and the block follows on that tip. */
export function confirmAhead(
  { subject, held }: CheckAhead,
  block: Pick<ServedBlock, "bytes" | "chain">,
  tip: ChainTip,
  rules: Rules,
): CheckedBlock | undefined {
  if (held === undefined || !equalBytes(subject, nameSubject(block, rules))) return undefined;
  return judgeLink(held.block.header, tip).ok ? held : undefined;
}

/** 32 bytes that stand for these bytes as a block of this chain on this network, and for nothing else. */
export function nameSubject(
  { bytes, chain }: Pick<ServedBlock, "bytes" | "chain">,
  rules: Pick<Rules, "networkId">,
): Uint8Array {
  const { id, operator, lo, hi, expiry } = chain;
  return sha256(
    encode((writer) => {
      writer.fixed(rules.networkId, 32).fixed(id, 32).fixed(operator, 33);
      writer.u64(lo).u64(hi).u32(expiry).fixed(sha256(bytes), 32);
    }),
  );
}
