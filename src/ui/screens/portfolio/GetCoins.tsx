import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";

/** Coins of the local network, for trying. */
export function GetCoins({ isFirst }: { readonly isFirst: boolean }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const ask = (): void => {
    void run(
      () => api.requestCoins(),
      "Coins are on their way. They count once a block is checked.",
    );
  };
  return (
    <div className="get-coins">
      <Button look={isFirst ? "primary" : "plain"} isBusy={isBusy} onClick={ask}>
        Get coins
      </Button>
      <p className="hint">Coins of the local network. They are for trying and worth nothing.</p>
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
    </div>
  );
}
