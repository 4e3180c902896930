import { formatBase64 } from "../lib/base64.ts";
import { demand, Refusal } from "../lib/verdict.ts";

/** Most words of a source after macros: macros that double each other must end somewhere. */
const WORDS_MAX = 1 << 20;

/**
 * The words of a source: comments cut out, strings turned into `binary LENGTH BASE64`, macros
 * replaced. Throws a `Refusal`.
 *
 * @param source - each character one byte, code points 0 to 255.
 * @see CHALANG.md section 9, steps 1 to 6
 */
export function readSourceWords(source: string): readonly string[] {
  const spaced = removeComments(` ${source} \n`).replace(/[()[\]:;,]/g, " $& ");
  const words = replaceStrings(spaced)
    .split(/[ \t\n]+/)
    .filter((word) => word !== "");
  demand(words.length <= WORDS_MAX, "TOO_LONG", `expected at most ${WORDS_MAX} words`);
  return replaceWords(collectMacros(words), removeMacros(words));
}

/** Nothing is put in a comment's place, and comments are cut from strings too, as in the original. */
function removeComments(text: string): string {
  let kept = "";
  let from = 0;
  for (;;) {
    const start = indexOfComment(text, from);
    if (start < 0) return kept + text.slice(from);
    const end = text.indexOf(text[start] === "(" ? ")" : "\n", start);
    if (end < 0) throw new Refusal("COMMENT", `a comment at ${start} does not end`);
    kept += text.slice(from, start);
    from = end + 1;
  }
}

function indexOfComment(text: string, from: number): number {
  const opening = /[(%]/g;
  opening.lastIndex = from;
  return opening.exec(text)?.index ?? -1;
}

function replaceStrings(text: string): string {
  let replaced = "";
  let from = 0;
  for (;;) {
    const start = text.indexOf('." ', from);
    if (start < 0) return replaced + text.slice(from);
    const end = text.indexOf('"', start + 3);
    if (end < 0) throw new Refusal("STRING", "a string does not end");
    const bytes = Uint8Array.from(text.slice(start + 3, end), (char) => char.charCodeAt(0));
    replaced += `${text.slice(from, start)} binary ${bytes.length} ${formatBase64(bytes)} `;
    from = end + 1;
  }
}

/** The macros by name; a body may use those defined before it. */
function collectMacros(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const macros = new Map<string, readonly string[]>();
  let total = 0;
  for (let i = 0; i < words.length; i++) {
    const name = words[i + 1];
    if (words[i] !== "macro" || name === undefined) continue;
    if (macros.has(name)) throw new Refusal("NAME_TWICE", `the macro ${name} is defined twice`);
    const end = indexOfEnd(words, i + 2);
    const body = replaceWords(macros, words.slice(i + 2, end));
    total += body.length;
    demand(total <= WORDS_MAX, "TOO_LONG", `expected at most ${WORDS_MAX} words in macros`);
    macros.set(name, body);
    i = end;
  }
  return macros;
}

function removeMacros(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "macro") i = indexOfEnd(words, i + 1);
    else kept.push(words[i] as string);
  }
  return kept;
}

function replaceWords(
  macros: ReadonlyMap<string, readonly string[]>,
  words: readonly string[],
): readonly string[] {
  const replaced: string[] = [];
  for (const word of words) {
    const body = macros.get(word) ?? [word];
    demand(
      replaced.length + body.length <= WORDS_MAX,
      "TOO_LONG",
      `expected at most ${WORDS_MAX} words after macros`,
    );
    for (const part of body) replaced.push(part);
  }
  return replaced;
}

/** Index of the first `;` at or after `from`. */
export function indexOfEnd(words: readonly string[], from: number): number {
  const end = words.indexOf(";", from);
  if (end < 0) throw new Refusal("NO_END", "a definition has no ; at its end");
  return end;
}
