import { lazy, Suspense } from "react";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";

type MarketScreenProps = {
  readonly wallet: WalletSnapshot;
  readonly chainId: string;
  readonly bookId: string;
};

/** The trading screen is a part of its own: whoever does not trade does not load it. */
const Loaded = lazy(async () => {
  try {
    const { MarketScreen } = await import("../screens/MarketScreen.tsx");
    return { default: MarketScreen };
  } catch {
    return { default: UnloadedScreen };
  }
});

export function LazyMarketScreen(props: MarketScreenProps) {
  return (
    <Suspense fallback={<p role="status">Opening the market…</p>}>
      <Loaded {...props} />
    </Suspense>
  );
}

/** The network was gone when its file was asked for, or a newer version has taken its place. */
function UnloadedScreen(_: MarketScreenProps) {
  return (
    <Screen title="Market">
      <Note tone="danger">
        <p>This screen could not be loaded. Your orders are not touched. Reload the page.</p>
      </Note>
    </Screen>
  );
}
