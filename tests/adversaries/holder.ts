import { coversPoint, drawHeights, drawPoint } from "../../src/chain/settlement/draw.ts";
import { decodeTransaction, type SignedTransaction } from "../../src/chain/transaction.ts";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import { findObstacle } from "../../src/client/obstacle.ts";
import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import { createLine } from "../../src/client/ownProof.ts";
import type { Signer } from "../../src/client/ports.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { accept, insist, refuse, type Verdict } from "../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import type { SignatureTag } from "../../src/protocol/tags.ts";
import { copyTables, keyOf, RULES, type WalletTables } from "../story/localWorld.ts";
import type { Adversary } from "./adversary.ts";
import { sign } from "./forging.ts";
import { MainBranch } from "./mainBranch.ts";
import { LEVELS, type Level, type Moment, type Recording } from "./recording.ts";
import { Replay } from "./replay.ts";

const PERIOD_MS = LOCAL_NETWORK.periodTenths * 100;
const CLAIM_DELAY = 12;
const DISPUTE_DELAY = 24;
/** A refusal by whoever is asked, after the wallet itself would have gone on. */
const PASSED_ON = ["READ_ONLY", "DOWN"];

/** A contract that is held, and its chain. */
export type Held = { readonly chain: TrackedChain; readonly own: OwnLeaf };

type Signed = { readonly tag: SignatureTag; readonly body: Uint8Array };

/**
 * A client who holds the user's key and all that his wallet had kept at a moment of the story: contracts, purchases on
 * their way, signatures given. What he signs and sends is seen.
 */
export class Holder {
  readonly replay: Replay;
  readonly #signed: Signed[] = [];
  readonly #sent = new Map<string, SignedTransaction>();
  /** The same wallet, opened anew on what it has kept. */
  readonly reopen: () => Promise<Holder>;

  private constructor(replay: Replay, reopen: () => Promise<Holder>) {
    this.replay = replay;
    this.reopen = reopen;
  }

  static open(recording: Recording, from: Moment, adversary: Adversary): Promise<Holder> {
    return Holder.#openOn(recording, copyTables(from.kept ?? new Map()), adversary);
  }

