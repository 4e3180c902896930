import { lazy, Suspense } from "react";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";

type ProofScreenProps = { readonly wallet: WalletSnapshot | undefined };

/** The proof checker is a part of its own: whoever checks no file does not load it. */
const Loaded = lazy(async () => {
  try {
    const { ProofScreen } = await import("../screens/ProofScreen.tsx");
    return { default: ProofScreen };
  } catch {
    return { default: UnloadedScreen };
  }
});

export function LazyProofScreen(props: ProofScreenProps) {
  return (
    <Suspense fallback={<p role="status">Opening the proof checker…</p>}>
      <Loaded {...props} />
    </Suspense>
  );
}

function UnloadedScreen(_: ProofScreenProps) {
  return (
    <Screen title="Check a proof">
      <Note tone="danger">
        <p>This screen could not be loaded. Reload the page.</p>
      </Note>
    </Screen>
  );
}
