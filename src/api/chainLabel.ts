import { Refusal } from "../lib/verdict.ts";

/** Most letters of a chain's name. */
const LABEL_LETTERS_MAX = 40;

/**
 * The name that an operator gives his chain, for people: his word alone. Empty for none; no control, format
 * or unassigned characters, which could dress it up as something else, and no blanks at its ends.
 */
export function readLabel(label: unknown): string {
  const isText = typeof label === "string" && label.length <= 4 * LABEL_LETTERS_MAX;
  if (!isText || [...label].length > LABEL_LETTERS_MAX || /[\p{C}\p{Zl}\p{Zp}]/u.test(label)) {
    throw new Refusal(
      "NOT_A_LABEL",
      `expected a name of at most ${LABEL_LETTERS_MAX} letters without control characters`,
    );
  }
  if (label !== label.trim()) throw new Refusal("NOT_A_LABEL", "expected no blanks around a name");
  return label;
}
