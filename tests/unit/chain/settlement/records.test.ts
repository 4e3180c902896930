import { describe, expect, it } from "vitest";
import {
  readClaim,
  readClaimBody,
  writeClaim,
  writeClaimBody,
} from "../../../../src/chain/settlement/claim.ts";
import {
  MOVES_MAX,
  readResultRecord,
  writeResultRecord,
} from "../../../../src/chain/settlement/resultRecord.ts";
import {
  readSettlementRecord,
  writeSettlementRecord,
} from "../../../../src/chain/settlement/settledRecord.ts";
import {
  CLOSES_MAX,
  encodeMoveBody,
  readSlash,
  writeSlash,
} from "../../../../src/chain/settlement/slash.ts";
import { readTimeout, writeTimeout } from "../../../../src/chain/settlement/timeout.ts";
import { concatBytes, equalBytes } from "../../../../src/lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../../../../src/lib/codec.ts";
import { sha256 } from "../../../../src/lib/hash.ts";
import { LEAF_BYTES } from "../../../../src/protocol/leaf.ts";
import { LINE_MAX } from "../../../../src/protocol/limits.ts";
import {
  CLAIMS,
  RESULTS,
  SETTLEMENTS,
  SLASHES,
} from "../../../properties/decoders/chainSamples.ts";
import { fill } from "../../../properties/decoders/sampleValues.ts";

type Codec<Value> = {
  readonly read: (reader: Reader) => Value;
  readonly write: (writer: Writer, value: Value) => void;
  readonly values: readonly Value[];
};

const toBytes = <Value>({ write }: Codec<Value>, value: Value) =>
  encode((writer) => write(writer, value));

const claims: Codec<(typeof CLAIMS)[number]> = {
  read: readClaim,
  write: writeClaim,
  values: CLAIMS,
};
const slashes: Codec<(typeof SLASHES)[number]> = {
  read: readSlash,
  write: writeSlash,
  values: SLASHES,
};
const timeouts: Codec<{ readonly chainId: Uint8Array }> = {
  read: readTimeout,
  write: writeTimeout,
  values: [{ chainId: fill(32, 1) }],
};
const results: Codec<(typeof RESULTS)[number]> = {
  read: readResultRecord,
  write: writeResultRecord,
  values: RESULTS,
};
const settlements: Codec<(typeof SETTLEMENTS)[number]> = {
  read: readSettlementRecord,
  write: writeSettlementRecord,
  values: SETTLEMENTS,
};

/** What must hold of any codec, whatever it is for. */
function describeCodec<Value>(name: string, codec: Codec<Value>): void {
  describe(name, () => {
    const encodings = codec.values.map((value) => toBytes(codec, value));

    it("comes back as it was", () => {
      codec.values.forEach((value, index) => {
        const bytes = encodings[index] ?? new Uint8Array();
        expect(decode(bytes, codec.read)).toEqual({ ok: true, value });
      });
    });

    it("is refused cut off anywhere, or with a byte too many", () => {
      for (const bytes of encodings) {
        for (let length = 0; length < bytes.length; length++) {
          const cut = decode(bytes.subarray(0, length), codec.read);
          if (cut.ok) expect.fail(`taken with ${length} bytes of ${bytes.length}`);
        }
        const longer = concatBytes(bytes, Uint8Array.of(0));
        expect(decode(longer, codec.read)).toMatchObject({ code: "TRAILING_BYTES" });
      }
    });

    it("is refused, or has just these bytes, wherever one byte is changed", () => {
      for (const bytes of encodings) {
        for (let at = 0; at < bytes.length; at++) {
          for (const flip of [0x01, 0x80, 0xff]) {
            const changed = bytes.slice();
            changed[at] = (changed[at] ?? 0) ^ flip;
            const decoded = decode(changed, codec.read);
            if (!decoded.ok) continue;
            const isSame = equalBytes(toBytes(codec, decoded.value), changed);
            if (!isSame) expect.fail(`byte ${at} has two meanings`);
          }
        }
      }
    });
  });
}

describeCodec("claim", claims);
describeCodec("slash", slashes);
describeCodec("timeout", timeouts);
describeCodec("result record", results);
describeCodec("settlement record", settlements);

