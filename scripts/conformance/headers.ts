import {
  decodeHeader,
  encodeHeader,
  type Header,
  hashHeader,
} from "../../src/chain/header/header.ts";
import { createGenesisState, type HeaderState } from "../../src/chain/header/headerState.ts";
import type { HeaderRules } from "../../src/chain/header/networkRules.ts";
import {
  computeWorkValue,
  getWorkForm,
  hasWork,
  proofOfWorkHash,
} from "../../src/chain/header/proofOfWork.ts";
import { validateAmoveoHeader } from "../../src/chain/header/validateHeader.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import type { Verdict } from "../../src/lib/verdict.ts";
import { type Comparison, type ConformanceCase, createCase } from "./conformanceCase.ts";

/** A file of header vectors; fields that a kind of entry leaves out are not compared. */
export type HeaderFile = {
  readonly network: Omit<HeaderRules, "periodTenths"> & { readonly period: number };
  readonly genesis: HeaderEntry;
  readonly chains: readonly { readonly name: string; readonly headers: readonly HeaderEntry[] }[];
  readonly single?: readonly (HeaderEntry & { readonly name: string })[];
  readonly reject?: readonly RejectEntry[];
};

type HeaderEntry = {
  readonly hex: string;
  readonly hash: string;
  readonly ewah?: string;
  readonly work?: string;
  readonly pow?: number;
  readonly powFork?: number;
  readonly difficulty?: number;
};

type RejectEntry = {
  readonly name: string;
  readonly after: string;
  readonly hex: string;
  readonly why: string;
};

/** The rules that a vector file's `network` states. */
export function readRules(network: HeaderFile["network"]): HeaderRules {
  return { ...network, periodTenths: network.period };
}

/** The cases must run in order: a header's case leaves the state that the next one needs. */
export function* conformanceCases(fileText: string): Generator<ConformanceCase> {
  const file = JSON.parse(fileText) as HeaderFile;
  const rules = readRules(file.network);
  yield createCase("genesis", () => {
    const header = decodeEntry(file.genesis.hex);
    return compareState(createGenesisState(header), file.genesis);
  });
  const tips = new Map<string, HeaderChain>();
  for (const { name, headers } of file.chains) {
    const chain = new HeaderChain(rules, file.genesis.hex);
    tips.set(name, chain);
    for (const [index, entry] of headers.entries()) {
      yield createCase(`${name}: header ${index + 1}`, () => {
        const header = decodeEntry(entry.hex);
        const state = chain.append(header);
        return [...compareState(state, entry), ...compareWork(header, entry, rules)];
      });
    }
  }
  for (const entry of file.single ?? []) {
    yield createCase(`single: ${entry.name}`, () => {
      const header = decodeEntry(entry.hex);
      const hash = formatHex(hashHeader(header));
      const work = compareWork(header, entry, rules);
      return [{ what: "hash", expected: entry.hash, got: hash }, ...work];
    });
  }
  for (const entry of file.reject ?? []) {
    yield createCase(`reject: ${entry.name}`, () => {
      const chain = tips.get(entry.after);
      if (chain === undefined) throw new Error(`no chain is called ${entry.after}`);
      const verdict = chain.judge(decodeEntry(entry.hex));
      return [{ what: `refused (${entry.why})`, expected: true, got: !verdict.ok }];
    });
  }
}

/** A chain of headers from a genesis, all kept. */
export class HeaderChain {
  readonly #rules: HeaderRules;
  readonly #headers = new Map<string, Header>();
  #tip: HeaderState;

  constructor(rules: HeaderRules, genesisHex: string) {
    this.#rules = rules;
    this.#tip = createGenesisState(decodeEntry(genesisHex));
    this.#headers.set(formatHex(this.#tip.hash), this.#tip.header);
  }

  judge(header: Header): Verdict<HeaderState> {
    return validateAmoveoHeader(header, this.#tip, this.#rules, (hash) =>
      this.#headers.get(formatHex(hash)),
    );
  }

  append(header: Header): HeaderState {
    const verdict = this.judge(header);
    if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`);
    this.#tip = verdict.value;
    this.#headers.set(formatHex(this.#tip.hash), header);
    return verdict.value;
  }
}

function decodeEntry(hex: string): Header {
  const decoded = decodeHeader(parseHex(hex));
  if (!decoded.ok) throw new Error(`${decoded.code}: ${decoded.message}`);
  if (formatHex(encodeHeader(decoded.value)) !== hex) throw new Error("does not encode as it was");
  return decoded.value;
}

function compareState(state: HeaderState, entry: HeaderEntry): Comparison[] {
  return [
    { what: "hash", expected: entry.hash, got: formatHex(state.hash) },
    { what: "ewah", expected: entry.ewah, got: state.ewah.toString() },
    { what: "work", expected: entry.work, got: state.work.toString() },
  ];
}

function compareWork(header: Header, entry: HeaderEntry, rules: HeaderRules): Comparison[] {
  const form = getWorkForm(header.height, rules);
  const value = computeWorkValue(proofOfWorkHash(header, rules), form);
  return [
    { what: "powFork", expected: entry.powFork, got: form === "old" ? 0 : 1 },
    { what: "pow", expected: entry.pow, got: value },
    { what: "difficulty", expected: entry.difficulty, got: header.difficulty },
    { what: "enough work", expected: true, got: hasWork(header, rules) },
  ];
}
