import { useEffect } from "react";
import { Link, Route, Router, Switch, useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import type { WalletApi, WalletSnapshot } from "../../workers/walletApi.ts";
import { useReminders } from "../reminders/useReminders.ts";
import { ActivityScreen } from "../screens/ActivityScreen.tsx";
import { ChainScreen } from "../screens/ChainScreen.tsx";
import { ChainsScreen } from "../screens/ChainsScreen.tsx";
import { ContractScreen } from "../screens/ContractScreen.tsx";
import { MissingScreen } from "../screens/MissingScreen.tsx";
import { OpeningScreen } from "../screens/OpeningScreen.tsx";
import { PortfolioScreen } from "../screens/PortfolioScreen.tsx";
import { SettingsScreen } from "../screens/SettingsScreen.tsx";
import { WelcomeScreen } from "../screens/WelcomeScreen.tsx";
import { setOpenFailure, setSnapshot, useWallet } from "../store.ts";
import { WalletProvider } from "../walletContext.ts";
import { Brand } from "./Brand.tsx";
import { LazyMarketScreen } from "./LazyMarketScreen.tsx";
import { LazyProofScreen } from "./LazyProofScreen.tsx";
import { LazyDisputesScreen, LazySettleScreen } from "./LazySettle.tsx";
import { NoticeBar } from "./NoticeBar.tsx";
import { Shell } from "./Shell.tsx";
import { UpdateBar } from "./UpdateBar.tsx";

/** The whole page over one wallet. */
export function App({ api }: { readonly api: WalletApi }) {
  useEffect(() => {
    api.subscribe(setSnapshot).catch((error: unknown) => {
      setOpenFailure(error instanceof Error ? error.message : String(error));
    });
  }, [api]);
  useReminders();
  return (
    <WalletProvider value={api}>
      <Router hook={useHashLocation}>
        <UpdateBar />
        <Door />
        <NoticeBar />
      </Router>
    </WalletProvider>
  );
}

/** Opening, then the key, then the screens. */
function Door() {
  const snapshot = useWallet((state) => state.snapshot);
  const isLookingAround = useWallet((state) => state.isLookingAround);
  const [location] = useLocation();
  const isInside = snapshot?.key.kind === "unlocked" || isLookingAround;
  // Checking a file needs neither key nor network, nor an opened wallet.
  if (location === "/proof" && (snapshot === undefined || !isInside)) {
    return (
      <main className="proof-bare">
        <Link href="/">
          <Brand />
        </Link>
        <LazyProofScreen wallet={snapshot} />
      </main>
    );
  }
  if (snapshot === undefined) return <OpeningScreen />;
  if (!isInside) {
    return <WelcomeScreen wallet={snapshot} />;
  }
  return (
    <Shell wallet={snapshot}>
      <Screens wallet={snapshot} />
    </Shell>
  );
}

function Screens({ wallet }: { readonly wallet: WalletSnapshot }) {
  return (
    <Switch>
      <Route path="/">
        <PortfolioScreen wallet={wallet} />
      </Route>
      <Route path="/chains">
        <ChainsScreen wallet={wallet} />
      </Route>
      <Route path="/chain/:id">
        {({ id }) => <ChainScreen key={id} wallet={wallet} id={id} />}
      </Route>
      <Route path="/chain/:id/market/:book">
        {({ id, book }) => (
          <LazyMarketScreen key={`${id} ${book}`} wallet={wallet} chainId={id} bookId={book} />
        )}
      </Route>
      <Route path="/contract/:id">
        {({ id }) => <ContractScreen key={id} wallet={wallet} id={id} />}
      </Route>
      <Route path="/settle">
        <LazySettleScreen wallet={wallet} />
      </Route>
      <Route path="/proof">
        <LazyProofScreen wallet={wallet} />
      </Route>
      <Route path="/disputes">
        <LazyDisputesScreen wallet={wallet} />
      </Route>
      <Route path="/activity">
        <ActivityScreen wallet={wallet} />
      </Route>
      <Route path="/settings">
        <SettingsScreen wallet={wallet} />
      </Route>
      <Route>
        <MissingScreen what="page" />
      </Route>
    </Switch>
  );
}
