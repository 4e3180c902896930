import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";

/** A danger to what is stored on this device, with what to do. */
export function StorageNotes({ storage }: { readonly storage: WalletSnapshot["storage"] }) {
  if (!storage.isFull) return null;
  return (
    <Note tone="danger">
      <p>
        This device has no space left for the wallet. What you hold is stored and safe, but nothing
        new is bought or signed until there is space. Free some, then reload.
      </p>
    </Note>
  );
}
