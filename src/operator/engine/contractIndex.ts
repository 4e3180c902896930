import type { BlockEffects } from "../../blocks/applyTransactions.ts";
import type { SortitionBlock } from "../../blocks/block.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { Place } from "../../protocol/place.ts";
import { hashScript, TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../../protocol/script.ts";

/** A contract that stands in the tree. */
export type LiveContract = { readonly leaf: Leaf; readonly place: Place };

/**
 * The tree's contracts by id (hex), and the bodies of scripts and conditions by hash (hex). It holds
 * nothing that does not follow from the blocks.
 */
export type ContractIndex = {
  readonly live: Map<string, LiveContract>;
  /** Of contracts that are gone, the height of the block that took them out. */
  readonly gone: Map<string, number>;
  /** Ids of the contracts of one cell, by the decimal of its start. */
  readonly byStart: Map<string, Set<string>>;
  /** Ids of the contracts of one owner. */
  readonly byOwner: Map<string, Set<string>>;
  /** Contracts on the paid side of a payment that has not been seen to be made. */
  readonly unpaid: Map<string, LiveContract>;
  readonly conditions: Map<string, Condition>;
  readonly scripts: Map<string, Uint8Array>;
};

/** The index of a chain without blocks. */
export function createContractIndex(): ContractIndex {
  return {
    live: new Map(),
    gone: new Map(),
    byStart: new Map(),
    byOwner: new Map(),
    unpaid: new Map(),
    conditions: new Map(),
    scripts: new Map([[formatHex(TRUE_SCRIPT_HASH), TRUE_SCRIPT]]),
  };
}

/** Take what a block did into the index. */
export function indexBlock(
  index: ContractIndex,
  block: Pick<SortitionBlock, "header" | "scripts" | "conditions">,
  effects: BlockEffects,
): void {
  for (const script of block.scripts) index.scripts.set(formatHex(hashScript(script)), script);
  for (const body of block.conditions) index.conditions.set(formatHex(hashCondition(body)), body);
  for (const { leaf, place } of [...effects.closed, ...effects.swept]) {
    const id = formatHex(leaf.id);
    index.live.delete(id);
    index.gone.set(id, block.header.height);
    index.unpaid.delete(id);
    removeFrom(index.byStart, place.lo.toString(), id);
    removeFrom(index.byOwner, formatHex(leaf.owner), id);
  }
  for (const { leaf, place } of effects.made) {
    const id = formatHex(leaf.id);
    const contract = { leaf, place };
    index.live.set(id, contract);
    addTo(index.byStart, place.lo.toString(), id);
    addTo(index.byOwner, formatHex(leaf.owner), id);
    if (findPaymentSide(index, place) !== undefined) index.unpaid.set(id, contract);
  }
  for (const { leaf, place } of effects.sealed) index.live.set(formatHex(leaf.id), { leaf, place });
}

/** The first condition of a place that is a payment on whose paid side it stands, and its index there. */
function findPaymentSide(
  index: ContractIndex,
  place: Place,
): { readonly conditionIndex: number; readonly condition: Condition } | undefined {
  for (const [conditionIndex, { hash, side }] of place.conditions.entries()) {
    const condition = index.conditions.get(formatHex(hash));
    if (side && condition?.facts[0]?.kind === "payment") return { conditionIndex, condition };
  }
  return undefined;
}

/** The contracts that stand in the same cell under all of `place`'s conditions. */
export function contractsUnder(index: ContractIndex, place: Place): LiveContract[] {
  const ids = index.byStart.get(place.lo.toString()) ?? new Set<string>();
  const there: LiveContract[] = [];
  for (const id of ids) {
    const contract = index.live.get(id);
    if (contract === undefined) continue;
    const { conditions } = contract.place;
    const isUnder = place.conditions.every((condition, position) => {
      const other = conditions[position];
      return (
        other !== undefined &&
        other.side === condition.side &&
        formatHex(other.hash) === formatHex(condition.hash)
      );
    });
    if (isUnder) there.push(contract);
  }
  return there;
}

/** Whether anybody but `owner` has a contract over a point of the space, under whatever conditions. */
export function isHeldByOthers({ live }: ContractIndex, owner: Uint8Array, point: bigint): boolean {
  for (const { leaf } of live.values()) {
    if (leaf.lo <= point && point < leaf.hi && !equalBytes(leaf.owner, owner)) return true;
  }
  return false;
}

/** Plain space: no conditions, the constant true as its script, and no chain of its own. */
export function isCash({ leaf, place }: LiveContract): boolean {
  const isTrue = formatHex(leaf.scriptHash) === formatHex(TRUE_SCRIPT_HASH);
  return place.conditions.length === 0 && isTrue && !leaf.sealed;
}

function addTo(map: Map<string, Set<string>>, key: string, id: string): void {
  const ids = map.get(key) ?? new Set<string>();
  ids.add(id);
  map.set(key, ids);
}

function removeFrom(map: Map<string, Set<string>>, key: string, id: string): void {
  const ids = map.get(key);
  ids?.delete(id);
  if (ids?.size === 0) map.delete(key);
}
