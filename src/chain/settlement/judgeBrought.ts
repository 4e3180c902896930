import { judgeExactAuthority } from "../../blocks/applyTransactions.ts";
import { findBetOracles, isBelowResults, showConditions } from "../../blocks/betOracles.ts";
import type { CloseProof } from "../../blocks/closeProof.ts";
import { placesOutside, successorsOf } from "../../blocks/successors.ts";
import { readBlockTransaction } from "../../blocks/transaction.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { decode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { ContractClose } from "../../protocol/contractClose.ts";
import { type ContractNew, encodeContractNew } from "../../protocol/contractNew.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { Rules } from "../../protocol/rules.ts";
import { findLeaf, leavesWithin, type SpaceTree } from "../../space/tree.ts";
import { decodeWitness } from "../../space/witness.ts";

/**
 * What the other closes of a block are judged by.
 *
 * - `recordHeight`: of the post whose run holds them. - `resultHeight`: of an oracle's result, 0 while open.
 * - `isConditionTrue`: by the main chain's state, as of the expiry.
 */
export type BroughtContext = {
  readonly rules: Rules;
  readonly space: { readonly lo: bigint; readonly hi: bigint };
  readonly recordHeight: number;
  readonly resultHeight: (key: Uint8Array) => number;
  readonly isConditionTrue: (condition: Condition) => boolean;
};

/**
 * Whether all space that a shown close takes outside its own was free before, or given up by closes
 * that count as much as it does itself. Closes that take each other's space stand or fall together:
 * or whoever signed his half of a bet would lose it to a half that was never signed, or came too late.
 *
 * @param proof - one that `verifyCloseProof` has taken.
 * @see docs/PROTOCOL.md section 6, closes
 */
export function judgeBrought(proof: CloseProof, context: BroughtContext): Verdict<null> {
  return judge(() => {
    const shown = insist(decode(proof.close.transaction, readBlockTransaction));
    // A match gives nothing but what its own orders bring.
    if (shown.kind === "match") return null;
    const close = readClose(proof.close.transaction);
    if (placesOutside(close).length === 0) return null;
    const before = insist(openTree(proof.stateBefore.witness, context));
    const after = insist(openTree(proof.stateAfter.witness, context));
    const header = proof.run[proof.at];
    if (header === undefined) throw new Refusal("NO_SUCH_HEADER", "no header holds the close");
    const others = proof.others
      .map(({ transaction }) => readClose(transaction))
      .filter((other) =>
        countsAlone(other, { before, after, proof, previousHash: header.previousHash, context }),
      );
    demand(
      findTogether(before, [close, ...others]).includes(close),
      "NOT_BROUGHT",
      "a range that the close takes was not given up by a close that counts",
    );
    return null;
  });
}

function readClose(transaction: Uint8Array): ContractClose {
  const shown = insist(decode(transaction, readBlockTransaction));
  if (shown.kind !== "contract-close") throw new Refusal("NOT_A_CLOSE", "expected a close");
  return shown.close;
}

function openTree(witness: Uint8Array, { space }: BroughtContext): Verdict<SpaceTree> {
  return decodeWitness(witness, space.lo, space.hi);
}

/** Those of `closes` whose outside space is free before, or closed by others of them. */
function findTogether(before: SpaceTree, closes: readonly ContractClose[]): ContractClose[] {
  const kept = closes.filter((close) =>
    placesOutside(close).every(({ lo, hi }) => {
      const standing = leavesWithin(before, { lo, hi, conditions: [] });
      return (
        standing.ok &&
        standing.value.every(({ id }) => closes.some((each) => equalBytes(each.contractId, id)))
      );
    }),
  );
  return kept.length === closes.length ? kept : findTogether(before, kept);
}

type CountContext = {
  readonly before: SpaceTree;
  readonly after: SpaceTree;
  readonly proof: CloseProof;
  readonly previousHash: Uint8Array;
  readonly context: BroughtContext;
};

/** Whether a close counts, but for the space that it takes outside its own. */
function countsAlone(close: ContractClose, shown: CountContext): boolean {
  const standing = findLeaf(shown.before, close.place);
  const leaf = standing.ok ? standing.value : undefined;
  if (leaf === undefined || !equalBytes(leaf.id, close.contractId)) return false;
  return close.authorisation.kind === "void"
    ? isVoid(close, shown.context)
    : countsExactly(close, leaf, shown);
}

function isVoid({ place, authorisation: by }: ContractClose, context: BroughtContext): boolean {
  if (by.kind !== "void") return false;
  const named = place.conditions[by.conditionIndex];
  return (
    named !== undefined &&
    named.level === by.condition.level &&
    equalBytes(named.hash, hashCondition(by.condition)) &&
    context.isConditionTrue(by.condition) !== named.side
  );
}

function countsExactly(close: ContractClose, leaf: Leaf, shown: CountContext): boolean {
  const { after, proof, previousHash, context } = shown;
  const { rules, recordHeight, resultHeight } = context;
  const authority = { rules, previousHash, mainHeight: recordHeight };
  if (!judgeExactAuthority(close, leaf, authority).ok) return false;
  const successors = successorsOf(close);
  const stand = leavesWithin(after, close.place);
  const oracles = findBetOracles(close.place, successors, showConditions(proof.conditions));
  if (!stand.ok || !oracles.ok) return false;
  const made = successors.map((successor) => findMade(after, successor));
  return (
    made.every((each) => each !== undefined) &&
    stand.value.every(({ id }) => made.some((each) => each && equalBytes(each.id, id))) &&
    isBelowResults(recordHeight, oracles.value, resultHeight)
  );
}

/** The leaf that stands exactly as a successor is named; undefined if none does. */
function findMade(after: SpaceTree, successor: ContractNew): Leaf | undefined {
  const standing = findLeaf(after, successor.place);
  const leaf = standing.ok ? standing.value : undefined;
  if (leaf === undefined || leaf.sealed) return undefined;
  const { owner, depositBps, scriptHash } = leaf;
  const made = encodeContractNew({ place: successor.place, owner, depositBps, scriptHash });
  return equalBytes(made, encodeContractNew(successor)) ? leaf : undefined;
}
