import { describe, expect, it } from "vitest";
import { formatBase64 } from "../../../src/lib/base64.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules, isSignedBy } from "../../../src/protocol/rules.ts";
import { computePublicKey } from "../../../src/protocol/signature.ts";
import { createSignerService } from "../../../src/workers/signerService.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const rules = createRules(LOCAL_NETWORK);
const BODY = Uint8Array.of(1, 2, 3);

function create() {
  const random = new SeededRandom(7);
  return createSignerService((length) => Uint8Array.from({ length }, () => random.below(256)));
}

describe("signer service", () => {
  it("signs for one purpose and network while it is unlocked, and not after", async () => {
    const signer = create();
    expect(signer.sign("signClose", rules.networkId, BODY)).toMatchObject({ code: "LOCKED" });
    const { publicKey, vault } = await signer.createKey("correct horse");
    const signature = insist(signer.sign("signClose", rules.networkId, BODY));
    expect(isSignedBy(rules, "signClose", BODY, signature, publicKey)).toBe(true);
    expect(isSignedBy(rules, "signState", BODY, signature, publicKey)).toBe(false);
    signer.lock();
    expect(signer.sign("signClose", rules.networkId, BODY)).toMatchObject({ code: "LOCKED" });
    expect(await signer.unlock(vault, "wrong")).toMatchObject({ code: "WRONG_PASSPHRASE" });
    expect(formatHex(insist(await signer.unlock(vault, "correct horse")))).toBe(
      formatHex(publicKey),
    );
  });

  it("takes a key as hex or base64, and nothing that is none", async () => {
    const signer = create();
    const key = new Uint8Array(32).fill(9);
    const wanted = formatHex(computePublicKey(key));
    for (const text of [formatHex(key), ` ${formatHex(key).toUpperCase()}\n`, formatBase64(key)]) {
      expect(formatHex(insist(await signer.importKey(text, "x")).publicKey)).toBe(wanted);
    }
    for (const text of ["", "00".repeat(32), "ff".repeat(32), "11".repeat(31), "zz".repeat(32)]) {
      expect(await signer.importKey(text, "x")).toMatchObject({ code: "NOT_A_KEY" });
    }
  });

  it("signs nothing without a purpose of ours", async () => {
    const signer = create();
    await signer.createKey("x");
    for (const tag of ["network", "draw", "__proto__", ""]) {
      expect(signer.sign(tag as "signClose", rules.networkId, BODY)).toMatchObject({
        code: "UNKNOWN_PURPOSE",
      });
    }
  });
});
