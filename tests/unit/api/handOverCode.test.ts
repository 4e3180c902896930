import { expect, it } from "vitest";
import { readHandOverCode, writeHandOverCode } from "../../../src/api/handOverCode.ts";
import { concatBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { computePublicKey } from "../../../src/protocol/signature.ts";

const KEY = computePublicKey(new Uint8Array(32).fill(7));
const CODE = writeHandOverCode(KEY);

it("gives the key back, however it was pasted", () => {
  expect(readHandOverCode(CODE)).toEqual({ ok: true, value: KEY });
  expect(readHandOverCode(` ${CODE.toUpperCase()}\n`)).toEqual({ ok: true, value: KEY });
});

it("finds one wrong letter at every place", () => {
  for (let index = 0; index < CODE.length; index++) {
    const letter = CODE[index] === "0" ? "1" : "0";
    const wrong = CODE.slice(0, index) + letter + CODE.slice(index + 1);
    expect(readHandOverCode(wrong), `letter ${index}`).toMatchObject({ code: "WRONG_CODE" });
  }
});

it.each(["", "02ab", CODE.slice(2), `${CODE}00`, CODE.replace("0", "g")])(
  "says of %j that it is no code",
  (text) => expect(readHandOverCode(text)).toMatchObject({ ok: false, code: "NOT_A_CODE" }),
);

it("takes no bytes that are no key, even with the right check", () => {
  const none = new Uint8Array(33).fill(0xff);
  const code = formatHex(concatBytes(none, sha256(none).slice(0, 4)));
  expect(readHandOverCode(code)).toMatchObject({ ok: false, code: "WRONG_CODE" });
});
