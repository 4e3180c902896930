import {
  type Appointment,
  computeClient,
  encodeReceiptBody,
  encodeStatusBody,
  type HandIn,
  type KeptAppointment,
  type Receipt,
  type TowerStatus,
} from "../api/towerApi.ts";
import type { Signer } from "../client/ports.ts";
import { sha256 } from "../lib/hash.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import type { Appointments } from "./appointments.ts";

/** A main-chain block by its height and hash. */
export type BlockName = { readonly height: number; readonly hash: Uint8Array };

/** The tower as its clients see it. */
export type TowerDesk = {
  status(): Promise<TowerStatus>;
  handIn(handIn: HandIn): Promise<Verdict<Receipt>>;
  kept(token: Uint8Array): readonly KeptAppointment[];
  /** Whether anything of this client is kept. */
  isKnown(token: Uint8Array): boolean;
};

/**
 * Take appointments, and sign for them and for what was read.
 *
 * @param scanned - the last main-chain block that was read whole and acted on; undefined before the first. @param onKept - told what was taken, once it is on disk.
 */
export function createTowerDesk(options: {
  readonly appointments: Appointments;
  readonly signer: Signer;
  readonly scanned: () => BlockName | undefined;
  readonly onKept: (appointment: Appointment) => void;
}): TowerDesk {
  const { appointments, signer, scanned, onKept } = options;
  const tower = signer.publicKey;
  let told: TowerStatus | undefined;

  return {
    async status() {
      const { height, hash } = scanned() ?? { height: 0, hash: new Uint8Array(32) };
      const isTold = told?.height === height && told.blockHash === hash;
      if (told !== undefined && isTold) return told;
      const body = encodeStatusBody({ height, blockHash: hash });
      const signature = await signer.sign("signTowerStatus", body);
      told = { tower, height, blockHash: hash, signature };
      return told;
    },

    async handIn({ token, ...appointment }) {
      const block = scanned();
      if (block === undefined) return refuse("NOT_READY", "the tower has not read the chain yet");
      const { height } = block;
      const client = computeClient(tower, token);
      const kept = await appointments.keep(client, appointment, height);
      if (!kept.ok) return kept;
      onKept(appointment);
      const { locator, until, sealed } = appointment;
      const receipt = { client, locator, sealedHash: sha256(sealed), height, until };
      const signature = await signer.sign("signReceipt", encodeReceiptBody(receipt));
      return { ok: true, value: { tower, ...receipt, signature } };
    },

    kept: (token) => appointments.of(computeClient(tower, token)),
    isKnown: (token) => appointments.isKnown(computeClient(tower, token)),
  };
}
