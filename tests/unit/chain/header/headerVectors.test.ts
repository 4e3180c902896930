import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conformanceCases as difficultyCases } from "../../../../scripts/conformance/difficulty.ts";
import {
  conformanceCases,
  HeaderChain,
  type HeaderFile,
  readRules,
} from "../../../../scripts/conformance/headers.ts";
import { decodeHeader } from "../../../../src/chain/header/header.ts";
import { parseHex } from "../../../../src/lib/hex.ts";

const read = (name: string) =>
  readFileSync(new URL(`../../../vectors/amoveo/${name}`, import.meta.url), "utf8");

const CODES: Record<string, string> = {
  "difficulty is not the required one": "WRONG_DIFFICULTY",
  "the proof-of-work value must exceed the difficulty": "NOT_ENOUGH_WORK",
  "height is not the parent's plus one": "WRONG_HEIGHT",
  "the parent is not known": "UNKNOWN_PARENT",
};

describe.each([
  ["headers-local.json", 1 + 420 + 7],
  ["headers-mainnet.json", 1 + 10 + 12],
])("%s", (name, count) => {
  it("passes in every entry", () => {
    const results = Array.from(conformanceCases(read(name)), (each) => [each.name, each.run()]);
    expect(results.filter(([, wrong]) => wrong !== undefined)).toEqual([]);
    expect(results).toHaveLength(count);
  });

  it("fails in every entry whose figures are changed", () => {
    const changed = read(name).replaceAll(/"hash": "([0-9a-f]{2})/g, '"hash": "zz');
    const results = Array.from(conformanceCases(changed), (each) => each.run());
    const rejects = (JSON.parse(read(name)) as HeaderFile).reject?.length ?? 0;
    expect(results.filter((wrong) => wrong?.startsWith("hash: expected zz"))).toHaveLength(
      count - rejects,
    );
  });
});

it("refuses each rejected header for the stated reason", () => {
  const file = JSON.parse(read("headers-local.json")) as HeaderFile;
  const chain = new HeaderChain(readRules(file.network), file.genesis.hex);
  for (const { hex } of file.chains[0]?.headers ?? []) {
    const decoded = decodeHeader(parseHex(hex));
    if (decoded.ok) chain.append(decoded.value);
  }
  const codes = (file.reject ?? []).map(({ hex }) => {
    const decoded = decodeHeader(parseHex(hex));
    const verdict = decoded.ok ? chain.judge(decoded.value) : decoded;
    return verdict.ok ? undefined : verdict.code;
  });
  expect(codes).toEqual((file.reject ?? []).map(({ why }) => CODES[why]));
});

describe("difficulty.json", () => {
  it("passes in every entry", () => {
    const results = Array.from(difficultyCases(read("difficulty.json")), (each) => [
      each.name,
      each.run(),
    ]);
    expect(results.filter(([, wrong]) => wrong !== undefined)).toEqual([]);
    expect(results).toHaveLength(11 + 7 + 4 + 11 + 30 + 2);
  });

  it("fails in every entry whose figures are changed", () => {
    const changed = read("difficulty.json").replaceAll(
      /"(back|new|fork1|next_difficulty|median)": (\d+)/g,
      '"$1": 9$2',
    );
    const results = Array.from(difficultyCases(changed), (each) => each.run());
    expect(results.filter((wrong) => wrong !== undefined)).toHaveLength(11 + 4 + 11 + 30 + 2);
  });
});
