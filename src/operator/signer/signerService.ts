import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { computeDigest, computePublicKey, signDigest } from "../../protocol/signature.ts";
import type { RowStore } from "../store/rowStore.ts";
import { openSignerTable, type SigningRequest } from "./signerTable.ts";

/** Requests that one commit of the table may cover. */
const BATCH_MAX = 256;

/** Signs what its table admits. Requests that come while the disk is busy share the next commit. */
export type SignerService = {
  sign(request: SigningRequest): Promise<Verdict<Uint8Array>>;
  /**
   * Hold the table to what the operator has kept of signatures from before: refuses if the table has lost
   * one, as one that is torn, set back or new would. Then nothing may be signed.
   */
  recall(signed: readonly SigningRequest[]): Promise<Verdict<null>>;
};

type Waiting = {
  readonly request: SigningRequest;
  readonly resolve: (answer: Verdict<Uint8Array>) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Sign with a private key (32 bytes) for one network, as far as the table in `store` admits. After a failed
 * commit nothing is signed any more. Throws if the table is not this key's and network's, or damaged.
 */
export async function openSignerService(
  store: RowStore,
  networkId: Uint8Array,
  privateKey: Uint8Array,
): Promise<SignerService> {
  const table = await openSignerTable(store, networkId, computePublicKey(privateKey));
  let waiting: Waiting[] = [];
  let isRunning = false;
  let failure: unknown;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      try {
        if (failure !== undefined) throw failure;
        const verdicts = await table.admit(batch.map(({ request }) => request));
        batch.forEach(({ request, resolve }, index) => {
          const verdict = verdicts[index] ?? refuse("NOT_JUDGED", "the table gave no verdict");
          const { purpose, body } = request;
          resolve(
            verdict.ok
              ? { ok: true, value: signDigest(computeDigest(purpose, networkId, body), privateKey) }
              : verdict,
          );
        });
      } catch (error) {
        // What the disk holds is unknown now: going on could sign a second thing after a restart.
        failure = error;
        for (const { reject } of batch) reject(error);
      }
    }
    isRunning = false;
  }

  return {
    async recall(signed) {
      const lost = signed.find((request) => !table.remembers(request));
      if (lost === undefined) return accept(null);
      failure = new Error("the signer's table has lost what it signed");
      return refuse(
        "FORGOTTEN",
        `the signer's table knows nothing of a ${lost.purpose} from before`,
      );
    },

    sign: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        if (!isRunning) void run();
      }),
  };
}
