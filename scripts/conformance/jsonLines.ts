import type { ConformanceCase } from "./conformanceCase.ts";

/** A case for each line of JSON; a line that is no object, or that `check` throws on, fails. */
export function* casesOfLines(
  text: string,
  check: (entry: Record<string, unknown>) => string | undefined,
): Iterable<ConformanceCase> {
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    if (line.trim() === "") continue;
    const parsed = parseEntry(line);
    const name = typeof parsed === "object" && "name" in parsed ? parsed.name : undefined;
    yield {
      name: typeof name === "string" ? name : `line ${number}`,
      run: () => (typeof parsed === "string" ? parsed : check(parsed)),
    };
  }
}

/** The object on a line, or what is wrong with it. */
function parseEntry(line: string): Record<string, unknown> | string {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null) return { ...entry };
    return "the entry is not an object";
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A text field of an entry; throws where it is missing. */
export function readText(entry: Record<string, unknown>, field: string): string {
  const value = entry[field];
  if (typeof value !== "string") throw new Error(`${field} is not a text`);
  return value;
}

/** A whole-number field of an entry; throws where it is missing. */
export function readInteger(entry: Record<string, unknown>, field: string): number {
  const value = entry[field];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new Error(`${field} is not an integer`);
  }
  return value;
}

/** An object in a field of an entry; throws where it is missing. */
export function readRecord(entry: Record<string, unknown>, field: string): Record<string, unknown> {
  const value = entry[field];
  if (typeof value !== "object" || value === null) throw new Error(`${field} is not an object`);
  return { ...value };
}
