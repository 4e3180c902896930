import type { DisputeView } from "../../../workers/disputeViews.ts";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { RehearsalFacts } from "../../parts/RehearsalFacts.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { answeredWords, answerNames, depositHints, rewardHints } from "../../words/dispute.ts";

type DisputeAnswerProps = {
  readonly wallet: WalletSnapshot;
  readonly dispute: DisputeView;
  readonly isFirst: boolean;
};

/** What the answer to a dispute costs and brings, or why it cannot be given; then its button. */
export function DisputeAnswer({ wallet, dispute, isFirst }: DisputeAnswerProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const { rehearsal, kind, id } = dispute;
  const depositHint = depositHints[kind];
  return (
    <>
      {rehearsal.kind === "incomplete" ? (
        <Note tone="waiting">
          <p>
            The wallet accuses nobody on incomplete data, so nothing is sent: {rehearsal.missing}.
          </p>
        </Note>
      ) : (
        <RehearsalFacts
          rehearsal={rehearsal}
          rewardHint={rewardHints[kind]}
          isUrgent
          {...(depositHint === undefined ? {} : { depositHint })}
        />
      )}
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      {wallet.key.kind === "unlocked" ? (
        <>
          <Button
            look={isFirst ? "primary" : "plain"}
            isBusy={isBusy}
            isDisabled={rehearsal.kind !== "succeeds"}
            onClick={() => void run(() => api.actOnDispute(id), answeredWords)}
          >
            {answerNames[kind]}
          </Button>
          {wallet.watch.isAutomatic && rehearsal.kind === "succeeds" && (
            <p className="hint">The wallet also sends it by itself, with the next block.</p>
          )}
        </>
      ) : (
        <p className="hint">The key is locked. Unlock it to answer.</p>
      )}
    </>
  );
}
