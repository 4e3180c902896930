import { useEffect, useState } from "react";
import type { ActionResult, KitAnswer, KitView } from "../../workers/walletApi.ts";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import { Panel } from "../parts/Panel.tsx";
import { saveFile } from "../parts/saveFile.ts";
import { useAction } from "../parts/useAction.ts";
import { useWalletApi } from "../walletContext.ts";
import { canKeepFile, chooseKeptFile, writeKeptFile } from "./keptFile.ts";

const KIT_NAME = "sortition-claim-kit.sortkit";

const words: Record<KitView["state"], string> = {
  nothing: "There is nothing to claim yet. A kit is worth saving once you hold a contract.",
  none: "No claim kit is saved. If this device is lost, nobody can claim your contracts for you.",
  stale: "Your claim kit is older than your contracts: it would miss some of what you hold now.",
  fresh: "Your claim kit has all that you hold.",
};

/** What claims and defends the contracts where this wallet and their operators are gone, as a file. */
export function KitPanel({ kit }: { readonly kit: KitView }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const isBehind = kit.state === "stale" || kit.state === "none";
  useKeptKit(kit.state === "stale");

  const save = () =>
    make((made) => {
      saveFile(KIT_NAME, made.bytes);
      return Promise.resolve(true);
    });
  const keep = async (): Promise<ActionResult> =>
    (await chooseKeptFile(KIT_NAME))
      ? make(({ bytes }) => writeKeptFile(bytes, true))
      : { ok: true };

  async function make(write: (made: KitAnswer & { readonly ok: true }) => Promise<boolean>) {
    const made = await api.exportKit();
    if (!made.ok) return made;
    return (await write(made)) ? api.keepKitMark(made.mark) : NOT_WRITTEN;
  }

  return (
    <Panel title="Claim kit">
      <Note tone={isBehind ? "waiting" : kit.state === "fresh" ? "safe" : "plain"}>
        <p>{words[kit.state]}</p>
      </Note>
      <p className="hint">
        With this file, your passphrase and any main-chain node you can claim and defend all of
        them, with neither this wallet nor an operator. Only your key opens it. It is old after each
        change.
      </p>
      {failure !== undefined && (
        <Note tone="danger">
          <p>{failure}</p>
        </Note>
      )}
      <div className="button-row">
        <Button
          isBusy={isBusy}
          isDisabled={kit.state === "nothing"}
          onClick={() => void run(save, "The claim kit is saved.")}
        >
          {kit.state === "none" ? "Save the claim kit" : "Save it anew"}
        </Button>
        {canKeepFile() && (
          <Button
            look="quiet"
            isBusy={isBusy}
            isDisabled={kit.state === "nothing"}
            onClick={() => void run(keep, "This page writes that file anew after each change.")}
          >
            Keep a file up to date
          </Button>
        )}
      </div>
    </Panel>
  );
}

const NOT_WRITTEN: ActionResult = {
  ok: false,
  code: "NOT_WRITTEN",
  message: "The browser did not let this page write the file. Save the kit instead.",
};

/** Write the kept file anew whenever it is behind, as long as the browser lets it. */
function useKeptKit(isStale: boolean): void {
  const api = useWalletApi();
  const [isWriting, setIsWriting] = useState(false);
  useEffect(() => {
    if (!isStale || isWriting || !canKeepFile()) return;
    setIsWriting(true);
    (async () => {
      const made = await api.exportKit();
      if (made.ok && (await writeKeptFile(made.bytes, false))) await api.keepKitMark(made.mark);
    })()
      // What could not be written stays marked as old, and the reader can save it himself.
      .catch(() => undefined)
      .finally(() => setIsWriting(false));
  }, [api, isStale, isWriting]);
}
