import { useState } from "react";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Brand } from "../app/Brand.tsx";
import { SyncLine } from "../app/SyncLine.tsx";
import { setLookingAround } from "../store.ts";
import { CreateKeyForm } from "./welcome/CreateKeyForm.tsx";
import { ImportKeyForm } from "./welcome/ImportKeyForm.tsx";
import { RestoreKitForm } from "./welcome/RestoreKitForm.tsx";
import { UnlockForm } from "./welcome/UnlockForm.tsx";
import { WelcomePicture } from "./welcome/WelcomePicture.tsx";

/** The first screen: make, bring or unlock the key. It needs no network. */
export function WelcomeScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  return (
    <main className="welcome">
      <div className="welcome-story">
        <Brand />
        <h1>{wallet.key.kind === "locked" ? "Welcome back" : "A wallet that checks for itself"}</h1>
        <WelcomePicture />
        <p>
          A sortition chain is one prize. You own a part of its probability space, and one drawn
          point decides who gets all of it. A part of 2 % is worth 2 % of the prize, and you can
          sell it at any time before the draw.
        </p>
        <p>
          This wallet checks every block on your device. What it has not checked, it does not call
          verified.
        </p>
      </div>
      <div className="welcome-door">
        {wallet.key.kind === "locked" ? <UnlockForm address={wallet.key.address} /> : <NewKey />}
        <button type="button" className="link-button" onClick={() => setLookingAround(true)}>
          {wallet.key.kind === "locked" ? "Look without unlocking" : "Look around first"}
        </button>
        <SyncLine network={wallet.network} />
      </div>
    </main>
  );
}

function NewKey() {
  const [way, setWay] = useState<"new" | "import" | "restore">("new");
  return (
    <>
      {way === "new" && <CreateKeyForm />}
      {way === "import" && <ImportKeyForm />}
      {way === "restore" && <RestoreKitForm />}
      {way === "new" ? (
        <>
          <button type="button" className="link-button" onClick={() => setWay("import")}>
            I have a private key already
          </button>
          <button type="button" className="link-button" onClick={() => setWay("restore")}>
            I have a claim kit
          </button>
        </>
      ) : (
        <button type="button" className="link-button" onClick={() => setWay("new")}>
          Make a new one instead
        </button>
      )}
    </>
  );
}
