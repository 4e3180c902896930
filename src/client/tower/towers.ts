import {
  type HandIn,
  isReceiptFor,
  isSignedStatus,
  type KeptAppointment,
  type TowerStatus,
} from "../../api/towerApi.ts";
import {
  encodeTowerEvidence,
  locatorOf,
  sealingIvOf,
  sealingKeyOf,
} from "../../api/towerEvidence.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { MainChain } from "../mainChain.ts";
import {
  type Signer,
  SourceError,
  StoreError,
  type StoreOperation,
  type WalletStore,
} from "../ports.ts";
import {
  dropReceipt,
  nameTower,
  putNeglect,
  putReceipt,
  putTower,
  readTowerRows,
  type TowerAccount,
} from "./towerRows.ts";
import type { TowerSource, TowerTools } from "./towerSource.ts";
import type { WantedEvidence } from "./wantedEvidence.ts";

/**
 * How a tower stands with this wallet.
 *
 * - `state`: `lags` where it reads the main chain too late, or has not done what it signed for. - `note`: why it is not live.
 * - `scannedHeight`: the last main-chain block that it says, signed, it has read; 0 before it was asked.
 * - `appointments`: pieces of evidence that it is to keep, `receipts`: those that it has signed for.
 */
export type TowerStanding = {
  readonly url: string;
  readonly state: "live" | "lags" | "down" | "refused";
  readonly scannedHeight: number;
  readonly appointments: number;
  readonly receipts: number;
  readonly note: string;
};

/** A result on the main chain that evidence would remove or change, under the newest tip. `since`: height of its claim. */
export type OpenCheat = {
  readonly resultKey: Uint8Array;
  readonly triggers: readonly Uint8Array[];
  readonly since: number;
};

/** Hands the wallet's evidence to its towers after every change, keeps their receipts, and looks at what they do. */
export type Towers = {
  list(): readonly TowerStanding[];
  add(url: string): Promise<Verdict<null>>;
  remove(url: string): Promise<Verdict<null>>;
  /** Begin whatever is to be done for each; it does not wait for them. */
  advance(wanted: readonly WantedEvidence[], cheats: readonly OpenCheat[]): void;
  /** Whether nobody is waited for. */
  isAtRest(): boolean;
};

const TOWERS_MAX = 8;
/** Evidence that is handed to one tower in a round. */
const HANDED_AT_ONCE = 32;
/** Evidence is handed in to be kept for longer than it is needed, so that it need not be handed in again with each block. */
const LONGER_BLOCKS = 1_000;
/** Main-chain blocks that a tower may be behind; an hour where they come every ten minutes. */
const LAG_BLOCKS = 6;
/** Blocks after a claim at which a tower that has read it must have answered it: a good part of any dispute's delay is left. */
const PATIENCE_BLOCKS = 8;

type Link = {
  readonly account: TowerAccount;
  readonly source: TowerSource;
  status: TowerStatus | undefined;
  /** What is wrong with it, found last. */
  trouble: { readonly state: "down" | "refused"; readonly note: string } | undefined;
  isCompared: boolean;
  running: Promise<void> | undefined;
  /** What the last round was for: the same is not done twice. */
  done: string;
  told: string;
};

