import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { conformanceCases as machineCases } from "../../../scripts/conformance/chalang.ts";
import { conformanceCases as assemblerCases } from "../../../scripts/conformance/chalang-asm.ts";

function read(name: string): string {
  const url = new URL(`../../vectors/chalang/${name}`, import.meta.url);
  return gunzipSync(readFileSync(url)).toString("utf8");
}

test("every program of the original machine's vectors comes out the same", () => {
  const cases = Array.from(machineCases(read("chalang-vm.jsonl.gz")));
  expect(cases).toHaveLength(18_489);
  expect(cases.flatMap(({ run }) => run() ?? []).slice(0, 3)).toEqual([]);
});

test("every source of the original assembler's vectors gives the same code", () => {
  const cases = Array.from(assemblerCases(read("chalang-asm.jsonl.gz")));
  expect(cases).toHaveLength(644);
  expect(cases.flatMap(({ run }) => run() ?? []).slice(0, 3)).toEqual([]);
});

test("an entry with one figure changed fails", () => {
  const [line = ""] = read("chalang-vm.jsonl.gz").split("\n", 40).slice(-1);
  const [right] = Array.from(machineCases(line));
  expect(right?.run()).toBeUndefined();
  for (const changed of [
    line.replace('"stage":"spk"', '"stage":"script_sig"').replace(/"op_gas":\d+/, '"op_gas":1'),
    line.replace('"expect"', '"expected"'),
  ]) {
    const [wrong] = Array.from(machineCases(changed));
    expect(() => {
      const message = wrong?.run();
      if (message !== undefined) throw new Error(message);
    }).toThrow();
  }
});
