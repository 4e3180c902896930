import { useId, useState } from "react";
import type { ChainView, ContractView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import { saveFile } from "../../parts/saveFile.ts";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { nameChainById } from "../../words/chain.ts";
import { actionGists, actionNames, doneWords } from "../../words/contract.ts";
import { writeOperatorCommand } from "../../words/operatorCommand.ts";

type NestActionProps = {
  readonly wallet: WalletSnapshot;
  readonly contract: ContractView;
  readonly isFirst: boolean;
  readonly onOpen: (isOpen: boolean) => void;
};

/** Prepare an operator inside a contract: where it posts, its command, and the hand-over to its key. */
export function NestAction({ wallet, contract, isFirst, onOpen }: NestActionProps) {
  const [isOpen, setIsOpen] = useState(false);
  const show = (isShown: boolean): void => {
    setIsOpen(isShown);
    onOpen(isShown);
  };
  const chain = wallet.chains.find(({ id }) => id === contract.chainId);
  if (!isOpen || chain === undefined) {
    return (
      <>
        <p>{actionGists.nest}</p>
        <Button look={isFirst ? "primary" : "plain"} onClick={() => show(true)}>
          {actionNames.nest}
        </Button>
      </>
    );
  }
  return (
    <NestPlan
      wallet={wallet}
      chain={chain}
      contract={contract}
      isFirst={isFirst}
      onClose={() => show(false)}
    />
  );
}

type NestPlanProps = Omit<NestActionProps, "onOpen"> & {
  readonly chain: ChainView;
  readonly onClose: () => void;
};

function NestPlan({ wallet, chain, contract, isFirst, onClose }: NestPlanProps) {
  const [anchor, setAnchor] = useState(chain.id);
  const [label, setLabel] = useState("");
  const command = writeOperatorCommand({
    chain,
    contract,
    anchor,
    label: label.trim(),
    nodeUrl: wallet.network.nodes[0]?.url ?? "",
  });
  return (
    <div className="quote">
      <h3>{actionNames.nest}</h3>
      <Note tone="waiting">
        <p>
          This is for ever. The contract is sealed: it can never again be sold, bet or given up as a
          whole, its script is fixed, and whoever buys a part of it holds that part until the draw.
          The operator’s key owns it from the hand-over on, and your wallet does not any more.
        </p>
      </Note>
      <AnchorPicker wallet={wallet} chain={chain} anchor={anchor} onChange={setAnchor} />
      <Field
        label="Name of your chain"
        autoComplete="off"
        placeholder="Sunday league"
        value={label}
        onChange={setLabel}
        hint="For people; others see it marked as claimed. At most 40 letters."
        problem={[...label.trim()].length > 40 ? "This name is longer than 40 letters." : undefined}
      />
      <p>
        1. Run this where your operator is to live. It makes a key of its own; the key of this
        wallet stays here.
      </p>
      <pre className="script">{command}</pre>
      <div className="button-row">
        <Button onClick={() => void navigator.clipboard.writeText(command)}>Copy command</Button>
        <Button look="quiet" onClick={() => saveFile("operator.sh", `#!/bin/sh\n${command}\n`)}>
          Save as a file
        </Button>
      </div>
      <p>
        2. It prints a code for the hand-over. Paste it here: your wallet gives the contract to the
        operator’s key, whole and unchanged, and the operator goes on by itself.
      </p>
      <HandOverForm contract={contract} isFirst={isFirst} onClose={onClose} />
    </div>
  );
}

type AnchorPickerProps = {
  readonly wallet: WalletSnapshot;
  readonly chain: ChainView;
  readonly anchor: string;
  readonly onChange: (anchor: string) => void;
};

/** Where the posts go: for ever, so each choice says what it costs and whom it leans on. */
function AnchorPicker({ wallet, chain, anchor, onChange }: AnchorPickerProps) {
  const name = useId();
  const above = [chain.id, ...chain.ancestors].map((id) => ({
    value: id,
    title: nameChainById(id, wallet.chains),
    hint:
      id === chain.id
        ? "the chain that it is inside of; costs nothing; its operator must go on to the end"
        : "a chain above; costs nothing; only its operator must go on, not the one in between",
  }));
  const main = {
    value: "main",
    title: "Main chain",
    hint: "costs a fee for each post, from the operator’s own coins; leans on nobody",
  };
  return (
    <fieldset className="side-picker side-picker-long">
      <legend>Where it posts</legend>
      {[...above, main].map((choice) => (
        <label key={choice.value} data-chosen={choice.value === anchor}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === anchor}
            onChange={() => onChange(choice.value)}
          />
          <span>
            {choice.title}
            <span className="fact-hint">{choice.hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

type HandOverFormProps = Pick<NestPlanProps, "contract" | "isFirst" | "onClose">;

function HandOverForm({ contract, isFirst, onClose }: HandOverFormProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [code, setCode] = useState("");
  return (
    <Form onSubmit={() => run(() => api.handOver(contract.id, code), doneWords.nest)}>
      <Field
        label="Code that the operator prints"
        autoComplete="off"
        spellCheck={false}
        value={code}
        onChange={setCode}
        problem={failure}
      />
      <div className="button-row">
        <Button
          type="submit"
          look={isFirst ? "primary" : "plain"}
          isBusy={isBusy}
          isDisabled={code.trim() === ""}
        >
          Hand it over
        </Button>
        <Button look="quiet" onClick={onClose}>
          Keep it as it is
        </Button>
      </div>
    </Form>
  );
}
