import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { assemble } from "../../../src/chalang/assemble.ts";
import { Budget, CAPS } from "../../../src/chalang/budget.ts";
import { disassemble } from "../../../src/chalang/disassemble.ts";
import { type RunResult, runScripts } from "../../../src/chalang/run.ts";
import { serialise } from "../../../src/chalang/serialise.ts";
import { formatBase64 } from "../../../src/lib/base64.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { signDer } from "../../../src/protocol/amoveo/derSignature.ts";
import { CHALANG_LIMITS } from "../../../src/protocol/limits.ts";

function code(source: string): Uint8Array {
  const assembled = assemble(source);
  if (!assembled.ok) throw new Error(assembled.message);
  return assembled.value;
}

/** To its end, which gas, caps and the budget of work bring about: one that they did not bound would not end while a test may run. */
function run(script: Uint8Array): RunResult {
  return runScripts({ scriptSig: new Uint8Array(), script, ...CHALANG_LIMITS });
}

const repeat = (count: number, words: string): string => `${words} `.repeat(count);
/** A loop that ends only with the gas. */
const forever = (words: string): string => `: loop ${words} recurse call ; loop call`;
/** Puts a binary of 2 MiB on the alt stack. */
const LONG = `int 7 >r ${repeat(19, "r@ r> ++ >r")}`;
/** Puts a list of half a million cells as a tree, and 19 in memory, on the alt stack. */
const SHARED = `nil >r ${repeat(19, "r@ r> cons >r")}`;
/** Puts a signature, what it signs and its key into variables. */
const SIGNED = storeSigned();

function storeSigned(): string {
  const privateKey = new Uint8Array(32).fill(5);
  const digest = sha256(serialise(7, new Budget()));
  const signature = signDer(digest, privateKey);
  const key = secp256k1.getPublicKey(privateKey);
  return `${pushed(signature)} S ! int 7 D ! ${pushed(key)} K !`;
}

function pushed(bytes: Uint8Array): string {
  return `binary ${bytes.length} ${formatBase64(bytes)}`;
}

describe("a program cannot outgrow the machine", () => {
  test.each([
    ["doubles a binary", `int 7 >r ${repeat(40, "r@ r> ++ >r")}`],
    ["doubles a list by appending", `nil int 7 swap cons >r ${repeat(40, "r@ r> ++ >r")}`],
    ["shares a list with itself", `nil >r ${repeat(40, "r@ r> cons >r")}`],
    ["makes many long binaries", `${LONG} ${forever(repeat(20, "r@ int 1 ++"))}`],
    ["hashes a long binary", `${LONG} ${forever("r@ hash drop")}`],
    ["compares long binaries", `${LONG} r@ int 1 ++ r@ int 1 ++ ${forever("== drop")}`],
    ["compares shared lists built apart", `${SHARED} ${SHARED} r> r> ${forever("== drop")}`],
    ["hashes a shared list", `${SHARED} ${forever("r@ hash drop")}`],
    ["reduces a long binary", `${LONG} ${forever("r@ int 7 rem drop")}`],
    [
      "rolls a deep stack",
      `int 7 >r ${repeat(2000, "r@")} ${forever(repeat(200, "int 1999 pickn"))}`,
    ],
    [
      "sinks values in a deep stack",
      `${repeat(2000, "nil")} ${forever(repeat(200, "int 1998 tuckn"))}`,
    ],
    ["verifies a valid signature", `${SIGNED} ${forever(repeat(40, "S @ D @ K @ verify_sig"))}`],
  ])("that %s", (_, source) => {
    expect(run(code(source)).kind).toBe("limit");
  });

  test("the doubling tricks hit our own cap, not a vm error", () => {
    for (const source of [
      `int 7 >r ${repeat(40, "r@ r> ++ >r")}`,
      `nil int 7 swap cons >r ${repeat(40, "r@ r> ++ >r")}`,
      `nil >r ${repeat(40, "r@ r> cons >r")}`,
    ]) {
      expect(run(code(source)).kind).toBe("limit");
    }
  });

  test("the signature of the hostile program is a valid one", () => {
    const result = run(code(`${SIGNED} S @ D @ K @ verify_sig`));
    expect(result.kind === "ok" && result.stack[0]).toBe(1);
  });

  test("below the caps the same tricks are fine", () => {
    const binary = run(code(`int 7 >r ${repeat(20, "r@ r> ++ >r")} r>`));
    if (binary.kind !== "ok") throw new Error(binary.reason);
    expect((binary.stack[0] as Uint8Array).length).toBe(CAPS.binaryBytes);
    expect(run(code(`nil >r ${repeat(21, "r@ r> cons >r")} r> drop`)).kind).toBe("ok");
  });

  test.each([
    ["a loop", forever("nop")],
    ["a loop that only pushes", forever(repeat(50, "r@").replace(/^/, "int 1 >r "))],
    ["a loop that drives ram down", forever(repeat(50, "int 1 drop"))],
    ["a loop that is no tail call", ": loop int 1 if recurse call else then ; loop call"],
    ["a list reversed", `nil ${repeat(900, "int 1 swap cons")} ${forever("reverse")}`],
    ["a hash in each step", forever(repeat(50, "dup hash").replace(/^/, "int 1 "))],
  ])("%s ends with its gas", (_, source) => {
    expect(run(code(source)).kind).toBe("error");
  });

  test("nesting a hundred thousand deep does not reach the host's stack", () => {
    const wrap = Uint8Array.from({ length: 300_000 }, (_, i) => [132, 130, 12][i % 3] as number);
    const twice = Uint8Array.from([132, ...wrap, 132, ...wrap, 58, 40]);
    expect(run(twice).kind).toBe("ok");
    const ifs = new Uint8Array(600_000).fill(70);
    expect(run(Uint8Array.from([141, ...ifs])).kind).toBe("error");
  });

  test("a function that grows by its own name stays in bounds", () => {
    const body = new Uint8Array(1_000_000).fill(112);
    expect(run(Uint8Array.from([110, ...body, 111])).kind).toBe("limit");
  });

  test("a script above the largest binary is refused by our cap", () => {
    const script = new Uint8Array(CAPS.binaryBytes + 1);
    const scriptSig = new Uint8Array();
    const ramGas = 2 * script.length;
    const result = runScripts({ scriptSig, script, ...CHALANG_LIMITS, ramGas });
    expect(result).toMatchObject({ kind: "limit", stage: "script" });
  });

  test("ill-meant source gives a verdict", () => {
    const doubling = Array.from({ length: 40 }, (_, i) => `macro m${i + 1} m${i} m${i} ;`).join(
      " ",
    );
    expect(assemble(`macro m0 dup dup ; ${doubling} m40`)).toMatchObject({ code: "TOO_LONG" });
    expect(assemble(": ".repeat(200_000)).ok).toBe(false);
    expect(assemble(`int4 ${"9".repeat(200_000)}`).ok).toBe(true);
    expect(assemble("dup \u{1f600}")).toMatchObject({ code: "NOT_BYTES" });
    expect(assemble(`dup ${"( ".repeat(100_000)}`)).toMatchObject({ code: "COMMENT" });
    expect(assemble("constructor __proto__").ok).toBe(false);
    expect(disassemble(new Uint8Array(200_000).fill(110)).length).toBeGreaterThan(200_000);
  });
});
