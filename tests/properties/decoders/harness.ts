import { equalBytes } from "../../../src/lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../../../src/lib/codec.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { accept, refuse, type Verdict } from "../../../src/lib/verdict.ts";
import { countReads, type ReadCounter } from "./countReads.ts";
import { InputMaker } from "./inputs.ts";
import { snapshotPrototypes } from "./prototypes.ts";

/**
 * A decoder of strangers' bytes under attack.
 *
 * - `samples`: valid encodings. - `roundTrip`: decode, then encode what came out.
 * - `isInverse`: whether every sample value, encoded and decoded, is what it was.
 */
export type Decoder = {
  readonly name: string;
  /** Whether an encoding says itself where it ends; plain text does not. */
  readonly isFramed: boolean;
  readonly samples: readonly Uint8Array[];
  readonly roundTrip: (bytes: Uint8Array) => Verdict<Uint8Array>;
  readonly isInverse: (isSame: (a: unknown, b: unknown) => boolean) => boolean;
};

/** A decoder of whole messages, with its encoder and values to begin from. */
export function wholeDecoder<Value>(
  name: string,
  decodeAll: (bytes: Uint8Array) => Verdict<Value>,
  encodeAll: (value: Value) => Uint8Array,
  ...values: readonly Value[]
): Decoder {
  return {
    name,
    isFramed: true,
    samples: values.map(encodeAll),
    roundTrip: (bytes) => {
      const decoded = decodeAll(bytes);
      return decoded.ok ? accept(encodeAll(decoded.value)) : decoded;
    },
    isInverse: (isSame) =>
      values.every((value) => isSame(decodeAll(encodeAll(value)), { ok: true, value })),
  };
}

/** A decoder of plain text, any beginning of which may be text too: undefined is its refusal. */
export function textDecoder<Value>(
  name: string,
  parse: (bytes: Uint8Array) => Value | undefined,
  format: (value: Value) => Uint8Array,
  ...values: readonly Value[]
): Decoder {
  const decodeAll = (bytes: Uint8Array): Verdict<Value> => {
    const value = parse(bytes);
    return value === undefined ? refuse("REFUSED", "not well formed") : accept(value);
  };
  return { ...wholeDecoder(name, decodeAll, format, ...values), isFramed: false };
}

/** A decoder of a part of a message, as the pair that reads and writes it. */
export function partDecoder<Value>(
  name: string,
  read: (reader: Reader) => Value,
  write: (writer: Writer, value: Value) => void,
  ...values: readonly Value[]
): Decoder {
  return wholeDecoder(
    name,
    (bytes) => decode(bytes, read),
    (value) => encode((writer) => write(writer, value)),
    ...values,
  );
}

/** What an attack saw: how many inputs were taken and how many refused. */
export type Tally = { readonly taken: number; readonly refused: number };

/** No decoder needs a millisecond an input; far beyond it, something grows with what a message claims. */
const MILLISECONDS_MAX = 120_000;

/**
 * Give a decoder its samples cut at every byte and with one byte more, then `runs` inputs: random,
 * mutated, and with boundary integers written over any place. Throws on the first that gets no
 * verdict, is taken though it is no canonical encoding, costs more reads than it has bytes, or leaves
 * a trace on a prototype.
 */
export function attack(decoder: Decoder, runs: number, seed: number): Tally {
  const inputs = new InputMaker(decoder.samples, seed);
  const prototypes = snapshotPrototypes();
  const counter = countReads();
  const start = performance.now();
  let taken = 0;
  try {
    judgeEdges(decoder, counter);
    for (let run = 0; run < runs; run++) {
      if (judgeInput(decoder, inputs.next(run), counter)) taken += 1;
      if (run % 1_000 > 0) continue;
      if (!prototypes.isUnchanged()) throw new Error(`${decoder.name}: changed a prototype`);
      const spent = performance.now() - start;
      if (spent > MILLISECONDS_MAX) throw new Error(`${decoder.name}: took ${spent} ms`);
    }
    if (!prototypes.isUnchanged()) throw new Error(`${decoder.name}: changed a prototype`);
  } finally {
    counter.stop();
    prototypes.restore();
  }
  return { taken, refused: runs - taken };
}

/** No encoding begins another: a sample that is cut short, or goes on, is refused. */
function judgeEdges(decoder: Decoder, counter: ReadCounter): void {
  for (const sample of decoder.samples) {
    if (!judgeInput(decoder, sample, counter)) complain(decoder, "refused a sample", sample);
    if (!decoder.isFramed) continue;
    const longer = new Uint8Array(sample.length + 1);
    longer.set(sample);
    for (const last of [0, 1, 0xff]) {
      longer[sample.length] = last;
      if (judgeInput(decoder, longer, counter)) complain(decoder, "took a trailing byte", longer);
    }
    const step = Math.ceil(sample.length / 2_000);
    for (let length = 0; length < sample.length; length += step) {
      const cut = sample.subarray(0, length);
      if (judgeInput(decoder, cut, counter)) complain(decoder, "took a cut encoding", cut);
    }
  }
}

/** Whether the input was taken. */
function judgeInput(decoder: Decoder, bytes: Uint8Array, counter: ReadCounter): boolean {
  counter.reset();
  let verdict: Verdict<Uint8Array>;
  try {
    verdict = decoder.roundTrip(bytes);
  } catch (error) {
    complain(decoder, `threw ${error}`, bytes);
  }
  if (counter.isOver(bytes.length)) complain(decoder, "read more than there is", bytes);
  if (!verdict.ok) return false;
  if (!equalBytes(verdict.value, bytes)) {
    complain(decoder, `took another encoding of ${formatHex(verdict.value)}`, bytes);
  }
  return true;
}

function complain(decoder: Decoder, what: string, bytes: Uint8Array): never {
  throw new Error(`${decoder.name}: ${what}, given ${formatHex(bytes)}`);
}
