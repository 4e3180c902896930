import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { listTasks } from "../figures/tasks.ts";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { Brand } from "./Brand.tsx";
import { JourneyBar } from "./JourneyBar.tsx";
import { KeyBar } from "./KeyBar.tsx";
import { SyncLine } from "./SyncLine.tsx";

type Place = {
  readonly title: string;
  readonly path: string;
  readonly icon: IconName;
  /** Screens further down that belong here too. */
  readonly covers?: readonly string[];
};

const places: readonly Place[] = [
  { title: "Portfolio", path: "/", icon: "portfolio", covers: ["/contract/"] },
  { title: "Chains", path: "/chains", icon: "chains", covers: ["/chain/"] },
  { title: "Settle", path: "/settle", icon: "settle", covers: ["/disputes"] },
  { title: "Activity", path: "/activity", icon: "activity" },
  { title: "Settings", path: "/settings", icon: "settings" },
];

type ShellProps = { readonly wallet: WalletSnapshot; readonly children: ReactNode };

/** What stands around every screen: the places, the line of sync, what is under way. */
export function Shell({ wallet, children }: ShellProps) {
  return (
    <div className="shell">
      <button type="button" className="skip-link" onClick={skipToContent}>
        Skip to content
      </button>
      <header className="rail">
        <Brand />
        <nav aria-label="Main" className="places">
          {places.map((place) => (
            <PlaceLink
              key={place.path}
              place={place}
              due={place.path === "/settle" ? countDue(wallet) : 0}
            />
          ))}
        </nav>
        <SyncLine network={wallet.network} />
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <KeyBar keyKind={wallet.key.kind} />
        {wallet.progress !== undefined && <JourneyBar progress={wallet.progress} />}
        {children}
      </main>
    </div>
  );
}

function countDue(wallet: WalletSnapshot): number {
  return listTasks(wallet).filter(({ isMust }) => isMust).length;
}

type PlaceLinkProps = {
  readonly place: Place;
  /** How much there must be done; it is said beside the name. */
  readonly due: number;
};

function PlaceLink({ place, due }: PlaceLinkProps) {
  const [location] = useLocation();
  const isExact = location === place.path;
  const isHere = isExact || (place.covers?.some((path) => location.startsWith(path)) ?? false);
  return (
    <Link
      href={place.path}
      className="place"
      data-here={isHere}
      aria-current={isExact ? "page" : isHere || undefined}
    >
      <Icon name={place.icon} />
      {place.title}
      {due > 0 && (
        <span className="place-due">
          {due}
          <span className="hidden-words"> to do</span>
        </span>
      )}
    </Link>
  );
}

/** The hash of the address is the router's, so the jump is made by hand. */
function skipToContent(): void {
  document.getElementById("content")?.focus();
}