  static async #openOn(
    recording: Recording,
    tables: WalletTables,
    adversary: Adversary,
  ): Promise<Holder> {
    let holder: Holder | undefined;
    const replay = await Replay.open(recording, {
      adversary,
      tables,
      onSend: (bytes) =>
        holder === undefined ? refuse("DOWN", "nobody listens yet") : holder.#send(bytes),
    });
    holder = new Holder(replay, () => Holder.#openOn(recording, tables, adversary));
    const key = keyOf(recording.seed, "user");
    const signed = holder.#signed;
    const signer: Signer = {
      publicKey: computePublicKey(key),
      sign: async (tag, body) => {
        signed.push({ tag, body });
        return sign(key, tag, body);
      },
    };
    await replay.wallet.attachSigner(signer);
    return holder;
  }

  #send(bytes: Uint8Array): Verdict<null> {
    const transaction = insist(decodeTransaction(bytes));
    const { node, height } = this.replay.main;
    const waiting = [...this.#sent.values()];
    const refusal = MainBranch.from(node, height).refusalOf(transaction, waiting);
    if (refusal !== undefined) return refuse(refusal, "the next block cannot take it");
    this.#sent.set(formatHex(bytes), transaction);
    return accept(null);
  }

  /** Go on to a moment. What was signed for a chain that something keeps him from, by the chain's address. */
  async goTo(moment: Moment, url: string | undefined): Promise<string[]> {
    const before = this.#signed.length;
    const sentBefore = this.#sent.size;
    await this.replay.goTo(moment, url);
    const stopped = this.#stopped();
    const signed = this.#signed.slice(before).map((each) => this.#chainOf(each));
    const paid = [...this.#sent.values()].slice(sentBefore).map((each) => this.#paidIn(each));
    return [...signed, ...paid].flatMap((chain) =>
      chain !== undefined && stopped.includes(chain) ? [`signed for ${chain.followed.url}`] : [],
    );
  }

  /** Ask for everything in every chain that something keeps him from: whatever is done all the same. */
  async tryAll(): Promise<string[]> {
    const { wallet } = this.replay;
    const before = this.#signed.length;
    const done: string[] = [];
    for (const chain of this.#stopped()) {
      const { url } = chain.followed;
      const ask = async (what: string, answer: Promise<Verdict<unknown>>) => {
        const given = await answer;
        if (given.ok || PASSED_ON.includes(given.code)) done.push(`${what} in ${url}`);
      };
      const { id } = chain.followed.facts;
      await ask("bought", wallet.buySpace(id, 1_000n));
      await ask("bet", wallet.placeBet(id, id, "yes", 1_000n));
      for (const { leaf } of this.#held(chain)) {
        await ask("changed", wallet.updateTerms(leaf.id));
        await ask("offered", wallet.quoteSale(leaf.id));
        await ask("redeemed", wallet.redeem([leaf.id]));
        await ask("handed over", wallet.handOver(leaf.id, chain.followed.facts.operator));
        await ask("sealed", wallet.seal(leaf.id, { kind: "mainChain" }));
      }
    }
    const signed = this.#signed.slice(before).map(({ tag }) => `gave ${tag}`);
    return [...done, ...signed];
  }

  /** The levels that something which keeps him from a chain lies in. */
  blamed(): Level[] {
    const { tracker, mainChain } = this.replay.wallet;
    const { chains } = this.replay.recording;
    return tracker.chains().flatMap((chain) => {
      const at = findObstacle(chain, tracker, mainChain)?.chain.followed.facts.id;
      return LEVELS.filter((level) => at !== undefined && equalBytes(chains[level].chain.id, at));
    });
  }

  /** Contracts that are shown as verified, and can be claimed whatever comes out. */
  shown(): readonly Held[] {
    const { tracker, mainChain } = this.replay.wallet;
    const { confirmations } = mainChain.book().parameters;
    const height = mainChain.tip().header.height;
    return tracker.chains().flatMap((chain) =>
      this.#held(chain)
        .filter(({ place, leaf }) => place.conditions.length === 0 && !leaf.sealed)
        .filter((own) => createLine(tracker.withAncestors(chain), own).ok)
        .filter(
          ({ post }) => post !== undefined && post.record.height + confirmations <= height + 1,
        )
        .map((own) => ({ chain, own })),
    );
  }

  /** Every operator goes, the point falls on a contract, and its holder is paid; undefined, or what went wrong. */
  async win({ own }: Held): Promise<string | undefined> {
    const { recording, wallet } = this.replay;
    const top = recording.chains.exchange.chain;
    const from = this.replay.moment;
    let { nowMs } = from;
    let branch = MainBranch.from(recording.node, from.height);
    const look = () =>
      this.replay.goTo({ ...from, height: branch.height, nowMs, node: branch, isDeserted: true });
    const mine = (count: number, waiting: readonly SignedTransaction[] = []) => {
      for (let made = 0; made < count; made++) {
        nowMs += PERIOD_MS;
        branch = branch.mineValid(made === 0 ? waiting : [], nowMs);
      }
    };
    const heights = drawHeights(top.expiry, LOCAL_NETWORK);
    // What can hold no more is given up in time, or nothing after it could be sent.
    for (let looks = 0; looks < 4; looks++) {
      mine(1, [...this.#sent.values()]);
      await look();
    }
    mine((heights.at(-1) ?? 0) - 1 - branch.height);
    nowMs += PERIOD_MS;
    const before = heights.flatMap((height) => branch.headerAt(height)?.workHash ?? []);
    branch = branch.mineValid([], nowMs, (last) =>
      coversPoint(own.leaf, drawPoint(RULES.networkId, top, [...before, last])),
    );
    await look();
    this.#sent.clear();
    const claimed = await wallet.claim(own.leaf.id);
    if (!claimed.ok) return `the claim is refused: ${claimed.code}`;
    mine(1, [...this.#sent.values()]);
    mine(CLAIM_DELAY + DISPUTE_DELAY);
    await look();
    this.#sent.clear();
    const collected = await wallet.collect(top.id);
    if (!collected.ok) return `the prize is not paid: ${collected.code}`;
    mine(1, [...this.#sent.values()]);
    await look();
    const settled = wallet.tracker.find(top.id)?.settlement?.settled;
    const isWon = settled?.winner !== undefined && equalBytes(settled.winner.owner, own.leaf.owner);
    return isWon && settled.paid > 0n ? undefined : "somebody else is paid";
  }

  #stopped(): TrackedChain[] {
    const { tracker, mainChain } = this.replay.wallet;
    return tracker
      .chains()
      .filter((chain) => findObstacle(chain, tracker, mainChain) !== undefined);
  }

  #held({ book }: TrackedChain): OwnLeaf[] {
    return [...book.own].flatMap(([id, own]) => (book.live.has(id) ? [own] : []));
  }

  /** The chain of the contract that a signature is about: every such body begins with its id. */
  #chainOf({ tag, body }: Signed): TrackedChain | undefined {
    if (tag === "signTransaction" || tag === "signClaim") return undefined;
    const id = formatHex(body.subarray(0, 32));
    return this.replay.wallet.tracker.chains().find(({ book }) => book.own.has(id));
  }

  /** The chain whose operator is paid for a contract. */
  #paidIn({ transaction: { body } }: SignedTransaction): TrackedChain | undefined {
    if (body.kind !== "spend" || body.payment === undefined) return undefined;
    const { tracker } = this.replay.wallet;
    const { recording } = this.replay;
    const paid = LEVELS.find((each) => equalBytes(recording.chains[each].chain.operator, body.to));
    return paid && tracker.find(recording.chains[paid].chain.id);
  }
}
