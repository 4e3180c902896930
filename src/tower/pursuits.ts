import {
  decodeTowerEvidence,
  locatorOf,
  sealingKeyOf,
  triggerOfContract,
} from "../api/towerEvidence.ts";
import { type ResultRecord, readResultRecord } from "../chain/settlement/resultRecord.ts";
import type { Slash } from "../chain/settlement/slash.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import type { MainChain } from "../client/mainChain.ts";
import { type Outbox, TRANSACTION_FEE } from "../client/outbox.ts";
import { rehearseSlash } from "../client/rehearseSlash.ts";
import { openSealed } from "../crypto/sealBytes.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import type { Rules } from "../protocol/rules.ts";
import type { Appointments } from "./appointments.ts";
import type { Sighting } from "./sightings.ts";

/** Slashes are sent for results that somebody has handed in evidence against, for as long as those stand. */
export type Pursuits = {
  /** The main chain shows a trigger. */
  see(sighting: Sighting): void;
  /** Evidence was taken: perhaps what it waits for has been seen already. */
  look(locator: Uint8Array): void;
  /** Send whatever would succeed under the newest tip. Rejects with a `SourceError` where a node fails. */
  advance(): Promise<void>;
  /** Results that somebody wants slashed, and that are not settled. */
  count(): number;
};

/** What of a reward is offered to the miner: enough for a place in a block when blocks are full. */
const FEE_SHARE = 10n;

type Pursuit = {
  readonly chainId: Uint8Array;
  readonly resultKey: Uint8Array;
  readonly triggers: Map<string, Uint8Array>;
};

/**
 * @param say - told what is sent, and what evidence was of no use.
 */
export function createPursuits(options: {
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly appointments: Appointments;
  readonly outbox: Outbox;
  readonly carrier: Uint8Array;
  readonly say: (words: string, about: Readonly<Record<string, string>>) => void;
}): Pursuits {
  const { rules, mainChain, appointments, outbox, carrier, say } = options;
  /** Everything seen, by the locator of its evidence. */
  const seen = new Map<string, Map<string, Sighting>>();
  const hot = new Map<string, Pursuit>();
  /** What each pursuit was told last. */
  const told = new Map<string, string>();

  function pursue({ chainId, resultKey, trigger }: Sighting): void {
    const id = formatHex(resultKey);
    const pursuit = hot.get(id) ?? { chainId, resultKey, triggers: new Map() };
    pursuit.triggers.set(formatHex(trigger), trigger);
    hot.set(id, pursuit);
  }

  function tell(id: string, words: string): void {
    if (told.get(id) === words) return;
    told.set(id, words);
    say(words, { result: id });
  }

  /** Evidence that is there against a result, as slashes of it, those that show the most first. */
  async function findSlashes(pursuit: Pursuit, result: ResultRecord): Promise<Slash[]> {
    const slashes: Slash[] = [];
    for (const trigger of pursuit.triggers.values()) {
      const level = result.line.findIndex(({ leaf }) =>
        equalBytes(triggerOfContract(leaf), trigger),
      );
      for (const { sealed } of await appointments.find(locatorOf(trigger))) {
        const opened = await openSealed(sealingKeyOf(trigger), sealed);
        const slash = opened.ok ? decodeTowerEvidence(opened.value) : opened;
        if (!slash.ok) continue;
        const { chainId, resultKey } = pursuit;
        if (slash.value.kind === "move") slashes.push(slash.value);
        else if (level !== -1) {
          // Where the point leads elsewhere than the row does, its beginning still counts.
          const { closes } = slash.value;
          const rows = closes.map((_, index) => closes.slice(0, index + 1));
          const against = { kind: "close", chainId, resultKey, level } as const;
          slashes.push(...rows.map((row): Slash => ({ ...against, closes: row })));
        }
      }
    }
    const isOurs = ({ resultKey }: Slash) => equalBytes(resultKey, pursuit.resultKey);
    return slashes.filter(isOurs).toSorted((a, b) => weigh(b) - weigh(a));
  }

  function isOnItsWay(resultKey: Uint8Array): boolean {
    return outbox
      .pending()
      .some(
        (body) => body.kind === "sortition-slash" && equalBytes(body.slash.resultKey, resultKey),
      );
  }

  async function advanceOne(id: string, pursuit: Pursuit): Promise<void> {
    const { chainId, resultKey } = pursuit;
    const result = await mainChain.read("results", resultKey, readResultRecord);
    if (result === undefined) {
      const chain = await mainChain.read("chains", chainId, readChainRecord);
      // Ended; with a reorg its claims come anew.
      if (chain === undefined) hot.delete(id);
      return;
    }
    if (result.removal !== undefined || isOnItsWay(resultKey)) return;
    for (const slash of await findSlashes(pursuit, result)) {
      const effect = await rehearseSlash(slash, carrier, mainChain, rules);
      if (!effect.ok) {
        tell(id, `evidence is of no use: ${effect.message}`);
        continue;
      }
      const reward = effect.value.pay
        .filter(({ to }) => equalBytes(to, carrier))
        .reduce((sum, { amount }) => sum + amount, 0n);
      const fee = reward / FEE_SHARE > TRANSACTION_FEE ? reward / FEE_SHARE : TRANSACTION_FEE;
      const sent = await outbox.send({ kind: "sortition-slash", slash }, fee);
      tell(id, sent.ok ? `slashed, for ${reward} satoshi` : `not taken: ${sent.message}`);
      if (sent.ok) return;
    }
  }

  return {
    see(sighting) {
      const key = formatHex(locatorOf(sighting.trigger));
      const results = seen.get(key) ?? new Map<string, Sighting>();
      seen.set(key, results.set(formatHex(sighting.resultKey), sighting));
      if (appointments.has(locatorOf(sighting.trigger))) pursue(sighting);
    },

    look(locator) {
      for (const sighting of seen.get(formatHex(locator))?.values() ?? []) pursue(sighting);
    },

    async advance() {
      for (const [id, pursuit] of [...hot]) await advanceOne(id, pursuit);
    },

    count: () => hot.size,
  };
}

/** More closes in a row lead further; a later state replaces more. */
function weigh(slash: Slash): number {
  return slash.kind === "close" ? slash.closes.length : (slash.state?.state.nonce ?? 0);
}
