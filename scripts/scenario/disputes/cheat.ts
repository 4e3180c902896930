import { type ClaimTerms, draftClaim } from "../../../src/chain/settlement/draftClaim.ts";
import type { Slash } from "../../../src/chain/settlement/slash.ts";
import type { OwnLeaf } from "../../../src/client/ownLeaves.ts";
import { createLine } from "../../../src/client/ownProof.ts";
import { insist, type Verdict } from "../../../src/lib/verdict.ts";
import { TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import { chainOf, handsOf } from "./people.ts";
import type { Exchange, Person } from "./stage.ts";

/** Claim, whatever the main chain may say of it: nothing is rehearsed. */
export async function claimAnyway(
  person: Person,
  terms: Pick<ClaimTerms, "chainId" | "line"> & Partial<ClaimTerms>,
): Promise<Verdict<null>> {
  const { signer, outbox } = handsOf(person);
  const nothing = new Uint8Array();
  const { claim, body } = draftClaim({
    script: TRUE_SCRIPT,
    state: undefined,
    scriptSig: nothing,
    carrier: signer.publicKey,
    ...terms,
  });
  const signature = await signer.sign("signClaim", body);
  return outbox.send({ kind: "sortition-contract", claim: { ...claim, signature } });
}

/** Claim with a contract that the wallet has kept, whoever holds it by now. */
export function claimKept(
  person: Person,
  topId: Uint8Array,
  chain: Pick<Exchange, "chainId">,
  own: OwnLeaf,
  terms: Partial<ClaimTerms> = {},
): Promise<Verdict<null>> {
  const { tracker } = person.wallet;
  const line = insist(createLine(tracker.withAncestors(chainOf(chain, person)), own));
  return claimAnyway(person, { chainId: topId, line, ...terms });
}

/** Slash, whatever the main chain may say of it. */
export function slashAnyway(person: Person, slash: Slash): Promise<Verdict<null>> {
  return handsOf(person).outbox.send({ kind: "sortition-slash", slash });
}
