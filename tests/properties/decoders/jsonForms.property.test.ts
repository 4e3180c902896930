import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { accept } from "../../../src/lib/verdict.ts";
import { forms } from "../../reference/apiForms.ts";
import { JSON_DECODERS, type JsonDecoder } from "./jsonForms.ts";
import { JsonInputMaker } from "./jsonInputs.ts";
import { snapshotPrototypes } from "./prototypes.ts";

const RUNS = 100_000;

/** Give a form `runs` inputs; throws on the first that gets no verdict, is taken for something else, or leaves a trace. */
function attackForm(decoder: JsonDecoder, runs: number, seed: number): { taken: number } {
  const inputs = new JsonInputMaker(decoder.samples, seed);
  const prototypes = snapshotPrototypes();
  let taken = 0;
  try {
    for (let run = 0; run < runs; run++) {
      const json = inputs.next(run);
      const verdict = decoder.roundTrip(json);
      if (verdict.ok) {
        taken += 1;
        // Minus zero has no text of its own in JSON.
        const sent: unknown = JSON.parse(JSON.stringify(json));
        if (!isDeepStrictEqual(verdict.value, sent)) {
          throw new Error(`${decoder.name}: took ${JSON.stringify(json)} for something else`);
        }
      }
      if (run % 1_000 === 0 && !prototypes.isUnchanged()) throw new Error("changed a prototype");
    }
    if (!prototypes.isUnchanged()) throw new Error("changed a prototype");
  } finally {
    prototypes.restore();
  }
  return { taken };
}

describe("a JSON form of the operator's API", () => {
  it("has a row in the table", () => {
    const names = JSON_DECODERS.map(({ name }) => name);
    const all = Object.keys(forms);
    expect(names.toSorted()).toEqual(all.toSorted());
  });

  it.each(JSON_DECODERS.map((decoder) => [decoder.name, decoder] as const))("%s", (_, decoder) => {
    for (const sample of decoder.samples) {
      expect(decoder.roundTrip(sample)).toEqual({ ok: true, value: sample });
    }
    const { taken } = attackForm(decoder, RUNS, 51);
    expect(taken).toBeLessThan(RUNS / 2);
  });

  it("is caught if it drops a field that it does not know", () => {
    const careless: JsonDecoder = {
      name: "careless",
      samples: [{ height: 1 }],
      roundTrip: (json) => {
        const isRight =
          typeof json === "object" && json !== null && "height" in json && json.height === 1;
        return isRight
          ? accept({ height: 1 })
          : { ok: false, code: "NOT_A_HEIGHT", message: "expected height 1" };
      },
    };
    expect(() => attackForm(careless, RUNS, 51)).toThrow("for something else");
  });

  it("is caught if it copies names into what it has", () => {
    const copying: JsonDecoder = {
      name: "copying",
      samples: [{ a: { b: 1 } }],
      roundTrip: (json) => {
        if (typeof json === "object" && json !== null && Object.hasOwn(json, "__proto__")) {
          const { __proto__: shared } = { __proto__: Object.prototype };
          Object.assign(shared as object, { polluted: true });
        }
        return { ok: false, code: "NONE", message: "nothing is taken" };
      },
    };
    expect(() => attackForm(copying, RUNS, 51)).toThrow("prototype");
    expect("polluted" in {}).toBe(false);
  });
});
