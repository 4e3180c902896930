/** Strings, so that their digits are left alone, and integers too long for a double to be exact. */
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
const LONG_INTEGER = "$integer";

/** Parse JSON; an integer of 16 digits or more becomes a `bigint`. */
export function parseJson(text: string): unknown {
  const marked = text.replace(STRING_OR_LONG_INTEGER, (token) =>
    token.startsWith('"') ? token : `{"${LONG_INTEGER}":"${token}"}`,
  );
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || !(LONG_INTEGER in value)) return value;
    return BigInt(String(value[LONG_INTEGER]));
  });
}
