import { parseArgs } from "node:util";
import { loadPrivateKey } from "../../headless/loadPrivateKey.ts";
import { formatHex, parseHex } from "../../lib/hex.ts";
import { computePublicKey } from "../../protocol/signature.ts";
import { openRowStore } from "../store/openRowStore.ts";
import { openSignerService } from "./signerService.ts";
import type { SignerMessage } from "./startSigner.ts";

/**
 * The signer: a process of its own, the only one that holds the operator's key. It talks to its parent
 * alone, over the channel that `fork` opened, and ends with it.
 */
const { values } = parseArgs({
  options: {
    data: { type: "string" },
    network: { type: "string" },
    key: { type: "string" },
  },
});
if (values.data === undefined || values.network === undefined || process.send === undefined) {
  throw new Error("the signer is started by the operator, with --data, --network and a channel");
}
const privateKey = await loadPrivateKey(values.key);
const store = await openRowStore(values.data);
const service = await openSignerService(store, parseHex(values.network), privateKey);

process.on("message", ({ id, ...asked }: SignerMessage) => {
  const answering: Promise<unknown> =
    "sign" in asked ? service.sign(asked.sign) : service.recall(asked.recall);
  answering.then(
    (answer) => process.send?.({ id, answer }),
    // The table could not be kept: nothing is signed from here on, and the parent learns it by our end.
    () => process.exit(1),
  );
});
process.on("disconnect", () => {
  void store.close().finally(() => process.exit(0));
});
process.send({ publicKey: formatHex(computePublicKey(privateKey)) });
