import { argon2id } from "hash-wasm";
import { describe, expect, it } from "vitest";
import { formatHex, parseHex } from "../../../src/lib/hex.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { createVault, openVault } from "../../../src/workers/vault.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };
const KEY = parseHex("11".repeat(32));

function randomBytes(seed: number): (length: number) => Uint8Array {
  const random = new SeededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

describe("vault", () => {
  it("derives keys by the Argon2id of the reference implementation", async () => {
    const known = await argon2id({
      password: "password",
      salt: encodeUtf8("somesalt"),
      iterations: 2,
      parallelism: 1,
      memorySize: 65_536,
      hashLength: 32,
      outputType: "hex",
    });
    // From the test file of the reference implementation.
    expect(known).toBe("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  });

  it("gives the key back to the passphrase, and to no other", async () => {
    const vault = await createVault(KEY, "correct horse", randomBytes(1), CHEAP);
    const opened = await openVault(vault, "correct horse");
    expect(opened.ok && formatHex(opened.value)).toBe(formatHex(KEY));
    expect(await openVault(vault, "correct hors")).toMatchObject({ code: "WRONG_PASSPHRASE" });
    expect(await openVault(vault, "")).toMatchObject({ code: "WRONG_PASSPHRASE" });
  });

  it("takes the same letters typed in another way as the same passphrase", async () => {
    const vault = await createVault(KEY, "caf\u00e9", randomBytes(2), CHEAP);
    expect((await openVault(vault, "cafe\u0301")).ok).toBe(true);
  });

  it("refuses a vault with any byte changed, cut off or added", async () => {
    const vault = await createVault(KEY, "correct horse", randomBytes(3), CHEAP);
    for (let index = 0; index < vault.length; index++) {
      // Memory, of which a changed byte may honestly ask for up to 256 MiB: only its least byte here.
      if (index >= 1 && index <= 3) continue;
      const changed = Uint8Array.from(vault);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect((await openVault(changed, "correct horse")).ok, `byte ${index}`).toBe(false);
    }
    for (let length = 0; length < vault.length; length++) {
      expect((await openVault(vault.slice(0, length), "correct horse")).ok).toBe(false);
    }
    expect((await openVault(Uint8Array.of(...vault, 0), "correct horse")).ok).toBe(false);
  });

  it("refuses a head that asks for too much before it allocates anything", async () => {
    const vault = await createVault(KEY, "correct horse", randomBytes(4), CHEAP);
    const greedy = Uint8Array.from(vault);
    greedy.set([0xff, 0xff, 0xff, 0xff], 1);
    expect(await openVault(greedy, "correct horse")).toMatchObject({ code: "COST_OUT_OF_RANGE" });
  });

  it("never seals twice with one salt or IV", async () => {
    const random = randomBytes(5);
    const heads = new Set<string>();
    for (let made = 0; made < 50; made++) {
      const vault = await createVault(KEY, "correct horse", random, CHEAP);
      heads.add(formatHex(vault.slice(7, 23)));
      heads.add(formatHex(vault.slice(23, 35)));
    }
    expect(heads.size).toBe(100);
  });
});
