import { equalBytes } from "../../lib/bytes.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { ConditionSide } from "../../protocol/place.ts";

/**
 * Whether every condition on a path is shown, and comes out on the path's side: yes if it is true, no
 * if it is not.
 *
 * @param bodies - the conditions whole, in the path's order.
 * @param isTrue - how one comes out by the main chain's state.
 */
export function judgeConditions(
  path: readonly ConditionSide[],
  bodies: readonly Condition[],
  isTrue: (condition: Condition) => boolean,
): Verdict<null> {
  return judge(() => {
    insist(judgeBodies(path, bodies));
    path.forEach(({ side }, index) => {
      demand(
        isTrue(bodies[index] as Condition) === side,
        "CONDITION_AGAINST",
        `condition ${index} on the path came out against the contract`,
      );
    });
    return null;
  });
}

/** Whether these are the conditions on a path, whole and in its order, however they come out. */
export function judgeBodies(
  path: readonly ConditionSide[],
  bodies: readonly Condition[],
): Verdict<null> {
  return judge(() => {
    demand(
      path.length === bodies.length,
      "WRONG_CONDITIONS",
      `expected the bodies of ${path.length} conditions, got ${bodies.length}`,
    );
    path.forEach(({ level, hash }, index) => {
      const body = bodies[index] as Condition;
      demand(
        body.level === level && equalBytes(hashCondition(body), hash),
        "OTHER_CONDITION",
        `condition ${index} shown is not the one on the path`,
      );
    });
    return null;
  });
}
