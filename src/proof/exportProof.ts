import type { CloseProof } from "../blocks/closeProof.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import type { ChainTracker, TrackedChain } from "../client/chainTracker.ts";
import type { MainChain } from "../client/mainChain.ts";
import type { OwnLeaf } from "../client/ownLeaves.ts";
import { createLine } from "../client/ownProof.ts";
import { type MainChainSource, SourceError } from "../client/ports.ts";
import { type ProvenState, proveState } from "../client/readState.ts";
import { readSettlementView, type SettlementReads } from "../client/settlementView.ts";
import type { States } from "../client/states.ts";
import { decode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, insist, refuse, type Verdict } from "../lib/verdict.ts";
import { STATE_MAPS, type StateMap } from "../protocol/factEvidence.ts";
import type { Rules } from "../protocol/rules.ts";
import { TRUE_SCRIPT } from "../protocol/script.ts";
import {
  encodeProofFile,
  type HeaderStart,
  type LevelClose,
  PROOF_CLOSES_MAX,
  PROOF_EVIDENCE_MAX,
  PROOF_HEADERS_MAX,
  type ProofFile,
  type StateRecord,
} from "./proofFile.ts";
import { slimHeader } from "./slimHeader.ts";
import type { ProofFacts } from "./verifyProofFile.ts";
import { verifyProofFile } from "./verifyProofFile.ts";

/** What a wallet has that a proof is made from. */
export type ProofSource = {
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  /** What is kept of how the space of a chain's contract was given up before: its trail. */
  readonly closesOf: (
    chainId: Uint8Array,
    leafId: Uint8Array,
  ) => readonly { readonly proof: CloseProof }[];
};

/** A file as it is handed out, and what it was found to prove. */
export type ExportedProof = { readonly bytes: Uint8Array; readonly facts: ProofFacts };

/** Records that are looked up for one file before it is given up: more than any honest line leans on. */
const LOOK_UPS_MAX = 512;

/**
 * The proof file of an own contract, under the newest header that this wallet has checked. What it leans on of the main chain is read
 * anew, with proofs; the operator is not asked. The file is checked like a stranger's before it is handed out.
 */
export async function exportProof(
  source: ProofSource,
  chain: TrackedChain,
  own: OwnLeaf,
): Promise<Verdict<ExportedProof>> {
  const { rules, mainChain, tracker } = source;
  const chains = tracker.withAncestors(chain);
  const whole = createLine(chains, own);
  if (!whole.ok) return whole;
  const depth = chain.settlement?.depth ?? 0;
  const line = whole.value.slice(depth);
  const chainId = chain.settlement?.chainId ?? chains[0]?.followed.facts.id ?? new Uint8Array();
  const at = mainChain.tip();
  const book = mainChain.book();
  const genesis = book.states[0] as HeaderState;
  const recorder = createRecorder(mainChain, at);
  try {
    await readSettlementView(recorder.reads, rules, chainId, {
      postKeys: line.map(({ recordKey }) => recordKey),
      conditions: line.flatMap(({ conditions }) => conditions),
      line: line.map(({ leaf }) => leaf),
      shownKeys: [],
    });
    const evidence: Uint8Array[] = [];
    for (const { followed, book: kept } of chains) {
      const file = kept.breach && (await tracker.evidence(followed.facts.id));
      if (file !== undefined && evidence.length < PROOF_EVIDENCE_MAX) evidence.push(file);
    }
    const closes = chains.slice(depth).flatMap(({ followed }, level): LevelClose[] => {
      const leafId = line[level]?.leaf.id ?? own.leaf.id;
      const kept = source.closesOf(followed.facts.id, leafId);
      return kept.map(({ proof }) => ({ level, close: proof }));
    });
    const parts = {
      networkId: rules.networkId,
      ...showHeaders(book.states, at),
      chainId,
      line: line.map(({ proof, conditions }) => ({ proof, conditions })),
      script: own.script ?? TRUE_SCRIPT,
      state: own.leaf.sealed ? undefined : source.states.termsOf(own.leaf.id).signed,
      closes: closes.slice(-PROOF_CLOSES_MAX),
      evidence,
    };
    const made = await complete(parts, recorder, { rules, genesis });
    if (made.ok || closes.length === 0) return made;
    // A close that does not count, or not yet, is no part of the proof: the contract is shown without them.
    return await complete({ ...parts, closes: [] }, recorder, { rules, genesis });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return refuse(error.code, error.message);
  }
}

