import { AddressForm } from "../../parts/AddressForm.tsx";
import { useWalletApi } from "../../walletContext.ts";

/** Hand evidence to a watchtower, by its address. */
export function AddTowerForm() {
  const api = useWalletApi();
  return (
    <AddressForm
      label="Watchtower’s address"
      placeholder="http://localhost:8095"
      hint="It pays the fees itself and keeps what the slash brings. It learns your address when you use it."
      button="Add watchtower"
      done="Watchtower added. It is handed the evidence, and signs for it."
      add={(url) => api.addTower(url)}
    />
  );
}