/** `bytes` with the byte at `at` replaced. */
function put(bytes: Uint8Array | undefined, at: number, value: number): Uint8Array {
  const changed = (bytes ?? new Uint8Array()).slice();
  changed[at] = value;
  return changed;
}

describe("what a stranger may not ask for", () => {
  const claim = toBytes(claims, CLAIMS[0] as (typeof CLAIMS)[number]);
  const [move, close] = SLASHES.map((slash) => toBytes(slashes, slash));
  const [result] = RESULTS.map((record) => toBytes(results, record));
  const afterIds = 64;
  const afterChain = 32;

  it.each([
    ["a claim without a line", claims.read, put(claim, afterChain, 0), "WRONG_LINE_LENGTH"],
    ["a line too long", claims.read, put(claim, afterChain, LINE_MAX + 1), "WRONG_LINE_LENGTH"],
    ["a slash of another kind", slashes.read, put(move, afterIds, 2), "UNKNOWN_KIND"],
    ["a side that is neither", slashes.read, put(move, afterIds + 1, 2), "NOT_CANONICAL"],
    ["a slash without closes", slashes.read, put(close, afterIds + 2, 0), "WRONG_CLOSE_COUNT"],
    ["a level too deep", slashes.read, put(close, afterIds + 1, LINE_MAX), "WRONG_LEVEL"],
    [
      "too many closes",
      slashes.read,
      put(close, afterIds + 2, CLOSES_MAX + 1),
      "WRONG_CLOSE_COUNT",
    ],
    ["a result without leaves", results.read, put(result, afterChain, 0), "WRONG_LINE_LENGTH"],
    [
      "a result of too many leaves",
      results.read,
      put(result, afterChain, 255),
      "WRONG_LINE_LENGTH",
    ],
    ["an unknown ending", settlements.read, Uint8Array.of(2), "UNKNOWN_KIND"],
  ] as const)("%s", (_, read, bytes, code) => {
    const readAny: (reader: Reader) => unknown = read;
    expect(decode(bytes, readAny)).toMatchObject({ ok: false, code });
  });

  it("more moves than there are", () => {
    const record = RESULTS[1] as (typeof RESULTS)[number];
    const bytes = toBytes(results, record);
    // chain id, leaf count, leaf, rank, a failed run, carrier, deposit, fee, two heights
    const at = 32 + 1 + LEAF_BYTES + 9 + (4 + 32 + 1) + 33 + 8 + 8 + 4 + 4;
    expect(bytes[at]).toBe(record.ownerMoves);
    for (const side of [at, at + 1]) {
      expect(decode(put(bytes, side, MOVES_MAX + 1), results.read)).toMatchObject({
        code: "TOO_MANY",
      });
    }
  });
});

describe("what is signed", () => {
  it("is a claim's line, nonce, evidence and carrier", () => {
    const [chainId, lineHash, scriptSig, carrier] = [
      fill(32, 1),
      fill(32, 2),
      fill(9, 3),
      fill(33, 4),
    ];
    const said = { chainId, lineHash, stateNonce: 258, scriptSigHash: sha256(scriptSig), carrier };
    const body = encode((writer) => writeClaimBody(writer, said));
    expect(decode(body, readClaimBody)).toEqual({ ok: true, value: said });
    const nonce = Uint8Array.of(0, 0, 1, 2);
    expect(body).toEqual(concatBytes(chainId, lineHash, nonce, sha256(scriptSig), carrier));
  });

  it("is a move's result, side, terms, evidence and carrier", () => {
    const [resultKey, scriptHash] = [fill(32, 1), fill(32, 2)];
    const [scriptSig, carrier] = [fill(9, 3), fill(33, 4)];
    const terms = { resultKey, stateNonce: 1, scriptHash, scriptSig, carrier };
    const nonce = Uint8Array.of(0, 0, 0, 1);
    const rest = [nonce, scriptHash, sha256(scriptSig), carrier];
    expect(encodeMoveBody({ ...terms, side: "owner" })).toEqual(
      concatBytes(resultKey, Uint8Array.of(1), ...rest),
    );
    expect(encodeMoveBody({ ...terms, side: "operator" })).toEqual(
      concatBytes(resultKey, Uint8Array.of(0), ...rest),
    );
  });
});
