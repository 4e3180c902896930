import { useEffect, useState } from "react";
import { Brand } from "../app/Brand.tsx";
import { Note } from "../parts/Note.tsx";
import { useWallet } from "../store.ts";

const PATIENCE_MS = 8_000;

/** The moment before the wallet's storage is open, and what to say when it does not open. */
export function OpeningScreen() {
  const failure = useWallet((state) => state.openFailure);
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="opening">
      <Brand />
      <h1 className="hidden-words">Sortition wallet</h1>
      {failure === undefined ? (
        <p role="status">
          {isSlow
            ? "Still opening the wallet on this device. Another tab may be holding it: close the other tab, or reload."
            : "Opening the wallet on this device."}
        </p>
      ) : (
        <Note tone="danger">
          <p>
            The wallet could not open its storage on this device ({failure}). Nothing is lost. Leave
            private browsing if you are in it, and reload the page.
          </p>
        </Note>
      )}
    </main>
  );
}
