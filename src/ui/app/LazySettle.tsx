import { type ComponentType, lazy, Suspense } from "react";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";

type SettleProps = { readonly wallet: WalletSnapshot };

/** Settling is a part of its own: whoever only trades does not load it. */
function loadLater(title: string, load: () => Promise<ComponentType<SettleProps>>) {
  return lazy(async () => {
    try {
      return { default: await load() };
    } catch {
      return { default: () => <UnloadedScreen title={title} /> };
    }
  });
}

const Settle = loadLater("Settle", async () => {
  const { SettleScreen } = await import("../screens/SettleScreen.tsx");
  return SettleScreen;
});

const Disputes = loadLater("Disputes", async () => {
  const { DisputesScreen } = await import("../screens/DisputesScreen.tsx");
  return DisputesScreen;
});

export function LazySettleScreen(props: SettleProps) {
  return (
    <Suspense fallback={<p role="status">Opening what is to settle…</p>}>
      <Settle {...props} />
    </Suspense>
  );
}

export function LazyDisputesScreen(props: SettleProps) {
  return (
    <Suspense fallback={<p role="status">Opening the disputes…</p>}>
      <Disputes {...props} />
    </Suspense>
  );
}

/** The network was gone when its file was asked for, or a newer version has taken its place. */
function UnloadedScreen({ title }: { readonly title: string }) {
  return (
    <Screen title={title}>
      <Note tone="danger">
        <p>
          This screen could not be loaded. Nothing is lost by it, but deadlines go on. Reload the
          page, or open a contract in the portfolio to claim its prize there.
        </p>
      </Note>
    </Screen>
  );
}
