import { readChainRecord } from "../chain/state/chainRecord.ts";
import type { TransactionBody } from "../chain/transaction.ts";
import { readMainBlock } from "../client/mainBlock.ts";
import type { MainChain } from "../client/mainChain.ts";
import { readResults, readSettlement } from "../client/settlementView.ts";
import type { KeyValueStore, StoreOperation } from "../disk/keyValueStore.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader } from "../lib/codec.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { insist, judge } from "../lib/verdict.ts";
import type { BlockName } from "./desk.ts";
import {
  type Sighting,
  sightingsOfClaim,
  sightingsOfMove,
  sightingsOfResult,
} from "./sightings.ts";

/** What the main chain has shown so far, on disk. */
export type Scanner = {
  /** The last block that was read whole; undefined before the first. */
  scanned(): BlockName | undefined;
  /** Every trigger that was seen in a result not yet forgotten. */
  sightings(): readonly Sighting[];
  /** Read what is new on the best chain; rejects with a `SourceError` where no node has a block. */
  advance(): Promise<void>;
};

/** Sightings are remembered for so many blocks: for as long as a dispute can last, and more. */
const SEEN_BLOCKS = 100_000;
/** Blocks whose hashes are remembered: a branch that parts further down is read again from as far down. */
const REMEMBERED_BLOCKS = 4_096;

const CURSOR = "cursor";
const SEEN = "seen/";

/**
 * Open a scanner of the main chain.
 *
 * @param onSighting - told of every new one, once it is on disk.
 */
export async function openScanner(options: {
  readonly store: KeyValueStore;
  readonly mainChain: MainChain;
  readonly onSighting: (sighting: Sighting) => void;
}): Promise<Scanner> {
  const { store, mainChain, onSighting } = options;
  const cursor = await store.get(CURSOR);
  let scanned = cursor && insist(decode(cursor, readBlockName));
  /** Hashes of the newest blocks that were read, by height. */
  const read = new Map(scanned && [[scanned.height, scanned.hash]]);
  const seen = new Map<string, Sighting & { readonly height: number }>();
  for (const [key, bytes] of await store.entries(SEEN)) {
    const [resultKey = "", trigger = ""] = key.slice(SEEN.length).split("/");
    const { chainId, height } = insist(
      decode(bytes, (reader) => ({ chainId: reader.fixed(32), height: reader.u32() })),
    );
    seen.set(key, { chainId, resultKey: parseHex(resultKey), trigger: parseHex(trigger), height });
  }

  /** The height after the last block that was read and is still on the best chain. */
  function nextHeight(): number {
    const { states } = mainChain.book();
    const tip = states.length - 1;
    if (scanned === undefined) return Math.max(1, tip - SEEN_BLOCKS);
    for (let height = Math.min(scanned.height, tip); height > 0; height--) {
      const hash = read.get(height);
      // Whoever has just been started knows one hash: if that is gone, he reads as far down as a branch is long.
      if (hash === undefined) return Math.max(1, height - REMEMBERED_BLOCKS);
      if (equalBytes(hash, states[height]?.hash ?? new Uint8Array())) return height + 1;
    }
    return 1;
  }

  async function look(body: TransactionBody): Promise<Sighting[]> {
    switch (body.kind) {
      case "sortition-contract": {
        const { claim } = body;
        const chain = await mainChain.read("chains", claim.chainId, readChainRecord);
        // Where there is no chain any more, nothing is disputed.
        const found = judge(() => (chain === undefined ? [] : sightingsOfClaim(claim, chain)));
        return found.ok ? found.value : [];
      }
      case "sortition-slash":
        return body.slash.kind === "move" ? sightingsOfMove(body.slash) : [];
      case "sortition-timeout": {
        const ended = await readSettlement(mainChain, body.timeout.chainId);
        const made = ended.kind === "settled" ? ended.settled.winner?.becameChain : undefined;
        const results = made === undefined ? [] : await readResults(mainChain, made);
        return results.flatMap(sightingsOfResult);
      }
      default:
        return [];
    }
  }

  return {
    scanned: () => scanned,
    sightings: () => [...seen.values()],

    async advance() {
      const first = nextHeight();
      const below = mainChain.book().states[first - 1];
      // What another branch has undone counts as read no more.
      if (scanned !== undefined && first <= scanned.height && below !== undefined) {
        scanned = { height: first - 1, hash: below.hash };
      }
      for (let height = first; ; height++) {
        const state = mainChain.book().states[height];
        if (state === undefined) return;
        const block = await readMainBlock(state, mainChain);
        const found: Sighting[] = [];
        for (const { transaction } of block.transactions) {
          found.push(...(await look(transaction.body)));
        }
        const fresh = new Map(found.map((sighting) => [keyOf(sighting), sighting]));
        const old = height % 256 === 0 ? selectOld(height) : [];
        const next = { height, hash: state.hash };
        await store.commit([
          ...[...fresh].map(([key, { chainId }]): StoreOperation => {
            return {
              kind: "put",
              key,
              value: encode((writer) => writer.fixed(chainId, 32).u32(height)),
            };
          }),
          ...old.map((key): StoreOperation => ({ kind: "delete", key })),
          {
            kind: "put",
            key: CURSOR,
            value: encode((writer) => writer.u32(height).fixed(state.hash, 32)),
          },
        ]);
        for (const key of old) seen.delete(key);
        scanned = next;
        read.set(height, state.hash);
        read.delete(height - REMEMBERED_BLOCKS);
        for (const [key, sighting] of fresh) {
          seen.set(key, { ...sighting, height });
          onSighting(sighting);
        }
      }
    },
  };

  function selectOld(height: number): string[] {
    return [...seen].filter(([, each]) => each.height + SEEN_BLOCKS < height).map(([key]) => key);
  }
}

function keyOf({ resultKey, trigger }: Sighting): string {
  return `${SEEN}${formatHex(resultKey)}/${formatHex(trigger)}`;
}

function readBlockName(reader: Reader): BlockName {
  return { height: reader.u32(), hash: reader.fixed(32) };
}
