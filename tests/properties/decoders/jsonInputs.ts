import { SeededRandom } from "../../reference/seededRandom.ts";

/** Names that mean something to the language, and names of fields there are. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "length",
  "kind",
  "chainId",
  "closes",
  "offer",
  "",
] as const;

/** A value nested as deep as a message of 64 KiB can be. */
const DEEP: unknown = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
const LONG = "0".repeat(300_000);
const MANY: readonly unknown[] = new Array(5_000).fill({});

/** JSON that has come to grief somewhere: edges of numbers, of texts and of kinds. Shared, and so frozen. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [{}],
  "",
  "yes",
  "0",
  "-1",
  "+1",
  "01",
  "1.0",
  "1e3",
  "0x10",
  " 1",
  "1\n",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999",
  "ABCDEF",
  "zz",
  "0".repeat(63),
  "0".repeat(64),
  "0".repeat(65),
  "00".repeat(33),
  "ff".repeat(65),
  "\ud800",
  "\u0000",
  "１",
  LONG,
  DEEP,
  MANY,
  0,
  -0,
  1,
  -1,
  0.5,
  255,
  2_000,
  2_001,
  65_536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e300,
  Number.MAX_VALUE,
  JSON.parse('{"__proto__":{"kind":"welcome"}}'),
  JSON.parse('{"length":3,"0":"00"}'),
].map((json: unknown) => Object.freeze(json));

type Tree = { [name: string]: unknown };

/** JSON for a form, from a seed: of every four one made up, three a sample changed in one to three places. */
export class JsonInputMaker {
  readonly #samples: readonly string[];
  readonly #random: SeededRandom;

  constructor(samples: readonly unknown[], seed: number) {
    this.#samples = samples.map((sample) => JSON.stringify(sample));
    this.#random = new SeededRandom(seed);
  }

  next(run: number): unknown {
    if (run % 4 === 0) return this.#makeUp(0);
    const sample = this.#samples[this.#random.below(this.#samples.length)] as string;
    let json: unknown = JSON.parse(sample);
    for (let left = this.#random.below(3); left >= 0; left--) json = this.#change(json);
    return json;
  }

  #makeUp(depth: number): unknown {
    const kind = this.#random.below(depth > 3 ? 1 : 3);
    if (kind === 0) return this.#pick(HOSTILE);
    const count = this.#random.below(4);
    if (kind === 1) return Array.from({ length: count }, () => this.#makeUp(depth + 1));
    const tree: Tree = {};
    for (let made = 0; made < count; made++) {
      setOwn(tree, this.#pick(NAMES), this.#makeUp(depth + 1));
    }
    return tree;
  }

  /** `json` with one thing changed, here or further down. */
  #change(json: unknown): unknown {
    if (typeof json === "string" && this.#random.below(2) === 0) return this.#changeText(json);
    if (typeof json !== "object" || json === null || Object.isFrozen(json)) {
      return this.#pick(HOSTILE);
    }
    const names = Object.keys(json);
    const tree = json as Tree;
    const name = names[this.#random.below(names.length)];
    switch (this.#random.below(8)) {
      case 0:
        return this.#pick(HOSTILE);
      case 1:
        if (Array.isArray(json)) return [...json, this.#pick(HOSTILE)];
        setOwn(tree, this.#pick(NAMES), this.#pick(HOSTILE));
        return tree;
      case 2:
        if (name === undefined) return tree;
        if (Array.isArray(json)) return json.slice(1);
        delete tree[name];
        return tree;
      case 3:
        return Array.isArray(json) ? [...json, ...json] : [json];
      default:
        if (name !== undefined) setOwn(tree, name, this.#change(tree[name]));
        return tree;
    }
  }

  #changeText(text: string): string {
    const at = this.#random.below(text.length + 1);
    const letter = String.fromCharCode(32 + this.#random.below(96));
    const kept = this.#random.below(3);
    return text.slice(0, at) + (kept === 0 ? "" : letter) + text.slice(at + (kept === 1 ? 0 : 1));
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)] as Item;
  }
}

/** As `JSON.parse` sets a field: "__proto__" is a name like any other. */
function setOwn(tree: object, name: string, value: unknown): void {
  Object.defineProperty(tree, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
