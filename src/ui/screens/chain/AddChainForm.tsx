import { AddressForm } from "../../parts/AddressForm.tsx";
import { useWalletApi } from "../../walletContext.ts";

/** Follow the chain of an operator, by his address. */
export function AddChainForm() {
  const api = useWalletApi();
  return (
    <AddressForm
      label="Operator’s address"
      placeholder="http://localhost:8090"
      hint="The operator serves the blocks. Whether they are right is checked here."
      button="Add chain"
      done="Chain added. It is being checked from its first block."
      add={(url) => api.addOperator(url)}
    />
  );
}
