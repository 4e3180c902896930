import { equalBytes } from "../../lib/bytes.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { computeNextDifficulty } from "./difficulty.ts";
import { type Header, hashHeader } from "./header.ts";
import type { GetHeader, HeaderState } from "./headerState.ts";
import type { HeaderRules } from "./networkRules.ts";
import { hasWork, UNCOVERED_NONCE_BYTES } from "./proofOfWork.ts";
import { sciToInteger } from "./sciNotation.ts";

/** The version of every header of our networks. */
export const HEADER_VERSION = 3;

/**
 * Judge a header of one of our networks as a child of `parent`: Amoveo's rules, and those that its
 * nodes leave out. Time is not held against a clock here.
 *
 * @returns The child's state, or the first rule it breaks.
 * @see docs/PROTOCOL.md section 2
 */
export function validateHeader(
  child: Header,
  parent: HeaderState,
  rules: HeaderRules,
  getHeader: GetHeader,
): Verdict<HeaderState> {
  return judge(() => {
    demand(
      child.version === HEADER_VERSION,
      "WRONG_VERSION",
      `expected version ${HEADER_VERSION}, got ${child.version}`,
    );
    demand(
      child.period === rules.periodTenths,
      "WRONG_PERIOD",
      `expected a period of ${rules.periodTenths}, got ${child.period}`,
    );
    demand(
      child.nonce.subarray(0, UNCOVERED_NONCE_BYTES).every((byte) => byte === 0),
      "NONCE_NOT_COVERED",
      `the first ${UNCOVERED_NONCE_BYTES} nonce bytes are not zero`,
    );
    return insist(validateAmoveoHeader(child, parent, rules, getHeader));
  });
}

/**
 * Judge a header of Amoveo's own chain as a child of `parent`: parent, height, difficulty and work.
 *
 * @see AMOVEO.md sections 2, 3
 */
export function validateAmoveoHeader(
  child: Header,
  parent: HeaderState,
  rules: HeaderRules,
  getHeader: GetHeader,
): Verdict<HeaderState> {
  return judge(() => {
    demand(
      equalBytes(child.previousHash, parent.hash),
      "UNKNOWN_PARENT",
      "the header does not name this parent",
    );
    const height = parent.header.height + 1;
    demand(child.height === height, "WRONG_HEIGHT", `expected ${height}, got ${child.height}`);
    const next = insist(computeNextDifficulty(parent, child.time, rules, getHeader));
    demand(
      child.difficulty === next.difficulty,
      "WRONG_DIFFICULTY",
      `expected difficulty ${next.difficulty}, got ${child.difficulty}`,
    );
    demand(hasWork(child, rules), "NOT_ENOUGH_WORK", `not above difficulty ${child.difficulty}`);
    return {
      header: child,
      hash: hashHeader(child),
      ewah: next.ewah,
      work: parent.work + sciToInteger(child.difficulty),
    };
  });
}
