import { useEffect, useState } from "react";

/** When a feed was last heard, also after it is cut; undefined where it never was while this screen is open. */
export function useLastHeard(heardAtMs: number | undefined): number | undefined {
  const [lastMs, setLastMs] = useState(heardAtMs);
  useEffect(() => {
    if (heardAtMs !== undefined) setLastMs(heardAtMs);
  }, [heardAtMs]);
  return heardAtMs ?? lastMs;
}
