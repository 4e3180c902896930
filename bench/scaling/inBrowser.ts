import { measureClaim } from "./measureClaim.ts";

/** Put where the page's driver calls it. */
Object.assign(globalThis, {
  measureClaim: (nesting: Parameters<typeof measureClaim>[0]) =>
    measureClaim(nesting, () => performance.now()),
});
