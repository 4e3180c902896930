import type { BlockEffects, CheckerContext } from "../blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../blocks/block.ts";
import { type CloseDeadline, computeDeadlines } from "../blocks/history.ts";
import { type BlockFailure, type ChainTip, validateBlock } from "../blocks/validateBlock.ts";

/** A served block that holds: what it is, the tip after it, what it changed, until when its closes count. */
export type CheckedBlock = {
  readonly block: SortitionBlock;
  readonly tip: ChainTip;
  readonly effects: BlockEffects;
  readonly deadlines: readonly CloseDeadline[];
};

/** Check served bytes as the block after `tip`. Bytes that are no block are nobody's fault: no signature stands behind them. */
export function checkBlock(
  bytes: Uint8Array,
  tip: ChainTip,
  context: CheckerContext,
): { readonly ok: true; readonly value: CheckedBlock } | BlockFailure {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return { ...decoded, transactionIndex: undefined, blame: "nobody" };
  return checkDecoded(decoded.value, tip, context);
}

/** The same of a block that is decoded already. */
export function checkDecoded(
  block: SortitionBlock,
  tip: ChainTip,
  context: CheckerContext,
): { readonly ok: true; readonly value: CheckedBlock } | BlockFailure {
  const checked = validateBlock(block, tip, context);
  if (!checked.ok) return checked;
  const deadlines = computeDeadlines(block, checked.value.effects);
  if (!deadlines.ok) return { ...deadlines, transactionIndex: undefined, blame: "operator" };
  return { ok: true, value: { block, ...checked.value, deadlines: deadlines.value } };
}
