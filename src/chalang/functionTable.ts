import { equalBytes, joinBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { type Budget, CAPS, Stop, WORK } from "./budget.ts";
import { type ChalangFunction, type Code, decodeCode } from "./code.ts";
import { OP } from "./opcodes.ts";
import { readUint32, type Value } from "./value.ts";

const ID_BYTES = 32;

/** The functions defined in a run, by id. Ids are hashes, so their first 4 bytes find them. */
export class FunctionTable {
  readonly #byPrefix = new Map<number, ChalangFunction[]>();
  readonly #version: number;

  constructor(version: number) {
    this.#version = version;
  }

  /**
   * Define the instructions from `from` up to `to` of `code`; a body known already stays as it is.
   * The id is of the body as written, before `recurse` becomes a push of it. Throws a `Stop` where the
   * bodies of a run become too long.
   */
  define(code: Code, from: number, to: number, budget: Budget): ChalangFunction {
    const { bytes, offsets } = code;
    const id = sha256(bytes.subarray(offsets[from] as number, offsets[to] as number));
    const known = this.#find(id);
    if (known !== undefined) return known;
    const push = Uint8Array.of(OP.binary, 0, 0, 0, ID_BYTES);
    let length = (offsets[to] as number) - (offsets[from] as number);
    for (let i = from; i < to; i++) if (code.ops[i] === OP.recurse) length += ID_BYTES + 4;
    if (length > CAPS.binaryBytes) throw new Stop("limit", "a function is too long");
    budget.pay(length * WORK.codeByte);
    const stored: Uint8Array[] = [];
    let start = offsets[from] as number;
    for (let i = from; i < to; i++) {
      if (code.ops[i] !== OP.recurse) continue;
      stored.push(bytes.subarray(start, offsets[i] as number), push, id);
      start = (offsets[i] as number) + 1;
    }
    stored.push(bytes.subarray(start, offsets[to] as number));
    const body = stored.length === 1 ? (stored[0] as Uint8Array) : joinBytes(stored);
    const defined = { id, code: decodeCode(body, this.#version) };
    const prefix = readUint32(id, 0);
    const bucket = this.#byPrefix.get(prefix);
    if (bucket === undefined) this.#byPrefix.set(prefix, [defined]);
    else bucket.push(defined);
    return defined;
  }

  /** The function that a value names, if it is the id of one. */
  find(id: Value): ChalangFunction | undefined {
    return id instanceof Uint8Array && id.length === ID_BYTES ? this.#find(id) : undefined;
  }

  #find(id: Uint8Array): ChalangFunction | undefined {
    const bucket = this.#byPrefix.get(readUint32(id, 0));
    return bucket?.find((known) => equalBytes(known.id, id));
  }
}
