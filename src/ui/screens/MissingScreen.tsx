import { Link } from "wouter";
import { Empty } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";

/** An address that leads nowhere in this wallet. */
export function MissingScreen({ what }: { readonly what: "page" | "chain" | "contract" }) {
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
