import { useEffect, useState } from "react";
import { checkProof, openProofWorker, type ProofView } from "../../workers/proofCheck.ts";
import type { HeaderStanding, WalletSnapshot } from "../../workers/walletApi.ts";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";
import { ProofChecker } from "../proof/ProofChecker.tsx";
import { useWalletApi } from "../walletContext.ts";
import { groupThousands } from "../words/amount.ts";

/** The file that does the same from a disk, beside the page. */
const STAND_ALONE = "proof-checker.html";

type ProofScreenProps = {
  /** Undefined while the wallet opens: a file is checked without it. */
  readonly wallet: WalletSnapshot | undefined;
};

/** What a stranger's file proves, with no key and no connection. */
export function ProofScreen({ wallet }: ProofScreenProps) {
  return (
    <Screen
      title="Check a proof"
      lead="A proof file shows what a contract is, and that it stood. It is checked here, with no key and no connection."
      aside={
        <a className="button button-plain" href={`/${STAND_ALONE}`} download={STAND_ALONE}>
          Save this checker
        </a>
      }
    >
      <ProofChecker
        check={(bytes) => checkProof(bytes, openProofWorker)}
        aside={(proof) => (wallet === undefined ? null : <OwnWord proof={proof} />)}
      />
    </Screen>
  );
}

/** Whether the wallet's own main chain is the one that the file shows. */
function OwnWord({ proof }: { readonly proof: ProofView }) {
  const api = useWalletApi();
  const [standing, setStanding] = useState<HeaderStanding>();
  const { height, hash } = proof.tip;
  useEffect(() => {
    let isShown = true;
    api.compareHeader(height, hash).then(
      (found) => {
        if (isShown) setStanding(found);
      },
      // A wallet that does not answer says nothing of the file.
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [api, height, hash]);
  switch (standing?.kind) {
    case "ours":
      return (
        <Note tone="safe">
          <p>
            Your own wallet has checked this very block: it is on its best main chain, with{" "}
            {groupThousands(standing.above)} blocks above it.
          </p>
        </Note>
      );
    case "other":
      return (
        <Note tone="danger">
          <p>
            Your own wallet has another block at this height on its best main chain. The file shows
            a past that it does not know.
          </p>
        </Note>
      );
    case "beyond":
      return (
        <Note tone="waiting">
          <p>
            Your own wallet has checked the main chain only up to block{" "}
            {groupThousands(standing.height)}, and cannot say whether this block is on it.
          </p>
        </Note>
      );
    default:
      return null;
  }
}
