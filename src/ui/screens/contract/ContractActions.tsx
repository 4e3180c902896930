import { useState } from "react";
import { Link } from "wouter";
import type {
  ActionResult,
  ContractAction,
  ContractView,
  SettleAction,
  WalletApi,
  WalletSnapshot,
} from "../../../workers/walletApi.ts";
import { isDecidedAgainst } from "../../figures/outcomes.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { actionGists, actionNames, describeOwnChain, doneWords } from "../../words/contract.ts";
import { NestAction } from "./NestAction.tsx";
import { SellAction } from "./SellAction.tsx";
import { SettleStep } from "./SettleStep.tsx";

/** The most pressing first: only it gets the primary button. */
const order: readonly ContractAction[] = [
  "pay",
  "claim",
  "collect",
  "collectOwnChain",
  "redeem",
  "merge",
  "sell",
  "update",
  "nest",
];

type ContractActionsProps = { readonly wallet: WalletSnapshot; readonly contract: ContractView };

/** What can be done with a contract next, each with what it means. */
export function ContractActions({ wallet, contract }: ContractActionsProps) {
  const actions = order.filter((action) => contract.actions.includes(action));
  return (
    <Panel title="What you can do">
      <ActionsBody wallet={wallet} contract={contract} actions={actions} />
    </Panel>
  );
}

type ActionsBodyProps = ContractActionsProps & { readonly actions: readonly ContractAction[] };

function ActionsBody({ wallet, contract, actions }: ActionsBodyProps) {
  /** The one that is being gone through: then it has the primary button. */
  const [open, setOpen] = useState<ContractAction>();
  if (contract.stopped !== undefined) {
    return (
      <Note tone="waiting">
        <p>
          Nothing new is signed for it now: {contract.stopped}. It can still be claimed after the
          draw, with what is kept on this device.{" "}
          <Link href={`/chain/${contract.chainId}`}>See what was found in its chain</Link>
        </p>
      </Note>
    );
  }
  if (actions.length === 0) {
    return <p className="hint">{restWords(wallet, contract)}</p>;
  }
  if (wallet.key.kind !== "unlocked") {
    return <p className="hint">The key is locked. Unlock it to act on this contract.</p>;
  }
  const pressing = actions.find((action) => action === open) ?? actions[0];
  return (
    <ul className="actions">
      {actions.map((action) => (
        <li key={action}>
          <ActionItem
            wallet={wallet}
            action={action}
            contract={contract}
            isFirst={action === pressing}
            onOpen={(isOpen) => setOpen(isOpen ? action : undefined)}
          />
        </li>
      ))}
    </ul>
  );
}

type ActionItemProps = {
  readonly wallet: WalletSnapshot;
  readonly action: ContractAction;
  readonly contract: ContractView;
  readonly isFirst: boolean;
  readonly onOpen: (isOpen: boolean) => void;
};

function ActionItem({ wallet, action, contract, isFirst, onOpen }: ActionItemProps) {
  if (action === "pay") return <Note tone="waiting">{actionGists.pay}</Note>;
  if (action === "sell")
    return <SellAction contract={contract} isFirst={isFirst} onOpen={onOpen} />;
  if (action === "nest") {
    return <NestAction wallet={wallet} contract={contract} isFirst={isFirst} onOpen={onOpen} />;
  }
  if (action === "claim" || action === "collect" || action === "collectOwnChain") {
    return (
      <>
        <p>{actionGists[action]}</p>
        <SettleStep wallet={wallet} contract={contract} action={action} isFirst={isFirst} />
      </>
    );
  }
  return <PlainAction action={action} contract={contract} isFirst={isFirst} />;
}

type PlainActionProps = {
  readonly action: Exclude<ContractAction, SettleAction | "pay" | "sell" | "nest">;
  readonly contract: ContractView;
  readonly isFirst: boolean;
};

function PlainAction({ action, contract, isFirst }: PlainActionProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  return (
    <>
      <p>{actionGists[action]}</p>
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button
        look={isFirst ? "primary" : "plain"}
        isBusy={isBusy}
        onClick={() => void run(() => ask(api, action, contract), doneWords[action])}
      >
        {actionNames[action]}
      </Button>
    </>
  );
}

function ask(
  api: WalletApi,
  action: PlainActionProps["action"],
  contract: ContractView,
): Promise<ActionResult> {
  switch (action) {
    case "redeem":
      return api.redeem([contract.id]);
    case "merge":
      return api.merge(contract.id);
    case "update":
      return api.updateTerms(contract.id);
  }
}

function restWords({ key, network }: WalletSnapshot, contract: ContractView): string {
  if (contract.ownChain !== undefined) {
    const isYou = (address: string) => key.kind !== "none" && key.address === address;
    return describeOwnChain(contract.ownChain, network, isYou);
  }
  switch (contract.state) {
    case "requested":
      return "Nothing to do. The wallet waits for the operator’s block and checks it.";
    case "held":
      if (isDecidedAgainst(contract)) {
        return "The answer was against you: it pays nothing, wherever the point falls. Nothing to do.";
      }
      return "Nothing to do now. You hold it to the draw, or until it can be sold.";
    case "closing":
      return "Nothing to do. It is being closed; the next checked block settles it.";
    case "closed":
      return "This contract is closed. Nothing more can come of it.";
    case "void":
      return "Its block was recorded, asked for on the main chain, and served by nobody. It and all that came after it count for nothing; what you held before stands again.";
    case "won":
      return "The point fell on your range. The next step opens when the main chain allows it.";
    case "lost":
      return "The point fell elsewhere. This contract pays nothing.";
  }
}
