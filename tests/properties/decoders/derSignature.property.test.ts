import { expect, it } from "vitest";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { signDer, verifyDer } from "../../../src/protocol/amoveo/derSignature.ts";
import { computePublicKey } from "../../../src/protocol/signature.ts";
import { InputMaker } from "./inputs.ts";
import { fill } from "./sampleValues.ts";

const DIGEST = fill(32, 1);
const SAMPLES = [2, 3].map((seed) => signDer(DIGEST, fill(32, seed)));
const KEYS = [2, 3].map((seed) => computePublicKey(fill(32, seed)));
/** No point of the curve: where a signature parses, the costly part is left out. */
const NO_KEY = new Uint8Array(33);

it("gives a verdict on 100,000 inputs in the place of a DER signature", () => {
  const inputs = new InputMaker(SAMPLES, 61);
  for (let run = 0; run < 100_000; run++) {
    expect(verifyDer(inputs.next(run), DIGEST, NO_KEY)).toBe(false);
  }
});

it("takes no other bytes for a DER signature than its own", () => {
  const inputs = new InputMaker(SAMPLES, 62);
  const [sample, key] = [SAMPLES[0] as Uint8Array, KEYS[0] as Uint8Array];
  expect(verifyDer(sample, DIGEST, key)).toBe(true);
  for (let length = 0; length < sample.length; length++) {
    expect(verifyDer(sample.subarray(0, length), DIGEST, key)).toBe(false);
  }
  for (let run = 0; run < 4_000; run++) {
    const bytes = inputs.next(run);
    expect(verifyDer(bytes, DIGEST, key)).toBe(equalBytes(bytes, sample));
  }
});
