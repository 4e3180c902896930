import { concatBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import type { Rules } from "../protocol/rules.ts";
import { SIGNATURE_BYTES, type Verify } from "../protocol/signature.ts";
import type { CheckAhead } from "./checkAhead.ts";

/**
 * Signatures that are to be checked elsewhere: plain data, for a worker. `claims`: one after another, each
 * signature 65 ‖ digest 32 ‖ public key 33.
 */
export type SignatureTask = { readonly claims: Uint8Array };

/** What was found of signatures by themselves. `subject`: `nameClaims`. `held`: undefined where one of them does not hold. */
export type SignatureCheck = CheckAhead<true>;

const DIGEST_BYTES = 32;
const CLAIM_BYTES = SIGNATURE_BYTES + DIGEST_BYTES + 33;
/** Some milliseconds of work for the fast implementation: all who can help have a share of a block, and begin with its first signatures. */
const CLAIMS_AT_ONCE = 64;

/**
 * The signature predicate of a check whose signatures are checked elsewhere: it takes each at its word, and hands on what is claimed.
 *
 * @param onTask - gets the claims, many at a time; the last ones at `finish`.
 */
export function collectClaims(onTask: (task: SignatureTask) => void): {
  readonly verify: Verify;
  finish(): void;
} {
  let claims: Uint8Array[] = [];
  const finish = (): void => {
    if (claims.length > 0) onTask({ claims: concatBytes(...claims) });
    claims = [];
  };
  return {
    verify(...claim) {
      const bytes = concatBytes(...claim);
      if (bytes.length !== CLAIM_BYTES) return false;
      if (claims.push(bytes) === CLAIMS_AT_ONCE) finish();
      return true;
    },
    finish,
  };
}

export function checkClaims(
  task: SignatureTask,
  { verify }: Pick<Rules, "verify">,
): SignatureCheck {
  const { claims } = task;
  let areValid = true;
  for (let at = 0; at < claims.length && areValid; at += CLAIM_BYTES) {
    const digestAt = at + SIGNATURE_BYTES;
    const keyAt = digestAt + DIGEST_BYTES;
    areValid = verify(
      claims.subarray(at, digestAt),
      claims.subarray(digestAt, keyAt),
      claims.subarray(keyAt, at + CLAIM_BYTES),
    );
  }
  return { subject: nameClaims(task), held: areValid ? true : undefined };
}

/** 32 bytes that stand for these claims, and for no others. */
export function nameClaims({ claims }: SignatureTask): Uint8Array {
  return sha256(claims);
}
