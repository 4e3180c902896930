import type { Signer } from "../client/ports.ts";
import type { KeyValueStore } from "../disk/keyValueStore.ts";
import type { HeadlessWallet } from "../headless/openWallet.ts";
import type { Rules } from "../protocol/rules.ts";
import { openAppointments } from "./appointments.ts";
import { type BlockName, createTowerDesk, type TowerDesk } from "./desk.ts";
import { createPursuits } from "./pursuits.ts";
import { openScanner } from "./scanner.ts";

/** A watchtower: its desk, and what it does under each tip. */
export type Tower = {
  readonly desk: TowerDesk;
  /** Take the newest tip, read its blocks, and send what they call for. Rejects with a `SourceError` where a node fails. */
  advance(): Promise<void>;
};

/**
 * @param wallet - with `signer`, whose account pays the fees and is paid for slashes.
 */
export async function openTower(options: {
  readonly rules: Rules;
  readonly wallet: HeadlessWallet["wallet"];
  readonly signer: Signer;
  readonly store: KeyValueStore;
  readonly say: (words: string, about: Readonly<Record<string, string>>) => void;
}): Promise<Tower> {
  const { rules, wallet, signer, store, say } = options;
  const { mainChain } = wallet;
  const outbox = wallet.hands()?.outbox;
  if (outbox === undefined) throw new Error("a tower's wallet is unlocked");
  const appointments = await openAppointments(store);
  const carrier = signer.publicKey;
  const pursuits = createPursuits({ rules, mainChain, appointments, outbox, carrier, say });
  const scanner = await openScanner({ store, mainChain, onSighting: pursuits.see });
  for (const sighting of scanner.sightings()) pursuits.see(sighting);
  /** The last block that was read, and for which all has been sent that it calls for. */
  let acted: BlockName | undefined;
  const desk = createTowerDesk({
    appointments,
    signer,
    scanned: () => acted,
    onKept: ({ locator }) => pursuits.look(locator),
  });

  return {
    desk,
    async advance() {
      await wallet.sync();
      await scanner.advance();
      await pursuits.advance();
      acted = scanner.scanned();
      const { header } = mainChain.tip();
      // A reorg may bring back what an appointment is for.
      await appointments.prune(header.height - rules.parameters.confirmations);
    },
  };
}