/** Look up whatever the check of the file still misses, until it passes; then leave out what it does not look at. */
async function complete(
  parts: Omit<ProofFile, "mapRoots" | "records">,
  recorder: Recorder,
  trust: { readonly rules: Rules; readonly genesis: HeaderState },
): Promise<Verdict<ExportedProof>> {
  for (let lookUps = 0; lookUps < LOOK_UPS_MAX; lookUps++) {
    const { mapRoots, records } = recorder.shown();
    const bytes = encodeProofFile({ ...parts, mapRoots, records });
    const looked = new Map<string, StateKey>();
    const facts = verifyProofFile(bytes, trust, (map, key) =>
      looked.set(nameOf(map, key), { map, key }),
    );
    const known = new Set(records.map(({ map, key }) => nameOf(map, key)));
    const missing = [...looked].filter(([name]) => !known.has(name));
    if (facts.ok) {
      const needed = records.filter(({ map, key }) => looked.has(nameOf(map, key)));
      const least = encodeProofFile({ ...parts, mapRoots, records: needed });
      return accept({ bytes: least, facts: insist(verifyProofFile(least, trust)) });
    }
    if (missing.length === 0) return facts;
    for (const [, { map, key }] of missing) await recorder.prove(map, key);
  }
  return refuse("TOO_MANY", "the contract leans on more of the main chain than a file shows");
}

type StateKey = Pick<StateRecord, "map" | "key">;

function nameOf(map: StateMap, key: Uint8Array): string {
  return `${map} ${formatHex(key)}`;
}

/** The newest headers, from the genesis where they are few enough. */
function showHeaders(
  states: readonly HeaderState[],
  { header: { height } }: HeaderState,
): Pick<ProofFile, "start" | "headers"> {
  const from = Math.max(0, height - PROOF_HEADERS_MAX);
  const headers = states.slice(from + 1, height + 1).map(({ header }) => slimHeader(header));
  const { header, ewah } = states[from] as HeaderState;
  const start: HeaderStart | undefined = from === 0 ? undefined : { header, ewah };
  return { start, headers };
}

type Recorder = {
  readonly reads: SettlementReads;
  prove(map: StateMap, key: Uint8Array): Promise<Uint8Array | undefined>;
  shown(): Pick<ProofFile, "mapRoots" | "records">;
};

/** Reads of the main chain under one header that keep the proofs they came with. */
function createRecorder(mainChain: MainChain, at: HeaderState): Recorder {
  const records = new Map<string, StateRecord & { readonly value: Uint8Array | undefined }>();
  let mapRoots: readonly Uint8Array[] = STATE_MAPS.map(() => new Uint8Array(32));

  async function prove(map: StateMap, key: Uint8Array): Promise<Uint8Array | undefined> {
    const name = nameOf(map, key);
    const known = records.get(name);
    if (known !== undefined) return known.value;
    const ask = async (node: MainChainSource): Promise<Verdict<ProvenState>> =>
      accept(await proveState(node, at, map, key));
    const proven = await mainChain.ask(ask);
    if (proven === undefined || !proven.ok) {
      throw new SourceError("DOWN", "no main-chain node proves what the file has to show");
    }
    mapRoots = proven.value.mapRoots;
    records.set(name, { map, key, proof: proven.value.proof, value: proven.value.value });
    return proven.value.value;
  }

  return {
    prove,
    shown: () => ({ mapRoots, records: [...records.values()] }),
    reads: {
      tip: () => at,
      headerAt: (height) => mainChain.headerAt(height),
      async read(map, key, read) {
        const value = await prove(map, key);
        return value === undefined ? undefined : insist(decode(value, read));
      },
    },
  };
}
