import { readFileSync } from "node:fs";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformanceCases } from "../../../../scripts/conformance/keys.ts";
import { formatBase64 } from "../../../../src/lib/base64.ts";
import { concatBytes } from "../../../../src/lib/bytes.ts";
import { sha256 } from "../../../../src/lib/hash.ts";
import { computeAddress, parseAddress } from "../../../../src/protocol/amoveo/address.ts";
import { signDer, verifyDer } from "../../../../src/protocol/amoveo/derSignature.ts";
import { hashTerm, type JsonTerm, serializeTerm } from "../../../../src/protocol/amoveo/term.ts";
import { computePublicKey } from "../../../../src/protocol/signature.ts";

const KEYS = readFileSync(new URL("../../../vectors/amoveo/keys.json", import.meta.url), "utf8");
const privateKey = sha256(Uint8Array.of(1));
const publicKey = computePublicKey(privateKey);

describe("keys.json", () => {
  it("passes in every entry", () => {
    const results = Array.from(conformanceCases(KEYS), (each) => [each.name, each.run()]);
    expect(results.filter(([, wrong]) => wrong !== undefined)).toEqual([]);
    expect(results).toHaveLength(3 + 16 + 4);
  });

  it("fails in every entry whose figures are changed", () => {
    const changed = KEYS.replaceAll(/"(accountKey|sha256|rfc6979Der)": "./g, '"$1": "?');
    const results = Array.from(conformanceCases(changed), (each) => each.run());
    expect(results.filter((wrong) => wrong !== undefined)).toHaveLength(3 + 16 + 4);
  });
});

describe("serializeTerm", () => {
  const codeOf = (term: JsonTerm) => {
    const verdict = serializeTerm(term);
    return verdict.ok ? undefined : verdict.code;
  };

  it("takes an array that begins with another integer for a tuple of all its elements", () => {
    expect(serializeTerm([127, 0, 0, 1])).toEqual(serializeTerm([-7, 127, 0, 0, 1]));
    expect(serializeTerm([-6n, 1n])).toEqual(serializeTerm([-6, 1]));
  });

  it("refuses what is no term", () => {
    expect(codeOf([])).toBe("NOT_A_TERM");
    expect(codeOf([[-6], 1])).toBe("NOT_A_TERM");
    expect(codeOf(["", 1])).toBe("NOT_AN_ATOM");
    expect(codeOf(["Ā"])).toBe("NOT_AN_ATOM");
    expect(codeOf("abc")).toBe("NOT_BASE64");
    expect(codeOf(["spend", "a==="])).toBe("NOT_BASE64");
    expect(codeOf(0.5)).toBe("NOT_AN_INTEGER");
    expect(codeOf(2 ** 53)).toBe("NOT_AN_INTEGER");
    expect(codeOf(Number.NaN)).toBe("NOT_AN_INTEGER");
  });

  it("refuses deep nesting without running out of stack", () => {
    let term: JsonTerm = [-6];
    for (let i = 0; i < 100_000; i++) term = [-6, term];
    expect(codeOf(term)).toBe("TOO_DEEP");
  });

  it("hashes what it serializes", () => {
    const term: JsonTerm = ["spend", formatBase64(publicKey), 1, 2, "", 3, 0];
    const serialized = serializeTerm(term);
    expect(serialized.ok && hashTerm(term)).toEqual({
      ok: true,
      value: sha256(serialized.ok ? serialized.value : new Uint8Array()),
    });
  });
});

describe("address", () => {
  it("goes both ways, and takes nothing else", () => {
    const address = computeAddress(publicKey);
    expect(parseAddress(address)).toEqual({ ok: true, value: publicKey });
    const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
    const hybrid = point.slice();
    hybrid[0] = 6 + ((point[64] as number) & 1);
    const off = point.slice();
    off[64] = (off[64] as number) ^ 1;
    const wrong = [formatBase64(publicKey), formatBase64(hybrid), formatBase64(off), ` ${address}`];
    for (const text of [...wrong, `${address}=`, address.slice(1), ""]) {
      expect(parseAddress(text)).toMatchObject({ ok: false, code: "NOT_AN_ADDRESS" });
    }
  });
});

describe("DER signatures", () => {
  const digest = sha256(Uint8Array.of(2));
  const signature = signDer(digest, privateKey);
  const { r, s } = secp256k1.Signature.fromBytes(signature, "der");

  it("takes either s, high or low", () => {
    const other = new secp256k1.Signature(r, secp256k1.Point.Fn.ORDER - s);
    const isHigh = secp256k1.Signature.fromBytes(signature, "der").hasHighS();
    expect(other.hasHighS()).toBe(!isHigh);
    expect(verifyDer(signature, digest, publicKey)).toBe(true);
    expect(verifyDer(other.toBytes("der"), digest, publicKey)).toBe(true);
  });

  it("is refused under another key or digest", () => {
    expect(verifyDer(signature, sha256(digest), publicKey)).toBe(false);
    expect(verifyDer(signature, digest, computePublicKey(digest))).toBe(false);
  });

  it("refuses every single-bit change", () => {
    for (let bit = 0; bit < 8 * signature.length; bit++) {
      const changed = signature.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(verifyDer(changed, digest, publicKey)).toBe(false);
    }
  });

  it("refuses forms that are not the one of DER", () => {
    const integer = (bytes: Uint8Array) => concatBytes(Uint8Array.of(2, bytes.length), bytes);
    const sequence = (...parts: Uint8Array[]) => {
      const body = concatBytes(...parts);
      return concatBytes(Uint8Array.of(0x30, body.length), body);
    };
    const rLength = signature[3] as number;
    const rBytes = signature.slice(4, 4 + rLength);
    const sBytes = signature.slice(6 + rLength);
    expect(sequence(integer(rBytes), integer(sBytes))).toEqual(signature);
    const padded = (bytes: Uint8Array) => integer(concatBytes(Uint8Array.of(0), bytes));
    const body = concatBytes(integer(rBytes), integer(sBytes));
    const forms = {
      "r padded": sequence(padded(rBytes), integer(sBytes)),
      "s padded": sequence(integer(rBytes), padded(sBytes)),
      "s zero": sequence(integer(rBytes), integer(Uint8Array.of(0))),
      "r empty": sequence(integer(new Uint8Array()), integer(sBytes)),
      "long length": concatBytes(Uint8Array.of(0x30, 0x81, body.length), body),
      "more after s": sequence(integer(rBytes), integer(sBytes), Uint8Array.of(5, 0)),
      "more after all": concatBytes(signature, Uint8Array.of(0)),
      compact: secp256k1.Signature.fromBytes(signature, "der").toBytes("compact"),
      nothing: new Uint8Array(),
    };
    for (const [name, form] of Object.entries(forms)) {
      expect(verifyDer(form, digest, publicKey), name).toBe(false);
    }
  });

  it("gives a verdict on any bytes and any key", () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, (form, key) => !verifyDer(form, digest, key)),
      { seed: 1, numRuns: 2_000 },
    );
    expect(verifyDer(signature, digest, new Uint8Array(33))).toBe(false);
  });
});
