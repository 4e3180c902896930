import { formatBase64, parseBase64 } from "../../src/lib/base64.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import type { Verdict } from "../../src/lib/verdict.ts";
import {
  computeAddress,
  computeAmoveoAccountKey,
  parseAddress,
} from "../../src/protocol/amoveo/address.ts";
import { signDer, verifyDer } from "../../src/protocol/amoveo/derSignature.ts";
import { hashTerm, type JsonTerm, serializeTerm } from "../../src/protocol/amoveo/term.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { type ConformanceCase, createCase } from "./conformanceCase.ts";
import { parseJson } from "./parseJson.ts";

type KeyFile = {
  readonly keys: readonly {
    name: string;
    private: string;
    address: string;
    compressed: string;
    accountKey: string;
  }[];
  readonly serialize: readonly {
    name: string;
    json: JsonTerm;
    serialized: string;
    sha256: string;
  }[];
  readonly signatures: readonly {
    name: string;
    signer: string;
    tx: JsonTerm;
    serialized: string;
    digest: string;
    rfc6979Der: string;
    otherValidDer?: string;
  }[];
};

export function* conformanceCases(fileText: string): Generator<ConformanceCase> {
  const file = parseJson(fileText) as KeyFile;
  const privateKeys = new Map(file.keys.map((key) => [key.name, key.private]));
  for (const entry of file.keys) {
    yield createCase(`key ${entry.name}`, () => {
      const publicKey = computePublicKey(parseHex(entry.private));
      const parsed = formatHex(unwrap(parseAddress(entry.address)));
      const accountKey = formatHex(computeAmoveoAccountKey(publicKey));
      return [
        { what: "address", expected: entry.address, got: computeAddress(publicKey) },
        { what: "compressed", expected: entry.compressed, got: formatHex(publicKey) },
        { what: "compressed from the address", expected: entry.compressed, got: parsed },
        { what: "accountKey", expected: entry.accountKey, got: accountKey },
      ];
    });
  }
  for (const entry of file.serialize) {
    yield createCase(`serialize ${entry.name}`, () => {
      const serialized = unwrap(serializeTerm(entry.json));
      return [
        { what: "serialized", expected: entry.serialized, got: formatHex(serialized) },
        { what: "sha256", expected: entry.sha256, got: formatHex(sha256(serialized)) },
      ];
    });
  }
  for (const entry of file.signatures) {
    yield createCase(`signature ${entry.name}`, () => {
      const privateKey = parseHex(privateKeys.get(entry.signer) ?? "");
      const publicKey = computePublicKey(privateKey);
      const digest = unwrap(hashTerm(entry.tx));
      const verify = (der: string) =>
        verifyDer(parseBase64(der) ?? new Uint8Array(), digest, publicKey);
      const serialized = formatHex(unwrap(serializeTerm(entry.tx)));
      const signature = formatBase64(signDer(digest, privateKey));
      const other = entry.otherValidDer;
      return [
        { what: "serialized", expected: entry.serialized, got: serialized },
        { what: "digest", expected: entry.digest, got: formatHex(digest) },
        { what: "rfc6979Der", expected: entry.rfc6979Der, got: signature },
        { what: "rfc6979Der verifies", expected: true, got: verify(entry.rfc6979Der) },
        ...(other === undefined
          ? []
          : [{ what: "otherValidDer verifies", expected: true, got: verify(other) }]),
      ];
    });
  }
}

function unwrap<Value>(verdict: Verdict<Value>): Value {
  if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`);
  return verdict.value;
}
