import {
  APPOINTMENTS_MAX,
  decodeKept,
  decodeTowerStatus,
  encodeHandIn,
  readReceipt,
  TOWER_PATHS,
} from "../api/towerApi.ts";
import type { TowerSource } from "../client/tower/towerSource.ts";
import { decode } from "../lib/codec.ts";
import { accept } from "../lib/verdict.ts";
import { ask, askFor, demandAnswer } from "./request.ts";

/** Longest status, receipt or refusal. */
const SHORT_BYTES_MAX = 4 * 1024;
const KEPT_BYTES_MAX = 2 + APPOINTMENTS_MAX * 64;

/** A watchtower over HTTP. `url` without a slash at its end. */
export function createTowerSource(url: string): TowerSource {
  const toBody = (bytes: Uint8Array) => ({ kind: "bytes", bytes: new Uint8Array(bytes) }) as const;
  return {
    url,

    async status() {
      const path = url + TOWER_PATHS.status;
      return demandAnswer(path, decodeTowerStatus(await askFor(path, SHORT_BYTES_MAX)));
    },

    async handIn(handIn) {
      const path = url + TOWER_PATHS.appointments;
      const answer = await ask(path, SHORT_BYTES_MAX, toBody(encodeHandIn(handIn)));
      if (!answer.ok) return answer;
      return accept(demandAnswer(path, decode(answer.value, readReceipt)));
    },

    async kept(token) {
      const path = url + TOWER_PATHS.kept;
      const bytes = await askFor(path, Math.max(SHORT_BYTES_MAX, KEPT_BYTES_MAX), toBody(token));
      return demandAnswer(path, decodeKept(bytes));
    },
  };
}
