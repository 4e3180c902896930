import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { describeProof } from "../../src/proof/describeProof.ts";
import { type ExportedProof, exportProof } from "../../src/proof/exportProof.ts";
import { decodeProofFile, encodeProofFile, type ProofFile } from "../../src/proof/proofFile.ts";
import { encodeFramed } from "../../src/proof/sealedFile.ts";
import { type ProofFacts, verifyProofFile } from "../../src/proof/verifyProofFile.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { SeededRandom } from "../reference/seededRandom.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { GENESIS, RULES, VEO } from "./localWorld.ts";

const TRUST = { rules: RULES, genesis: GENESIS.header };

/** The proof of an own contract that stands. */
async function exportOwn(story: Story): Promise<ExportedProof> {
  const { mainChain, tracker, states } = story.user;
  const chain = story.chain();
  const own = [...chain.book.own].find(([id]) => chain.book.live.has(id))?.[1];
  if (own === undefined) throw new Error("no position is held");
  const source = { rules: RULES, mainChain, tracker, states, closesOf: () => [] };
  return insist(await exportProof(source, chain, own));
}

describe("a proof file", () => {
  let story: Story;
  let proof: ExportedProof;
  let file: ProofFile;

  const verdictOf = (changed: Partial<ProofFile>) => {
    const proven = verifyProofFile(encodeProofFile({ ...file, ...changed }), TRUST);
    return proven.ok ? "HOLDS" : proven.code;
  };

  beforeAll(async () => {
    story = await beginStory("football-6");
    await story.placeBet(100n * VEO);
    const [id] = [...story.chain().book.live.keys()].filter((each) =>
      story.chain().book.own.has(each),
    );
    const own = story.chain().book.own.get(id ?? "");
    insist(await story.world.during(story.user.updateTerms(own?.leaf.id ?? new Uint8Array())));
    proof = await exportOwn(story);
    file = insist(decodeProofFile(proof.bytes));
  });

  it("shows a contract, its newest terms and what it hangs on, from the genesis on, with nobody asked", () => {
    const facts = insist(verifyProofFile(proof.bytes, TRUST));
    const [level] = facts.levels;
    expect(level.leaf.owner).toEqual(story.user.hands()?.signer.publicKey);
    expect(level.conditions).toMatchObject([
      { side: true, isFinal: false, questions: ["Do the reds win on Saturday?"] },
    ]);
    expect(facts.terms.nonce).toBe(1);
    expect(facts.asOf).toMatchObject({ isFromGenesis: true, from: 0 });
    expect(facts.asOf.work).toBe(story.user.mainChain.tip().work);
    expect(facts.point).toBeUndefined();
    const { headline, unknown } = describeProof(facts);
    expect(headline).toBe(
      "The contract over 300 to 400 VEO stood in its chain, which plays for 1,000 VEO.",
    );
    expect(unknown.length).toBeGreaterThan(3);
  });

  it("is checked by a process of its own, whose exit code says what came of it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "proof-"));
    const check = async (name: string, bytes: Uint8Array) => {
      await writeFile(join(folder, name), bytes);
      return runCheck([join(folder, name)]);
    };
    const [good, damaged, none] = await Promise.all([
      check("good", proof.bytes),
      check("damaged", proof.bytes.subarray(1)),
      runCheck([]),
    ]);
    await rm(folder, { recursive: true });
    expect(good).toMatchObject({ code: 0, output: expect.stringContaining("It cannot know") });
    expect(damaged).toMatchObject({ code: 1, output: expect.stringContaining("OTHER_FILE") });
    expect(none.code).toBe(2);
  });

  it("is refused where it is damaged, cut short, another file, of another version or of another network", () => {
    const bent = proof.bytes.slice();
    bent[200] = (bent[200] ?? 0) ^ 1;
    expect(verifyProofFile(bent, TRUST)).toMatchObject({ code: "BAD_CHECKSUM" });
    for (const length of [0, 7, 8, 9, 40, proof.bytes.length - 1]) {
      expect(verifyProofFile(proof.bytes.subarray(0, length), TRUST).ok).toBe(false);
    }
    const other = encodeFramed({ magic: "SORTEVID", version: 1, bytesMax: 0 }, () => undefined);
    expect(verifyProofFile(other, TRUST)).toMatchObject({ code: "OTHER_FILE" });
    const newer = encodeFramed({ magic: "SORTPROF", version: 2, bytesMax: 0 }, () => undefined);
    expect(verifyProofFile(newer, TRUST)).toMatchObject({ code: "NOT_SERVED" });
    const long = new Uint8Array(9 * 1024 * 1024);
    expect(verifyProofFile(long, TRUST)).toMatchObject({ code: "TOO_LONG" });
    const foreign = { ...TRUST, rules: createRules({ ...LOCAL_NETWORK, name: "elsewhere" }) };
    expect(verifyProofFile(proof.bytes, foreign)).toMatchObject({ code: "OTHER_NETWORK" });
  });

  it("is refused where anything that it leans on is left out or is another's", () => {
    expect(file.records.map(({ map }) => map)).toEqual(
      expect.arrayContaining(["chains", "existence", "oracles", "requests", "results"]),
    );
    for (const left of file.records) {
      const records = file.records.filter((each) => each !== left);
      expect(verdictOf({ records }), left.map).toBe("NOT_SHOWN");
    }
    expect(verdictOf({ headers: file.headers.slice(0, -1) })).toBe("ROOTS_NOT_OF_HEADER");
    expect(verdictOf({ headers: [] })).toBe("NO_HEADERS");
    expect(verdictOf({ chainId: new Uint8Array(32) })).toBe("NOT_SHOWN");
    expect(verdictOf({ script: Uint8Array.of(1) })).toBe("OTHER_SCRIPT");
    const { state } = file;
    if (state === undefined) throw new Error("no state was signed");
    const raised = { ...state, state: { ...state.state, nonce: 9 } };
    expect(verdictOf({ state: raised })).toBe("BAD_SIGNATURE");
    const [level] = file.line;
    if (level === undefined) throw new Error("no line is shown");
    expect(verdictOf({ line: [{ ...level, conditions: [] }] })).toBe("WRONG_CONDITIONS");
    expect(verdictOf({ line: [level, level] })).not.toBe("HOLDS");
    expect(verdictOf({ evidence: [new Uint8Array(3)] })).toBe("NOT_EVIDENCE");
  });

  it("proves nothing else, whatever of it is changed", () => {
    const random = new SeededRandom(11);
    const outcomes = new Set<string>();
    for (let run = 0; run < 400; run++) {
      const body = proof.bytes.slice(9, -32);
      const at = random.below(body.length);
      body[at] = (body[at] ?? 0) ^ (1 << random.below(8));
      const bytes = encodeFramed({ magic: "SORTPROF", version: 1, bytesMax: 0 }, (writer) =>
        writer.fixed(body, body.length),
      );
      const proven = verifyProofFile(bytes, TRUST);
      outcomes.add(proven.ok ? "HOLDS" : proven.code);
      // The newest header alone can be another: work on a local network is cheap, and the words name it.
      if (proven.ok) expect(sameBut(proven.value, proof.facts)).toBe(true);
    }
    expect(outcomes.size).toBeGreaterThan(8);
  });

  it("says after the draw whether the contract holds the point, and that it is claimed", async () => {
    await story.report("true");
    const { facts } = story.chain().followed;
    await story.world.mine(facts.expiry + 4 - story.world.node.tip().header.header.height);
    const drawn = await exportOwn(story);
    expect(drawn.facts.point).toBe(story.chain().settlement?.point);
    expect(drawn.facts.levels[0].conditions).toMatchObject([{ isTrue: true, isFinal: true }]);
    expect(drawn.facts.claims.own).toBeUndefined();
    const id = drawn.facts.levels[0].leaf.id;
    const { states } = story.user.mainChain.book();
    const whole = insist(decodeProofFile(drawn.bytes));
    const from = 60;
    const start = states[from];
    if (start === undefined) throw new Error("the chain is shorter");
    // Without its beginning it proves the same by less work, and says so.
    const short = { ...whole, start, headers: whole.headers.slice(from) };
    const later = insist(verifyProofFile(encodeProofFile(short), TRUST));
    expect(later.asOf).toMatchObject({ from, isFromGenesis: false });
    expect(later.asOf.work).toBe(drawn.facts.asOf.work - start.work);
    expect(describeProof(later).asOf.join(" ")).toContain("What came before is not shown");
    const richer = { ...short, start: { ...start, ewah: start.ewah * 2n ** 40n } };
    expect(verifyProofFile(encodeProofFile(richer), TRUST)).toMatchObject({ ok: false });
    const claimed = await story.user.claim(id);
    if (!claimed.ok) return expect(claimed.code).toBe("POINT_NOT_COVERED");
    await story.world.mine();
    const again = await exportOwn(story);
    expect(again.facts.claims).toMatchObject({ count: 1, above: 0 });
    expect(describeProof(again.facts).proves.join(" ")).toContain("no other claim stands above it");
    return undefined;
  });
});

/** `npm run -s verify-proof` with these arguments. */
function runCheck(words: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const command = ["--import", "tsx", "scripts/verify-proof.ts", ...words];
    const child = execFile(process.execPath, command, (_, output) =>
      resolve({ code: child.exitCode, output }),
    );
  });
}

/** Whether two files prove the same, but for the newest header. */
function sameBut(a: ProofFacts, b: ProofFacts): boolean {
  const name = (facts: ProofFacts) =>
    facts.levels
      .map(({ leaf, rank }) => [formatHex(leaf.id), leaf.lo, leaf.hi, rank.height])
      .join();
  const isSameTerms = equalBytes(a.terms.script, b.terms.script) && a.terms.nonce === b.terms.nonce;
  return name(a) === name(b) && isSameTerms && a.claims.count === b.claims.count;
}
