import {
  decodeTowerEvidence,
  locatorOf,
  sealingKeyOf,
  triggerOfContract,
} from "../api/towerEvidence.ts";
import { type ResultRecord, readResultRecord } from "../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../chain/settlement/settlementEffect.ts";
import type { Slash } from "../chain/settlement/slash.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import type { MainChain } from "../client/mainChain.ts";
import { type Outbox, TRANSACTION_FEE } from "../client/outbox.ts";
import { rehearseSlash } from "../client/rehearseSlash.ts";
import { openSealed } from "../crypto/sealBytes.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import type { Rules } from "../protocol/rules.ts";
import type { Appointments, FoundAppointment } from "./appointments.ts";
import type { Sighting } from "./sightings.ts";

/** Slashes are sent for results that somebody has handed in evidence against, for as long as those stand. */
export type Pursuits = {
  /** The main chain shows a trigger. */
  see(sighting: Sighting): void;
  /** Evidence was taken: perhaps what it waits for has been seen already. */
  look(locator: Uint8Array): void;
  /** Send whatever would succeed under the newest tip. Rejects with a `SourceError` where a node fails. */
  advance(): Promise<void>;
};

/** What of a reward is offered to the miner: enough for a place in a block when blocks are full. */
const FEE_SHARE = 10n;
/** Pieces of evidence against one result that are tried under one tip: nobody can keep a tower from the others' by handing in useless ones. */
const TRIED_AT_ONCE = 64;
/** Blocks after which evidence of no use is tried again: a post that waited for an answer may have got it. */
const RETRY_BLOCKS = 6;
/** Failures that are remembered. */
const TRIED_MAX = 10_000;

type Pursuit = {
  readonly chainId: Uint8Array;
  readonly resultKey: Uint8Array;
  readonly triggers: Map<string, Uint8Array>;
};

/** A piece of evidence for a trigger that a result shows. */
type Candidate = {
  readonly trigger: Uint8Array;
  readonly found: FoundAppointment;
  readonly name: string;
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
  /** Evidence that was of no use: when it was tried last, and under which state of its result. */
  const tried = new Map<string, { readonly height: number; readonly changedAt: number }>();
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

  /** What a piece of evidence says against a result, what shows the most first; nothing where it does not open. */
  async function open(
    { chainId, resultKey }: Pursuit,
    result: ResultRecord,
    { trigger, found }: Candidate,
  ): Promise<Slash[]> {
    const sealed = await found.read();
    const opened = sealed && (await openSealed(sealingKeyOf(trigger), sealed));
    const evidence = opened?.ok === true ? decodeTowerEvidence(opened.value) : undefined;
    if (evidence?.ok !== true) return [];
    const slash = evidence.value;
    if (slash.kind === "move") return equalBytes(slash.resultKey, resultKey) ? [slash] : [];
    const level = result.line.findIndex(({ leaf }) => equalBytes(triggerOfContract(leaf), trigger));
    if (level === -1) return [];
    const against = { kind: "close", chainId, resultKey, level } as const;
    // Where the point leads elsewhere than the row does, its beginning still counts.
    return slash.closes
      .map((_, index): Slash => ({ ...against, closes: slash.closes.slice(0, index + 1) }))
      .toReversed();
  }

  /** Evidence against a result that is to be tried now: what was of no use under the same result waits for some blocks. */
  function listCandidates({ resultKey, triggers }: Pursuit, result: ResultRecord): Candidate[] {
    const { height } = mainChain.tip().header;
    return [...triggers.values()]
      .flatMap((trigger) =>
        appointments.find(locatorOf(trigger)).map((found): Candidate => {
          const name = `${formatHex(resultKey)}/${found.client}/${found.sealedHash}`;
          return { trigger, found, name };
        }),
      )
      .filter(({ name }) => {
        const last = tried.get(name);
        const isSame = last !== undefined && last.changedAt === result.changedAt;
        return !isSame || height >= last.height + RETRY_BLOCKS;
      })
      .toSorted((a, b) => (tried.get(a.name)?.height ?? 0) - (tried.get(b.name)?.height ?? 0))
      .slice(0, TRIED_AT_ONCE);
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
    for (const candidate of listCandidates(pursuit, result)) {
      for (const slash of await open(pursuit, result, candidate)) {
        const effect = await rehearseSlash(slash, carrier, mainChain, rules);
        if (effect.ok) return send(id, slash, effect.value);
        tell(id, `evidence is of no use: ${effect.message}`);
      }
      tried.delete(candidate.name);
      tried.set(candidate.name, {
        height: mainChain.tip().header.height,
        changedAt: result.changedAt,
      });
      for (const oldest of [...tried.keys()].slice(0, tried.size - TRIED_MAX)) tried.delete(oldest);
    }
  }

  async function send(id: string, slash: Slash, { pay }: SettlementEffect): Promise<void> {
    const reward = pay
      .filter(({ to }) => equalBytes(to, carrier))
      .reduce((sum, { amount }) => sum + amount, 0n);
    const fee = reward / FEE_SHARE > TRANSACTION_FEE ? reward / FEE_SHARE : TRANSACTION_FEE;
    const sent = await outbox.send({ kind: "sortition-slash", slash }, fee);
    tell(id, sent.ok ? `slashed, for ${reward} satoshi` : `not taken: ${sent.message}`);
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
  };
}
