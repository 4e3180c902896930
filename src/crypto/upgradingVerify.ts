import { type Verify, verifySignature } from "../protocol/signature.ts";

/** Checks after which it is worth while to fetch and start another implementation. */
const FEW = 50;

/**
 * The signature predicate of a thread that must not wait: the reference at first; from when there has been enough to check
 * and the fast one has come, that one. Where it cannot be had, the reference for good.
 *
 * @param load - gets the fast one, which is too large to come with a worker's first bytes.
 */
export function createUpgradingVerify(load: () => Promise<Verify> = importFastVerify): Verify {
  let current: Verify = verifySignature;
  let count = 0;
  return (signature, digest, publicKey) => {
    if (++count === FEW) {
      load().then(
        (fast) => {
          current = fast;
        },
        () => undefined,
      );
    }
    return current(signature, digest, publicKey);
  };
}

async function importFastVerify(): Promise<Verify> {
  const { loadFastVerify } = await import("./fastVerify.ts");
  return await loadFastVerify();
}
