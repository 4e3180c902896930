import type { Market } from "../../../src/api/marketApi.ts";
import type { SignedClose } from "../../../src/api/operatorApi.ts";
import type { BlockEffects, ChainFacts } from "../../../src/blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { type ChainTip, createChainTip, validateBlock } from "../../../src/blocks/validateBlock.ts";
import { computeTreesHash, type MainHeaderFact } from "../../../src/blocks/verifyFactEvidence.ts";
import { decode, encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { proveKey } from "../../../src/lib/map/mapProof.ts";
import {
  emptyMap,
  getValue,
  type MerkleMap,
  mapRoot,
  setValue,
} from "../../../src/lib/map/merkleMap.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { refuse, type Verdict } from "../../../src/lib/verdict.ts";
import type {
  Answer,
  Effect,
  EngineEvent,
  PostRecord,
  ProvenFacts,
  Trade,
  TraderRequest,
} from "../../../src/operator/engine/engineEvent.ts";
import { createEngineState, type EngineState } from "../../../src/operator/engine/engineState.ts";
import { handle, nextDeadline, resume } from "../../../src/operator/engine/handle.ts";
import { DEFAULT_POLICY, type OperatorPolicy } from "../../../src/operator/engine/policy.ts";
import { replay } from "../../../src/operator/engine/replay.ts";
import { rowKey } from "../../../src/operator/engine/rowKey.ts";
import { type Condition, hashCondition } from "../../../src/protocol/condition.ts";
import { type ExactClose, encodeExactClose } from "../../../src/protocol/contractClose.ts";
import { type FactEvidence, STATE_MAPS } from "../../../src/protocol/factEvidence.ts";
import {
  type OracleResult,
  readOracleRecord,
  writeOracleRecord,
  writePaymentRecord,
} from "../../../src/protocol/facts.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";

/** Thrown by a world that was told to lose its power at a commit. */
export class PowerCut extends Error {}

/** A private key by name, for tests. */
export function keyOf(name: string): { privateKey: Uint8Array; publicKey: Uint8Array } {
  const privateKey = sha256(encodeUtf8(name));
  return { privateKey, publicKey: computePublicKey(privateKey) };
}

export const RULES = createRules(LOCAL_NETWORK);
export const OPERATOR = keyOf("operator");
export const ORACLE_ID = sha256(encodeUtf8("oracle"));
export const CHAIN: ChainFacts = {
  id: sha256(encodeUtf8("chain")),
  operator: OPERATOR.publicKey,
  lo: 0n,
  hi: 100_000_000_000n,
  expiry: 200,
};
export const MARKETS: readonly Market[] = [
  {
    question: "Do the reds win?",
    ask: { kind: "binary", oracle: ORACLE_ID },
    outcomes: ["the reds win"],
    depositBps: 0,
    tick: 10,
    lot: 100_000n,
    yesBps: 5_000,
  },
];

const { confirmations } = LOCAL_NETWORK;

type MainState = {
  readonly header: MainHeaderFact & { hash: Uint8Array };
  readonly maps: ReadonlyMap<string, MerkleMap>;
};

/** What outlives the operator's process: its disk, its signer's memory, the main chain, and all who watch. */
export type Durable = {
  readonly rows: Map<string, Uint8Array>;
  /** Everything ever signed, by what may only be one. A second body for one name fails the test. */
  readonly signed: Map<string, string>;
  readonly main: MainState[];
  payments: MerkleMap;
  oracles: MerkleMap;
  accountNonce: number;
  recorded: number;
  /** Heights of the blocks that posts recorded, by sequence from 1. */
  readonly postedHashes: Uint8Array[];
  /** Main-chain heights of their records. */
  readonly postedAt: number[];
  mempool: { nonce: number; sequence: number; hash: Uint8Array; bytes: Uint8Array }[];
  readonly blocks: Uint8Array[];
  readonly checked: { block: SortitionBlock; effects: BlockEffects }[];
  tip: ChainTip;
  nowMs: number;
};

export function createDurable(): Durable {
  const durable: Durable = {
    rows: new Map(),
    signed: new Map(),
    main: [],
    payments: emptyMap(),
    oracles: emptyMap(),
    accountNonce: 0,
    recorded: 0,
    postedHashes: [],
    postedAt: [],
    mempool: [],
    blocks: [],
    checked: [],
    tip: createChainTip(CHAIN),
    nowMs: 1_000_000,
  };
  report(durable, "open");
  for (let height = 0; height <= 10; height++) mine(durable);
  return durable;
}

/** Put the oracle's result into the next main-chain block. */
export function report(durable: Durable, result: OracleResult): void {
  const record = {
    reporter: keyOf("reporter").publicKey,
    question: "Do the reds win?",
    result,
    resultHeight: result === "open" ? 0 : durable.main.length,
  };
  const bytes = encode((writer) => writeOracleRecord(writer, record));
  durable.oracles = setValue(durable.oracles, ORACLE_ID, bytes);
}

/** Put a payment into the next main-chain block. */
export function pay(durable: Durable, paymentKey: Uint8Array, amount: bigint): void {
  const record = { amount, height: durable.main.length };
  const bytes = encode((writer) => writePaymentRecord(writer, record));
  durable.payments = setValue(durable.payments, paymentKey, bytes);
}

/** The next main-chain block, which takes the waiting posts whose nonce is next. */
function mine(durable: Durable): void {
  for (const { nonce, sequence, hash } of durable.mempool.toSorted((a, b) => a.nonce - b.nonce)) {
    if (nonce !== durable.accountNonce + 1) continue;
    durable.accountNonce = nonce;
    if (sequence !== durable.recorded + 1) continue;
    durable.recorded = sequence;
    durable.postedHashes.push(hash);
    durable.postedAt.push(durable.main.length);
  }
  durable.mempool = [];
  const maps = new Map<string, MerkleMap>([
    ["payments", durable.payments],
    ["oracles", durable.oracles],
  ]);
  const treesHash = computeTreesHash(rootsOf(maps));
  const height = durable.main.length;
  const hash = sha256(encode((writer) => writer.u32(height).fixed(treesHash, 32)));
  durable.main.push({ header: { height, treesHash, hash }, maps });
}

function rootsOf(maps: ReadonlyMap<string, MerkleMap>): Uint8Array[] {
  return STATE_MAPS.map((map) => mapRoot(maps.get(map) ?? emptyMap()));
}

/** The records that are buried by now. */
export function listRecords({ main, postedHashes, postedAt }: Durable): PostRecord[] {
  return postedHashes.flatMap((hash, index): PostRecord[] => {
    const height = postedAt[index] ?? 0;
    const isBuried = height + RULES.parameters.confirmations <= main.length;
    return isBuried ? [{ sequence: index + 1, record: { hash, height, index: 0 } }] : [];
  });
}

/** An operator's process on what is durable. Every block it publishes is checked by who keeps no database. */
export class World {
  readonly durable: Durable;
  readonly state: EngineState;
  readonly answers = new Map<number, Verdict<Answer>>();
  readonly told: (Effect & { kind: "tell" })[] = [];
  readonly trades: Trade[] = [];
  readonly cutAtCommit: number | undefined;
  readonly isCutAfter: boolean;
  commits = 0;
  /** Main-chain facts are served only while this is true. */
  isNodeUp = true;
  /** The signer answers only while this is true; then what waits is signed. */
  isSignerUp = true;
  #waiting: (Effect & { kind: "sign" | "signPostTransaction" })[] = [];
  #requests = 0;

  constructor(
    durable: Durable = createDurable(),
    options: { policy?: Partial<OperatorPolicy>; cutAtCommit?: number; isCutAfter?: boolean } = {},
  ) {
    this.durable = durable;
    this.cutAtCommit = options.cutAtCommit;
    this.isCutAfter = options.isCutAfter ?? false;
    this.state = createEngineState(RULES, CHAIN, { ...DEFAULT_POLICY, ...options.policy }, MARKETS);
    replay(
      this.state,
      [...durable.rows].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    // Blocks that were on disk before the power went, but not published: a stream serves them now.
    for (let height = durable.blocks.length + 1; height <= this.state.tip.height; height++) {
      this.#check(height, durable.rows.get(rowKey.block(height)) ?? new Uint8Array());
    }
    this.#perform(resume(this.state));
    this.tip();
  }

  /** Tell the operator of the main chain's tip. */
  tip(): void {
    const { main, accountNonce, recorded, oracles } = this.durable;
    const record = decode(getValue(oracles, ORACLE_ID) ?? new Uint8Array(), readOracleRecord);
    const view = {
      height: main.length - 1,
      accountNonce,
      recorded,
      records: listRecords(this.durable),
      oracles: new Map(record.ok ? [[formatHex(ORACLE_ID), record.value.result] as const] : []),
      resultHeights: new Map(
        record.ok ? [[formatHex(ORACLE_ID), record.value.resultHeight] as const] : [],
      ),
    };
    this.happen({ kind: "mainTip", view });
  }

  mine(count = 1): void {
    for (let i = 0; i < count; i++) {
      mine(this.durable);
      this.tip();
    }
  }

  ask(request: DistributiveOmit<TraderRequest, "request">): number {
    this.#requests += 1;
    this.happen({ ...request, request: this.#requests } as TraderRequest);
    return this.#requests;
  }

  /** Let time pass until the engine waits for nothing. */
  settle(): void {
    for (let i = 0; i < 100; i++) {
      const deadline = nextDeadline(this.state);
      if (deadline === undefined) return;
      this.durable.nowMs = Math.max(this.durable.nowMs, deadline);
      this.happen({ kind: "tick" });
    }
    throw new Error("the engine does not come to rest");
  }

  happen(event: EngineEvent): void {
    this.#perform(handle(this.state, event, this.durable.nowMs));
  }

  startSigner(): void {
    this.isSignerUp = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const effect of waiting) this.#sign(effect);
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#performOne(effect);
  }

  #performOne(effect: Effect): void {
    switch (effect.kind) {
      case "commit":
        this.commits += 1;
        if (this.commits === this.cutAtCommit && !this.isCutAfter) throw new PowerCut();
        for (const operation of effect.operations) {
          if (operation.kind === "put") this.durable.rows.set(operation.key, operation.value);
          else this.durable.rows.delete(operation.key);
        }
        if (this.commits === this.cutAtCommit) throw new PowerCut();
        return;
      case "reply":
        if (this.answers.has(effect.request)) throw new Error("a request is answered twice");
        this.answers.set(effect.request, effect.answer);
        return;
      case "publish":
        this.#check(effect.height, effect.bytes);
        return;
      case "tell":
        this.told.push(effect);
        return;
      case "trade":
        this.trades.push(effect.trade);
        return;
      case "book":
        return;
      case "sign":
      case "signPostTransaction":
        if (this.isSignerUp) this.#sign(effect);
        else this.#waiting.push(effect);
        return;
      case "send": {
        const known = this.#transactions.get(formatHex(effect.bytes));
        if (known === undefined) throw new Error("a transaction that was never signed is sent");
        this.durable.mempool = this.durable.mempool.filter(({ nonce }) => nonce !== known.nonce);
        this.durable.mempool.push(known);
        return;
      }
      case "fetchEvidence":
        this.happen({
          kind: "evidence",
          conditionHash: hashCondition(effect.condition),
          proven: this.isNodeUp ? this.#prove(effect.condition) : undefined,
        });
        return;
    }
  }

  get #transactions(): Map<string, Durable["mempool"][number]> {
    const transactions = new Map<string, Durable["mempool"][number]>();
    for (const [name, hex] of this.durable.signed) {
      const [kind, nonce, sequence, hash] = name.split(":");
      if (kind !== "transaction") continue;
      const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
      const posted = Uint8Array.from(Buffer.from(hash ?? "", "hex"));
      transactions.set(hex, {
        nonce: Number(nonce),
        sequence: Number(sequence),
        hash: posted,
        bytes,
      });
    }
    return transactions;
  }

  #sign(effect: Effect & { kind: "sign" | "signPostTransaction" }): void {
    if (effect.kind === "signPostTransaction") {
      const { sequence, nonce, word } = effect;
      if (word.kind !== "post") throw new Error("a chain on the main chain does not switch");
      const { post } = word;
      const bytes = encode((writer) => writer.u32(nonce).u32(sequence).fixed(post.blockHash, 32));
      this.#remember(`transaction:${nonce}:${sequence}:${formatHex(post.blockHash)}`, bytes);
      this.happen({ kind: "transactionSigned", sequence, nonce, bytes });
      return;
    }
    const { subject, body } = effect;
    if (subject.kind === "switch") throw new Error("a chain on the main chain does not switch");
    const tags = { block: "signBlock", post: "signPost", state: "signState" } as const;
    const number = { block: "height", post: "sequence", state: "nonce" } as const;
    const name = Object.entries(subject).map(([field, value]) =>
      value instanceof Uint8Array ? formatHex(value) : `${field}=${value}`,
    );
    const isSame = this.#remember(`${number[subject.kind]}/${name.join("/")}`, body);
    const digest = computeDigest(tags[subject.kind], RULES.networkId, body);
    const signature = isSame
      ? ({ ok: true, value: signDigest(digest, OPERATOR.privateKey) } as const)
      : refuse("OTHER_SIGNED", "another body is signed already");
    this.happen({ kind: "signed", subject, signature });
  }

  #remember(name: string, body: Uint8Array): boolean {
    const known = this.durable.signed.get(name);
    this.durable.signed.set(name, known ?? formatHex(body));
    return known === undefined || known === formatHex(body);
  }

  #check(height: number, bytes: Uint8Array): void {
    const known = this.durable.blocks[height - 1];
    if (known !== undefined) throw new Error(`block ${height} is published twice`);
    const block = decodeBlock(bytes);
    if (!block.ok) throw new Error(`block ${height} does not decode: ${block.message}`);
    const mainHeader = (hash: Uint8Array) =>
      this.durable.main.find(({ header }) => formatHex(header.hash) === formatHex(hash))?.header;
    const checked = validateBlock(block.value, this.durable.tip, {
      rules: RULES,
      chain: CHAIN,
      mainHeader,
    });
    if (!checked.ok) throw new Error(`block ${height} breaks ${checked.code}: ${checked.message}`);
    this.durable.tip = checked.value.tip;
    this.durable.blocks.push(bytes);
    this.durable.checked.push({ block: block.value, effects: checked.value.effects });
  }

  #prove(condition: Condition): ProvenFacts {
    const at = this.durable.main[Math.max(0, this.durable.main.length - 1 - confirmations)];
    if (at === undefined) throw new Error("the main chain has no block");
    const names = { oracle: "oracles", payment: "payments", secret: "secrets" } as const;
    const evidence: FactEvidence = {
      headerHash: at.header.hash,
      mapRoots: rootsOf(at.maps),
      proofs: condition.facts.map(({ kind, key }) =>
        proveKey(at.maps.get(names[kind]) ?? emptyMap(), key),
      ),
    };
    return { evidence, header: { height: at.header.height, treesHash: at.header.treesHash } };
  }
}

type DistributiveOmit<Union, Field extends PropertyKey> = Union extends unknown
  ? Omit<Union, Field>
  : never;

/** Sign an exact close. */
export function signClose(close: ExactClose, privateKey: Uint8Array): SignedClose {
  const digest = computeDigest("signClose", RULES.networkId, encodeExactClose(close));
  return { close, signature: signDigest(digest, privateKey) };
}
