import type { TowerTools } from "../client/tower/towerSource.ts";
import { sealBytes } from "../crypto/sealBytes.ts";
import { createTowerSource } from "../network/towerSource.ts";

/** What a wallet in a browser hands evidence to towers by; loaded once there is a tower. */
export const TOWER_TOOLS: TowerTools = {
  at: createTowerSource,
  seal: sealBytes,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