export async function createTowers(options: {
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly mainChain: MainChain;
  readonly tools: TowerTools;
  /** Used until the holder says otherwise. */
  readonly urls: readonly string[];
  readonly signer: () => Signer | undefined;
  readonly note: (words: string) => Promise<void>;
  readonly onChange: () => void;
}): Promise<Towers> {
  const { rules, store, mainChain, tools, signer, note, onChange } = options;
  const accounts = readTowerRows(await store.rows("towers"));
  const links = new Map<string, Link>();
  let wanted: readonly WantedEvidence[] = [];
  let cheats: readonly OpenCheat[] = [];
  for (const url of options.urls) {
    if (!accounts.has(nameTower(url))) await open(url);
  }
  for (const account of accounts.values()) if (account.row.isUsed) link(account);

  const tip = () => mainChain.tip().header.height;

  async function open(url: string): Promise<TowerAccount> {
    const known = accounts.get(nameTower(url));
    const row = known?.row ?? {
      url,
      isUsed: true,
      token: tools.randomBytes(32),
      key: undefined,
    };
    const account = known ?? { row, receipts: new Map(), neglects: new Map() };
    account.row = { ...row, isUsed: true };
    await store.commit([putTower(account.row)]);
    accounts.set(nameTower(url), account);
    return account;
  }

  function link(account: TowerAccount): void {
    const { url } = account.row;
    links.set(nameTower(url), {
      account,
      source: tools.at(url),
      status: undefined,
      trouble: undefined,
      isCompared: false,
      running: undefined,
      done: "",
      told: "",
    });
  }

  /** Read its status, and hold it to the key that it began with and to our own headers. */
  async function greet(each: Link): Promise<Verdict<TowerStatus>> {
    const { account, source } = each;
    const status = await source.status();
    if (!isSignedStatus(rules, status)) {
      return refuse("BAD_SIGNATURE", "what it says it has read is not signed by its key");
    }
    const { row } = account;
    if (row.key !== undefined && !equalBytes(row.key, status.tower)) {
      return refuse("OTHER_KEY", "it signs with another key than before");
    }
    if (row.key === undefined) {
      account.row = { ...row, key: status.tower };
      await store.commit([putTower(account.row)]);
    }
    each.status = status;
    return accept(status);
  }

  /** What it says it keeps: of what is not there any more, the receipts count for nothing, and it is handed in anew. */
  async function compare(each: Link): Promise<void> {
    const { row, receipts } = each.account;
    const kept = new Map(
      (await each.source.kept(row.token)).map((one: KeptAppointment) => [
        formatHex(one.locator),
        one.sealedHash,
      ]),
    );
    const lost = [...receipts].filter(([locator, { receipt }]) => {
      const hash = kept.get(locator);
      return (
        receipt.until >= tip() && (hash === undefined || !equalBytes(hash, receipt.sealedHash))
      );
    });
    each.isCompared = true;
    if (lost.length === 0) return;
    await store.commit(lost.map(([locator]) => dropReceipt(row.url, locator)));
    for (const [locator] of lost) receipts.delete(locator);
    await note(
      `The watchtower at ${row.url} has lost evidence that it had signed for. It is handed in again.`,
    );
  }

  function isKept(
    { receipts }: TowerAccount,
    { trigger, mark, neededTo }: WantedEvidence,
  ): boolean {
    const kept = receipts.get(formatHex(locatorOf(trigger)));
    return kept !== undefined && kept.mark === mark && kept.receipt.until >= neededTo;
  }

  async function handIn(
    { account, source }: Link,
    { tower }: TowerStatus,
    evidence: WantedEvidence,
  ): Promise<Verdict<boolean>> {
    const slash = await evidence.draft(tower, signer());
    if (slash === undefined) return accept(false);
    const bytes = encodeTowerEvidence(slash);
    const key = sealingKeyOf(evidence.trigger);
    const handed: HandIn = {
      token: account.row.token,
      locator: locatorOf(evidence.trigger),
      until: Math.max(evidence.neededTo, tip()) + LONGER_BLOCKS,
      sealed: await tools.seal(key, sealingIvOf(key, bytes), bytes),
    };
    const answer = await source.handIn(handed);
    if (!answer.ok) return answer;
    const receipt = answer.value;
    if (!equalBytes(receipt.tower, tower) || !isReceiptFor(rules, receipt, handed)) {
      return refuse("BAD_SIGNATURE", "its receipt is not for what was handed in");
    }
    const kept = { mark: evidence.mark, receipt };
    await store.commit([putReceipt(account.row.url, kept)]);
    account.receipts.set(formatHex(receipt.locator), kept);
    return accept(true);
  }

  /** Receipts of what is wanted no more and runs out are let go of, so that they do not grow without end. */
  async function forget({ account }: Link): Promise<void> {
    const { receipts, row } = account;
    const over = [...receipts].filter(([, { receipt }]) => receipt.until < tip());
    if (over.length === 0) return;
    await store.commit(over.map(([locator]): StoreOperation => dropReceipt(row.url, locator)));
    for (const [locator] of over) receipts.delete(locator);
  }

  /** It has read a claim long ago, had signed for evidence against it, and nobody has answered it. */
  async function judge({ account }: Link, status: TowerStatus): Promise<void> {
    const { row, receipts, neglects } = account;
    for (const { resultKey, triggers, since } of cheats) {
      const id = formatHex(resultKey);
      const signed = triggers.flatMap(
        (trigger) => receipts.get(formatHex(locatorOf(trigger)))?.receipt ?? [],
      );
      const [receipt] = signed.filter(
        ({ height }) => tip() >= Math.max(since, height) + PATIENCE_BLOCKS,
      );
      if (receipt === undefined || neglects.has(id) || status.height < since) continue;
      const neglect = { receipt, resultKey, height: tip() };
      await store.commit([putNeglect(row.url, neglect)]);
      neglects.set(id, neglect);
      await note(
        `The watchtower at ${row.url} signed for evidence at block ${receipt.height} and has not used it against a claim of block ${since}.`,
      );
    }
  }

  async function round(each: Link): Promise<void> {
    const status = await greet(each);
    if (!status.ok) {
      each.trouble = { state: "refused", note: status.message };
      return;
    }
    each.trouble = undefined;
    if (!each.isCompared) await compare(each);
    let handed = 0;
    for (const evidence of wanted) {
      if (isKept(each.account, evidence)) continue;
      if (handed === HANDED_AT_ONCE) {
        // The rest goes with the next round.
        each.done = "";
        break;
      }
      handed += 1;
      const done = await handIn(each, status.value, evidence);
      if (done.ok) continue;
      each.trouble = { state: "refused", note: done.message };
      break;
    }
    await forget(each);
    await judge(each, status.value);
  }

  function begin(each: Link): void {
    const isUnlocked = signer() !== undefined;
    const about = wanted.map(({ mark, neededTo }) => `${mark}${neededTo}`).join();
    const task = `${formatHex(mainChain.tip().hash)}${isUnlocked}${cheats.length}${about}`;
    if (each.running !== undefined || each.done === task) return;
    each.done = task;
    each.running = round(each)
      .catch((error: unknown) => stumble(each, error))
      .then(() => warn(each))
      // What cannot be kept here is told with the tower's standing.
      .catch((error: unknown) => stumble(each, error))
      .finally(() => {
        each.running = undefined;
        onChange();
      });
  }

  /** A round did not come to its end: the next one tries again. */
  function stumble(each: Link, error: unknown): void {
    if (!(error instanceof SourceError || error instanceof StoreError)) throw error;
    each.trouble = { state: "down", note: error.message };
    each.done = "";
  }

  /** Tell the holder, once, that a tower does not do what it is for, and that it does again. */
  async function warn(each: Link): Promise<void> {
    const { state, url, note: why } = describe(each);
    const told = `${state}${why}`;
    if (told === each.told || (each.told === "" && state === "live")) return;
    each.told = told;
    await note(
      state === "live"
        ? `The watchtower at ${url} keeps up again.`
        : `The watchtower at ${url} does not guard you as it should: ${why}.`,
    );
  }

  function describe({ account, status, trouble }: Link): TowerStanding {
    const { row, neglects } = account;
    const appointments = wanted.length;
    const receipts = wanted.filter((evidence) => isKept(account, evidence)).length;
    const scannedHeight = status?.height ?? 0;
    const about = { url: row.url, scannedHeight, appointments, receipts };
    if (trouble !== undefined) return { ...about, ...trouble };
    if (status === undefined) return { ...about, state: "down", note: "it has not answered yet" };
    const neglect = [...neglects.values()].at(-1);
    if (neglect !== undefined) {
      const what = `it signed for evidence at block ${neglect.receipt.height}, and at block ${neglect.height} it had not used it`;
      return { ...about, state: "lags", note: what };
    }
    const lag = whyLagging(status);
    if (lag !== undefined) return { ...about, state: "lags", note: lag };
    return { ...about, state: "live", note: "" };
  }

  function whyLagging({ height, blockHash }: TowerStatus): string | undefined {
    if (tip() - height > LAG_BLOCKS) {
      return `it has read the main chain to block ${height}, and the newest is ${tip()}`;
    }
    const own = mainChain.book().states[height];
    if (own !== undefined && !equalBytes(own.hash, blockHash) && tip() - height >= LAG_BLOCKS) {
      return `its block ${height} is of another branch than ours`;
    }
    return undefined;
  }

  return {
    list: () => [...links.values()].map(describe),

    async add(url) {
      const known = accounts.get(nameTower(url));
      if (known === undefined && links.size >= TOWERS_MAX) {
        return refuse("TOO_MANY", `expected at most ${TOWERS_MAX} watchtowers`);
      }
      link(await open(url));
      return accept(null);
    },

    async remove(url) {
      const name = nameTower(url);
      const account = accounts.get(name);
      if (account === undefined) return refuse("NO_SUCH_TOWER", "no such watchtower is used");
      account.row = { ...account.row, isUsed: false };
      await store.commit([putTower(account.row)]);
      links.delete(name);
      return accept(null);
    },

    advance(newlyWanted, newCheats) {
      wanted = newlyWanted;
      cheats = newCheats;
      for (const each of links.values()) begin(each);
    },

    isAtRest: () => [...links.values()].every(({ running }) => running === undefined),
  };
}
