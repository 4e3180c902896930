import { createPublicKey, verify as nodeVerify } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, it } from "vitest";
import { loadFastVerify } from "../../../src/crypto/fastVerify.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import {
  computeDigest,
  computePublicKey,
  signDigest,
  verifySignature,
} from "../../../src/protocol/signature.ts";
import { type SignatureTag, TAGS } from "../../../src/protocol/tags.ts";
import { naiveVerify } from "../../reference/naiveEcdsa.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const ORDER = secp256k1.Point.Fn.ORDER;
const KEY = sha256(encodeUtf8("signer"));
const PUBLIC = computePublicKey(KEY);
const NETWORK = sha256(encodeUtf8("network"));
const BODY = encodeUtf8("body");
const DIGEST = computeDigest("signBlock", NETWORK, BODY);
const SIGNATURE = signDigest(DIGEST, KEY);

const PURPOSES = Object.keys(TAGS).filter((name): name is SignatureTag => name.startsWith("sign"));

function fromInteger(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function withParts(r: bigint, s: bigint, parity: number): Uint8Array {
  return Uint8Array.from([...fromInteger(r), ...fromInteger(s), parity]);
}

/** OpenSSL's word on the same message, which knows neither low s nor the parity. */
function isSignedByOpenSsl(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  const point = Buffer.from(secp256k1.Point.fromBytes(key).toBytes(false));
  const x = point.subarray(1, 33).toString("base64url");
  const y = point.subarray(33).toString("base64url");
  const jwk = { kty: "EC", crv: "secp256k1", x, y };
  const object = createPublicKey({ key: jwk, format: "jwk" });
  const pair = signature.subarray(0, 64);
  return nodeVerify("sha256", message, { key: object, dsaEncoding: "ieee-p1363" }, pair);
}

/** A signature of `DIGEST` with a chosen `s`, and the key that it is by: the one that is recovered from it. */
function signatureWith(s: bigint): { signature: Uint8Array; key: Uint8Array } {
  const r = toInteger(SIGNATURE.subarray(0, 32));
  const parity = SIGNATURE[64] as number;
  const recovered = new secp256k1.Signature(r, s).addRecoveryBit(parity).recoverPublicKey(DIGEST);
  return { signature: withParts(r, s, parity), key: recovered.toBytes(true) };
}

describe.each([
  ["the reference", verifySignature],
  ["the fast implementation", await loadFastVerify()],
])("the signature predicate, by %s", (_, verify) => {
  it("takes what the signer signed, and agrees with two others about it", () => {
    const message = Uint8Array.from([TAGS.signBlock, ...NETWORK, ...BODY]);
    expect(verify(SIGNATURE, DIGEST, PUBLIC)).toBe(true);
    expect(naiveVerify(SIGNATURE, DIGEST, PUBLIC)).toBe(true);
    expect(isSignedByOpenSsl(SIGNATURE, message, PUBLIC)).toBe(true);
  });

  it("takes a signature for one purpose and one network alone", () => {
    for (const signed of PURPOSES) {
      const signature = signDigest(computeDigest(signed, NETWORK, BODY), KEY);
      for (const asked of PURPOSES) {
        const digest = computeDigest(asked, NETWORK, BODY);
        expect(verify(signature, digest, PUBLIC), `${signed} as ${asked}`).toBe(signed === asked);
      }
      const elsewhere = computeDigest(signed, sha256(NETWORK), BODY);
      expect(verify(signature, elsewhere, PUBLIC)).toBe(false);
    }
  });

  it("refuses every single-bit change of signature, digest and key", () => {
    const parts = [SIGNATURE, DIGEST, PUBLIC] as const;
    for (const [part, bytes] of parts.entries()) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = parts.map((each) => Uint8Array.from(each));
        const [signature, digest, key] = changed as [Uint8Array, Uint8Array, Uint8Array];
        const flipped = changed[part] as Uint8Array;
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(verify(signature, digest, key), `part ${part}, bit ${bit}`).toBe(false);
      }
    }
  });

  it.each([
    [
      "a high s with the parity that belongs to it",
      (r: bigint, s: bigint, parity: number) => withParts(r, ORDER - s, 1 - parity),
    ],
    ["the other parity", (r: bigint, s: bigint, parity: number) => withParts(r, s, 1 - parity)],
    ["parity 2", (r: bigint, s: bigint) => withParts(r, s, 2)],
    ["parity 255", (r: bigint, s: bigint) => withParts(r, s, 255)],
    ["r = 0", (_: bigint, s: bigint, parity: number) => withParts(0n, s, parity)],
    ["s = 0", (r: bigint, _: bigint, parity: number) => withParts(r, 0n, parity)],
    ["r = the order", (_: bigint, s: bigint, parity: number) => withParts(ORDER, s, parity)],
    ["s = the order", (r: bigint, _: bigint, parity: number) => withParts(r, ORDER, parity)],
    ["all ones", () => new Uint8Array(65).fill(255)],
    ["all zeros", () => new Uint8Array(65)],
    ["no bytes", () => new Uint8Array()],
    ["64 bytes", () => SIGNATURE.subarray(0, 64)],
    ["66 bytes", () => Uint8Array.from([...SIGNATURE, 0])],
  ])("refuses %s", (_, make) => {
    const r = toInteger(SIGNATURE.subarray(0, 32));
    const s = toInteger(SIGNATURE.subarray(32, 64));
    const signature = make(r, s, SIGNATURE[64] as number);
    expect(verify(signature, DIGEST, PUBLIC)).toBe(false);
    expect(naiveVerify(signature, DIGEST, PUBLIC)).toBe(false);
  });

  it.each([
    ["an empty key", new Uint8Array()],
    ["an uncompressed key", secp256k1.getPublicKey(KEY, false)],
    ["an unknown prefix", Uint8Array.from([4, ...PUBLIC.subarray(1)])],
    ["a coordinate that is no point's", Uint8Array.from([2, ...new Uint8Array(31), 5])],
    ["a coordinate above the field", Uint8Array.from([2, ...new Uint8Array(32).fill(255)])],
    ["a key of zeros", new Uint8Array(33)],
  ])("refuses %s", (_, key) => {
    expect(verify(SIGNATURE, DIGEST, key)).toBe(false);
  });

  it("agrees with a naive second reading on random and mangled inputs", () => {
    const random = new SeededRandom(8);
    for (let run = 0; run < 40; run++) {
      const key = sha256(Uint8Array.of(run));
      const digest = sha256(key);
      const signature = Uint8Array.from(signDigest(digest, key));
      const parts = [signature, Uint8Array.from(digest), Uint8Array.from(computePublicKey(key))];
      if (run % 2 === 1) {
        const part = parts[random.below(3)] as Uint8Array;
        part[random.below(part.length)] = random.below(256);
      }
      const [first, second, third] = parts as [Uint8Array, Uint8Array, Uint8Array];
      expect(verify(first, second, third)).toBe(naiveVerify(first, second, third));
    }
  });

  it("refuses digests of another length", () => {
    for (const digest of [new Uint8Array(), DIGEST.subarray(1), Uint8Array.of(...DIGEST, 0)]) {
      expect(verify(SIGNATURE, digest, PUBLIC)).toBe(false);
    }
  });

  it.each([
    ["zero", new Uint8Array(32)],
    ["the order", fromInteger(ORDER)],
    ["above the order", new Uint8Array(32).fill(255)],
  ])("takes a signature over a digest that as a number is %s", (_, digest) => {
    const signature = signDigest(digest, KEY);
    expect(verify(signature, digest, PUBLIC)).toBe(true);
    expect(naiveVerify(signature, digest, PUBLIC)).toBe(true);
  });

  it("takes the largest low s, and not the next", () => {
    for (const [s, low] of [
      [ORDER / 2n, true],
      [ORDER / 2n + 1n, false],
    ] as const) {
      const { signature, key } = signatureWith(s);
      expect(verify(signature, DIGEST, key)).toBe(low);
      expect(naiveVerify(signature, DIGEST, key)).toBe(low);
    }
  });
});

describe("signing", () => {
  it("signs the same digest with the same bytes, with a low s", () => {
    for (let run = 0; run < 20; run++) {
      const digest = sha256(Uint8Array.of(run));
      const signature = signDigest(digest, KEY);
      expect(signDigest(digest, KEY)).toEqual(signature);
      expect(toInteger(signature.subarray(32, 64)) <= ORDER / 2n).toBe(true);
    }
  });
});
