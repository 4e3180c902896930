/**
 * Whether something is a text for people of at most `lettersMax` letters: without control, format or unassigned
 * characters, which could dress it up as something else, and without blanks at its ends.
 */
export function isPlainText(json: unknown, lettersMax: number): json is string {
  if (typeof json !== "string" || json.length > 4 * lettersMax) return false;
  const isPlain = [...json].length <= lettersMax && !/[\p{C}\p{Zl}\p{Zp}]/u.test(json);
  return isPlain && json === json.trim();
}
