import type { States } from "../client/states.ts";
import { accept, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { verifyProof } from "../space/proof.ts";
import type { KitContents, KitContract } from "./kitFile.ts";

/** What came of a kit: contracts whose terms it had newer than the wallet, and of how many in all. */
export type RestoredKit = { readonly newer: number; readonly contracts: number };

/**
 * Take the terms of a kit into a wallet. Nothing that the wallet has newer is overwritten, and nothing is taken that owner and
 * operator have not both signed; the contracts themselves the wallet finds again in the blocks of their chains.
 */
export async function restoreKit(
  { contracts }: Pick<KitContents, "contracts">,
  states: Pick<States, "restore">,
): Promise<Verdict<RestoredKit>> {
  let newer = 0;
  for (const contract of contracts) {
    const found = findLeaf(contract);
    if (!found.ok) return found;
    const { leaf, operator } = found.value;
    const terms = { signed: contract.state, half: contract.half };
    if (await states.restore(leaf.id, leaf.owner, operator, terms)) newer += 1;
  }
  return accept({ newer, contracts: contracts.length });
}

/** The leaf that a kit's line ends in, and the operator of its chain, as the kit says it: its holder has sealed it himself. */
function findLeaf({
  top,
  line,
}: KitContract): Verdict<{ readonly leaf: Leaf; readonly operator: Uint8Array }> {
  return judge(() => {
    let space: { readonly lo: bigint; readonly hi: bigint } = top;
    let operator = top.operator;
    let last: Leaf | undefined;
    for (const { proof } of line) {
      if (last !== undefined) operator = last.owner;
      last = insist(verifyProof(() => true, space.lo, space.hi, proof.path)).leaf;
      space = last;
    }
    if (last === undefined) throw new Refusal("WRONG_LINE_LENGTH", "expected at least one level");
    return { leaf: last, operator };
  });
}
