import { Link } from "wouter";
import { Empty } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";

type Missing = "page" | "chain" | "contract" | "market";

/** An address that leads nowhere in this wallet. */
export function MissingScreen({ what }: { readonly what: Missing }) {
  return (
    <Screen title="Not here">
      <Empty>
        <p>
          This wallet knows no such {what}. It may belong to another key, or the address is not
          whole.
        </p>
        <Link className="button button-plain" href="/">
          Go to the first page
        </Link>
      </Empty>
    </Screen>
  );
}
