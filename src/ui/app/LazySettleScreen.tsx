import { lazy, Suspense } from "react";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";

type SettleScreenProps = { readonly wallet: WalletSnapshot };

/** Settling is a part of its own: whoever only trades does not load it. */
const Loaded = lazy(async () => {
  try {
    const { SettleScreen } = await import("../screens/SettleScreen.tsx");
    return { default: SettleScreen };
  } catch {
    return { default: UnloadedScreen };
  }
});

export function LazySettleScreen(props: SettleScreenProps) {
  return (
    <Suspense fallback={<p role="status">Opening what is to settle…</p>}>
      <Loaded {...props} />
    </Suspense>
  );
}

/** The network was gone when its file was asked for, or a newer version has taken its place. */
function UnloadedScreen(_: SettleScreenProps) {
  return (
    <Screen title="Settle">
      <Note tone="danger">
        <p>
          This screen could not be loaded. Nothing is lost by it, but deadlines go on. Reload the
          page, or open a contract in the portfolio to claim its prize there.
        </p>
      </Note>
    </Screen>
  );
}
