import { describe, expect, it } from "vitest";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { runTerms } from "../../../src/chain/settlement/contractRun.ts";
import { assemble } from "../../../src/chalang/assemble.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { decodeKitContents, encodeKitContents } from "../../../src/proof/kitFile.ts";
import { decodeProofFile, encodeProofFile } from "../../../src/proof/proofFile.ts";
import { createProofView } from "../../../src/proof/proofView.ts";
import { encodeFramed } from "../../../src/proof/sealedFile.ts";
import { STATE_MAPS } from "../../../src/protocol/factEvidence.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { PROOF_FILES } from "../../properties/decoders/proofSamples.ts";

const rules = createRules(LOCAL_NETWORK);
const genesis = createLocalGenesis(rules).header;
const NOTHING = new Uint8Array();

/** A script that ends only with its gas. */
const SPIN = insist(assemble(": loop nop recurse call ; loop call"));

describe("a crafted file", () => {
  it("runs no more scripts than a checker has patience for", () => {
    const headers = { states: [genesis], tip: genesis, isFromGenesis: true } as const;
    const file = { mapRoots: STATE_MAPS.map(() => new Uint8Array(32)), records: [] };
    const view = insist(createProofView(file, headers, rules, () => undefined));
    const runs = () => {
      for (let run = 0; run < 70; run++) runTerms(1, SPIN, NOTHING, view.gas);
    };
    expect(runs).toThrow(/expected runs of at most/);
  });

  it("is refused for counts that it could not hold, before anything is made of them", () => {
    const [sample] = PROOF_FILES;
    if (sample === undefined) throw new Error("there is no sample");
    const bytes = encodeProofFile(sample);
    const body = bytes.slice(9, -32);
    // The count of headers comes after the network's id and the flag of the start.
    for (const count of [4_096, 65_535]) {
      const greedy = body.slice();
      new DataView(greedy.buffer).setUint16(33, count);
      const file = encodeFramed({ magic: "SORTPROF", version: 1, bytesMax: 0 }, (writer) =>
        writer.fixed(greedy, greedy.length),
      );
      const refused = decodeProofFile(file);
      expect(refused.ok).toBe(false);
      expect(!refused.ok && refused.code).toMatch(/^(TOO_MANY|TRUNCATED)$/);
    }
    const kit = encodeKitContents({ contracts: [], closes: [] });
    new DataView(kit.buffer).setUint16(0, 1_024);
    expect(decodeKitContents(kit)).toMatchObject({ code: "TRUNCATED" });
  });
});
