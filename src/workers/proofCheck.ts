import type { ProofWords } from "../proof/describeProof.ts";

/**
 * Checking a stranger's proof file for a page: in a worker of its own, which is ended after one file, or when it takes too long. Plain
 * data, as in `walletApi.ts`. It needs neither a wallet nor a network.
 */

/** A half-open range in satoshi. */
type RangeView = { readonly lo: bigint; readonly hi: bigint };

/**
 * A file that proves a contract.
 *
 * - `isLost`: what it proves is that the contract wins nothing. - `tip`: the newest main-chain header in it.
 * - `bytes`: its size. - `levels`: each chain's space from the top, and what of it the line holds.
 */
export type ProofView = {
  readonly words: ProofWords;
  readonly isLost: boolean;
  readonly tip: { readonly height: number; readonly hash: string; readonly timeMs: number };
  readonly bytes: number;
  readonly point: bigint | undefined;
  readonly levels: readonly {
    readonly chainId: string;
    readonly space: RangeView;
    readonly range: RangeView;
  }[];
};

export type ProofAnswer =
  | { readonly kind: "proves"; readonly proof: ProofView }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** No file that proves anything is longer: a longer one is not even read. */
export const PROOF_FILE_BYTES_MAX: number = 8 * 1024 * 1024;

/** An honest file takes a second or two; a crafted one gets no more than this. */
const PATIENCE_MS = 60_000;

/** Check one file. Never rejects: whatever happens is an answer. */
export function checkProof(bytes: Uint8Array, open: () => Worker): Promise<ProofAnswer> {
  if (bytes.length > PROOF_FILE_BYTES_MAX) {
    const message = `expected at most ${PROOF_FILE_BYTES_MAX} bytes, got ${bytes.length}`;
    return Promise.resolve({ kind: "refused", code: "TOO_LONG", message });
  }
  return new Promise((resolve) => {
    const worker = open();
    const end = (answer: ProofAnswer) => {
      clearTimeout(timer);
      worker.terminate();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      const message = `the file was not checked within ${PATIENCE_MS / 1_000} seconds`;
      end({ kind: "refused", code: "TOO_SLOW", message });
    }, PATIENCE_MS);
    worker.onmessage = ({ data }: MessageEvent<ProofAnswer>) => end(data);
    worker.onerror = (event) => {
      event.preventDefault();
      const message = "the check broke off; this browser may be too old for it";
      end({ kind: "refused", code: "BROKEN_OFF", message });
    };
    worker.postMessage(bytes);
  });
}

/** The worker of a page that has been built with its files beside it. */
export function openProofWorker(): Worker {
  return new Worker(new URL("./proof.worker.ts", import.meta.url), { type: "module" });
}
