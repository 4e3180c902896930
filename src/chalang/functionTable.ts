import { equalBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { type Budget, CAPS, Stop, WORK } from "./budget.ts";
import { ChalangFunction, type Code } from "./code.ts";
import { readUint32, type Value } from "./value.ts";

const ID_BYTES = 32;

/** The functions defined in a run, by id. Ids are hashes, so their first 4 bytes find them. */
export class FunctionTable {
  /** The function defined last of those whose ids begin alike, which leads to the others. */
  readonly #byPrefix = new Map<number, ChalangFunction>();

  /**
   * Define the instructions from `from` up to `to` of a script; a body known already stays as it is.
   * The id is of the body as written, before `recurse` becomes a push of it. Throws a `Stop` where the
   * bodies of a run become too long.
   */
  define(
    script: Uint8Array,
    code: Code,
    from: number,
    to: number,
    budget: Budget,
  ): ChalangFunction {
    const body = script.subarray(code.offsets[from] as number, code.offsets[to] as number);
    budget.pay(body.length);
    const id = sha256(body);
    const known = this.#find(id);
    if (known !== undefined) return known;
    const prefix = readUint32(id, 0);
    const defined = new ChalangFunction(id, code, from, to, this.#byPrefix.get(prefix));
    if (defined.size > CAPS.binaryBytes) throw new Stop("limit", "a function is too long");
    budget.pay(defined.size * WORK.codeByte);
    this.#byPrefix.set(prefix, defined);
    return defined;
  }

  /** The function that a value names, if it is the id of one. */
  find(id: Value): ChalangFunction | undefined {
    return id instanceof Uint8Array && id.length === ID_BYTES ? this.#find(id) : undefined;
  }

  #find(id: Uint8Array): ChalangFunction | undefined {
    let known = this.#byPrefix.get(readUint32(id, 0));
    while (known !== undefined && !equalBytes(known.id, id)) known = known.next;
    return known;
  }
}
