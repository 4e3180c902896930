import { Refusal } from "../lib/verdict.ts";
import { isPlainText } from "./plainText.ts";

/** Most letters of a chain's name. */
const LABEL_LETTERS_MAX = 40;

/** The name that an operator gives his chain, for people: his word alone, and plain text. Empty for none. */
export function readLabel(label: unknown): string {
  if (!isPlainText(label, LABEL_LETTERS_MAX)) {
    throw new Refusal(
      "NOT_A_LABEL",
      `expected a name of at most ${LABEL_LETTERS_MAX} letters without control characters or blanks around it`,
    );
  }
  return label;
}
