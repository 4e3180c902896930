import type { ContractView, ShowingView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Button } from "../../parts/Button.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { groupThousands } from "../../words/amount.ts";

type ShowingPanelProps = { readonly wallet: WalletSnapshot; readonly contract: ContractView };

/** Having it shown on the main chain what stands in a contract's place: what it costs, and what came of it. */
export function ShowingPanel({ wallet, contract }: ShowingPanelProps) {
  const { showing } = contract;
  if (showing === undefined) return null;
  const { offer, asked } = showing;
  return (
    <Panel title="On the main chain">
      {asked !== undefined && <AskedNote asked={asked} />}
      {offer !== undefined && <Offer wallet={wallet} contract={contract} offer={offer} />}
    </Panel>
  );
}

type OfferProps = ShowingPanelProps & { readonly offer: NonNullable<ShowingView["offer"]> };

function Offer({ wallet, contract, offer }: OfferProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  return (
    <>
      <p>{describeOffer(offer)}</p>
      <Facts
        facts={[
          { name: "Asking costs", value: <Amount satoshi={offer.fee} /> },
          {
            name: "Deposit, by you",
            value: <Amount satoshi={offer.deposit} />,
            hint: "comes back, but for about a thousandth that the proof takes",
          },
        ]}
      />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      {wallet.key.kind === "unlocked" ? (
        <div className="panel-actions">
          <Button
            look={contract.actions.length === 0 ? "primary" : "plain"}
            isBusy={isBusy}
            onClick={() =>
              void run(() => api.requestProof(contract.id), "Asked. It will be on the main chain.")
            }
          >
            {offer.isByUs ? "Show it on the main chain" : "Ask for its proof on the main chain"}
          </Button>
        </div>
      ) : (
        <p className="hint">The key is locked. Unlock it to ask.</p>
      )}
    </>
  );
}

function describeOffer({ kind, sequence, isByUs, until }: OfferProps["offer"]): string {
  const post = `post ${groupThousands(sequence)}`;
  const end = `main-chain block ${groupThousands(until)}`;
  if (kind === "missing") {
    return `The operator recorded ${post} and serves its block to nobody. You can ask him on the main chain for a proof of what stands in this contract’s place after it. He has until ${end}; without an answer the post counts for nothing.`;
  }
  const who = isByUs
    ? "Your wallet holds that proof, and hands it in with the request."
    : "Only its operator can show it.";
  return `Somebody has asked on the main chain for ${post}, under which this contract is recorded. If nobody answers up to ${end}, that post counts for nothing, but for what a proof has shown there by then. ${who}`;
}

function AskedNote({ asked }: { readonly asked: NonNullable<ShowingView["asked"]> }) {
  const post = `post ${groupThousands(asked.sequence)}`;
  const block = `Main-chain block ${groupThousands(asked.height)}`;
  const earlier =
    "Your own proof is of an earlier record, which wins the claim, unless you gave the contract up yourself.";
  switch (asked.outcome) {
    case "asked":
      return (
        <Note tone="waiting">
          You have asked what stands in its place after {post}. The answer will be on the main
          chain.
        </Note>
      );
    case "stands":
      return (
        <Note tone="safe">
          {block} shows that it stands after {post}. Nobody can take that back, even if the post
          becomes void.
        </Note>
      );
    case "nothing":
      return (
        <Note tone="danger">
          {block} shows that nothing stands in its place after {post}. {earlier}
        </Note>
      );
    case "other":
      return (
        <Note tone="danger">
          {block} shows that something else stands in its place after {post}. {earlier}
        </Note>
      );
    case "silence":
      return <Note tone="waiting">Nobody has shown what stands in its place after {post}.</Note>;
  }
}
