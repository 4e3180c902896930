import type { KeyView } from "../../workers/walletApi.ts";
import { setLookingAround } from "../store.ts";

/** Says that the reader only looks around, and the way back to the key. */
export function KeyBar({ keyKind }: { readonly keyKind: KeyView["kind"] }) {
  if (keyKind === "unlocked") return null;
  return (
    <div className="key-bar">
      <p>
        {keyKind === "none"
          ? "You are looking around without a key. Nothing can be bought or signed."
          : "The wallet is locked. You see its last state; nothing can be bought or signed."}
      </p>
      <button type="button" className="link-button" onClick={() => setLookingAround(false)}>
        {keyKind === "none" ? "Make a key" : "Enter the passphrase"}
      </button>
    </div>
  );
}
