import { assemble } from "../../src/chalang/assemble.ts";
import { formatHex } from "../../src/lib/hex.ts";
import type { ConformanceCase } from "./conformanceCase.ts";
import { casesOfLines, readRecord, readText } from "./jsonLines.ts";

/** The entries of a file of assembler sources: CHALANG.md section 10. */
export function conformanceCases(fileText: string): Iterable<ConformanceCase> {
  return casesOfLines(fileText, (entry) => {
    const expect = readRecord(entry, "expect");
    const expected = expect.ok === true ? readText(expect, "code") : readText(expect, "error");
    const verdict = assemble(readText(entry, "src"));
    const got = verdict.ok ? formatHex(verdict.value) : "crash";
    return got === expected ? undefined : `expected ${expected}, got ${got}`;
  });
}
