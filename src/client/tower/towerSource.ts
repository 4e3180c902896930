import type { HandIn, KeptAppointment, Receipt, TowerStatus } from "../../api/towerApi.ts";
import type { Verdict } from "../../lib/verdict.ts";

/**
 * One watchtower. Every method rejects with a `SourceError` when it fails; a refusal by its rules comes back as data, and
 * what it signs is checked by the client.
 */
export interface TowerSource {
  readonly url: string;
  status(): Promise<TowerStatus>;
  handIn(handIn: HandIn): Promise<Verdict<Receipt>>;
  kept(token: Uint8Array): Promise<readonly KeptAppointment[]>;
}

/** What handing in needs of the surroundings. */
export type TowerTools = {
  readonly at: (url: string) => TowerSource;
  /** Seal bytes under a key of 32 bytes and an IV of 12 with AES-256-GCM: IV, ciphertext, tag. */
  readonly seal: (key: Uint8Array, iv: Uint8Array, bytes: Uint8Array) => Promise<Uint8Array>;
  /** Fresh bytes that nobody can guess. */
  readonly randomBytes: (length: number) => Uint8Array;
};

/** The towers that a wallet uses until its holder says otherwise, and how it comes by its tools once it needs them. */
export type TowerSetting = {
  readonly urls: readonly string[];
  readonly load: () => Promise<TowerTools>;
};
