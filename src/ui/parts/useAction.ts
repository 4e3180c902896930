import { useState } from "react";
import type { ActionResult } from "../../workers/walletApi.ts";
import { showNotice } from "../store.ts";

export type Action = {
  readonly isBusy: boolean;
  /** Why the last try did not do it, as the wallet says it. */
  readonly failure: string | undefined;
  /** Do `work`; says `done` when it is done. Resolves to whether it is. A second call while busy does nothing. */
  readonly run: (work: () => Promise<ActionResult>, done?: string) => Promise<boolean>;
};

/** One thing the reader can ask of the wallet, with its waiting and its refusal. */
export function useAction(): Action {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const run: Action["run"] = async (work, done) => {
    if (isBusy) return false;
    setIsBusy(true);
    setFailure(undefined);
    const result = await work().catch(describeBreakdown);
    setIsBusy(false);
    if (!result.ok) setFailure(result.message);
    else if (done !== undefined) showNotice({ tone: "done", words: done });
    return result.ok;
  };
  return { isBusy, failure, run };
}

function describeBreakdown(error: unknown): ActionResult {
  const cause = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    code: "WORKER_DOWN",
    message: `The wallet's worker stopped before it answered (${cause}). Nothing was confirmed. Reload the page and look at Activity before you try again.`,
  };
}
