import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256 } from "../../../src/lib/hash.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type * as StartSigner from "../../../src/operator/signer/startSigner.ts";
import { encodeContractState } from "../../../src/protocol/contractState.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";

/** Has the signer sign so many states, one after another; a signal to itself marks the beginning in a trace. */
const [src = "", data = "", keyFile = "", count = "0"] = process.argv.slice(2);
const module = join(src, "operator/signer/startSigner.ts");
const { startSigner } = (await import(pathToFileURL(module).href)) as typeof StartSigner;
const { networkId } = createRules(LOCAL_NETWORK);
const signer = await startSigner({ data, networkId, keyFile });
process.on("SIGUSR2", () => undefined);
process.kill(process.pid, "SIGUSR2");
const contractId = sha256(new Uint8Array());
for (let nonce = 1; nonce <= Number(count); nonce++) {
  const body = encodeContractState({ contractId, nonce, script: Uint8Array.of(nonce) });
  insist(await signer.sign({ purpose: "signState", body }));
}
await signer.stop();
