/** The rules of the protocol by their codes, as what an operator must do and this one did not. */
const rules: Readonly<Record<string, string>> = {
  OCCUPIED: "No two contracts may stand on the same space",
  SPACE_NOT_FREE: "Space that is given up goes only to whom its owner named",
  OUT_OF_SPACE: "A contract must lie inside its chain",
  EQUIVOCATION: "There is one block for each height, and he signed two",
  NOT_LINKED: "Each block must name the one served before it",
  WRONG_HEIGHT: "No block may be left out",
  WRONG_STATE_BEFORE: "A block must begin where the one before it ended",
  WRONG_STATE_AFTER: "A block must end in what its transactions lead to",
  MAIN_HEIGHT_FELL: "A block may not look further back than the one before it",
  NOT_HISTORY: "Each post must be of a block after the one posted before",
  RUN_TOO_LONG: "At most 64 blocks may lie between two posts",
  NO_SUCH_CONTRACT: "Only a contract that stands can be closed or sealed",
  CLOSED_WHERE_MADE: "A contract is not closed in the block that made it",
  SUCCESSOR_MISSING: "What a close gives its owner must be made in the same block",
  SUCCESSOR_TOO_EARLY: "What a close gives its owner is made after the close",
  BAD_SIGNATURE: "A contract is given up or sealed only by its owner’s signature",
  OTHER_BLOCK_SEEN: "A close counts only after the very block that its owner had checked",
  CLOSE_TOO_LATE: "A close counts only up to the height that its owner named",
  CONDITION_HOLDS: "A contract is void only if its condition came out against it",
  NOT_FINAL: "A contract is void only once its condition can no longer change",
  NOT_CONFIRMED: "A contract is void only under enough confirmations",
  SEALED: "A contract that became a chain stays one",
  SEQUENCE_GAP: "The posts of a chain inside follow each other without a gap",
  POSTED_TWICE: "A chain inside posts once in a block",
  POST_TURNED_BACK: "The last post of a chain inside stays until that chain posts again",
  GONE_WITHOUT_CLOSE: "A contract stands until its owner gives it up",
};

/** A rule in words; its code where no words are known for it. */
export function describeRule(code: string): string {
  return rules[code] ?? `The rule ${code}`;
}
