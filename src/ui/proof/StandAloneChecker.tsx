import type { ProofAnswer } from "../../workers/proofCheck.ts";
import { Brand } from "../app/Brand.tsx";
import { Screen } from "../parts/Screen.tsx";
import { ProofChecker } from "./ProofChecker.tsx";

type StandAloneProps = { readonly check: (bytes: Uint8Array) => Promise<ProofAnswer> };

/** The checker as a page of its own, with no wallet around it. */
export function StandAloneChecker({ check }: StandAloneProps) {
  return (
    <main className="proof-bare">
      <Brand />
      <Screen
        title="Check a proof"
        lead="A proof file shows what a contract is, and that it stood. This page checks it by itself: it can reach no network, and has no key."
      >
        <ProofChecker check={check} />
      </Screen>
    </main>
  );
}
