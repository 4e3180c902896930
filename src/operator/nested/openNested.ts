import { readChainAddress } from "../../api/chainAddress.ts";
import { writeHandOverCode } from "../../api/handOverCode.ts";
import type { ChainFacts } from "../../blocks/applyTransactions.ts";
import { isBuried } from "../../client/buried.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import { isCash } from "../../client/journeys/cash.ts";
import type { OwnLeaf } from "../../client/ownLeaves.ts";
import type { Wallet } from "../../client/wallet.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { decode, encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, Refusal, refuse, type Verdict } from "../../lib/verdict.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import type { PostPlace } from "../../protocol/anchor.ts";
import { rowKey } from "../engine/rowKey.ts";
import { OPERATOR_FEE } from "../mainChainLink.ts";
import type { RowStore } from "../store/rowStore.ts";
import { buyContract, FEES_KEPT, findBought } from "./buyContract.ts";
import type { InsideFlags } from "./insideFlags.ts";

/** What a chain inside a contract is opened with. `nextTip` resolves after the next main-chain block. */
export type NestedOpening = {
  readonly wallet: Wallet;
  readonly store: RowStore;
  readonly inside: InsideFlags;
  /** Whether the local network's faucet pays for what has to be paid. */
  readonly faucet: boolean;
  readonly nextTip: () => Promise<void>;
  /** Told in words what is waited for, whenever that changes. */
  readonly say: (words: string) => void;
};

/** A chain inside a contract that is sealed for good, and what its clients are told of the one above. */
export type NestedChain = {
  readonly chain: ChainFacts;
  readonly place: PostPlace;
  readonly parent: { readonly chainId: Uint8Array; readonly url: string };
};

type Kept = { readonly parentId: Uint8Array; readonly contractId: Uint8Array };
type Step = { readonly waitsFor: string } | { readonly ready: NestedChain };

/**
 * Take a contract of this operator's key to where a chain can run inside: held, sealed, and the seal
 * recorded under enough confirmations. Every step follows from what the light client has checked and
 * kept, so it may be killed anywhere and goes on from there. Throws a `Refusal` in plain words where
 * waiting does not help.
 */
export async function openNested(opening: NestedOpening): Promise<NestedChain> {
  let said = "";
  for (;;) {
    const step = await takeStep(opening);
    if ("ready" in step) return step.ready;
    // What the step asked for is followed up at once: nothing goes on by itself while it waits.
    await opening.wallet.sync();
    if (step.waitsFor !== said) {
      said = step.waitsFor;
      opening.say(`waiting for ${said}`);
    }
    await opening.nextTip();
  }
}

async function takeStep(opening: NestedOpening): Promise<Step> {
  const { wallet, inside, store } = opening;
  const signer = wallet.hands()?.signer;
  if (signer === undefined) throw new Error("the operator's light client has no signer");
  await wallet.sync();
  const kept = await readKept(store);
  const parent = await findParent(wallet, inside, kept);
  if (!parent.ok) return { waitsFor: `the parent's operator: ${parent.message}` };
  const found = await findContract(opening, parent.value, kept);
  if (!found.ok) return { waitsFor: found.message };
  const { leaf } = found.value;
  const place = choosePlace(wallet, parent.value, inside, found.value);
  demand(
    place.kind === "chain" || inside.switchAfter === undefined,
    "NOTHING_TO_SWITCH",
    "the chain posts on the main chain: start without --switch and --switch-after",
  );
  if (!leaf.sealed) {
    await keep(store, { parentId: parent.value.followed.facts.id, contractId: leaf.id });
    const sealed = await wallet.seal(leaf.id, place);
    const why = sealed.ok ? "its record on the main chain" : sealed.message;
    return { waitsFor: `the seal of the contract: ${why}` };
  }
  if (!isBuried(found.value, wallet.mainChain)) {
    return { waitsFor: "the seal's record on the main chain and its confirmations" };
  }
  await keep(store, { parentId: parent.value.followed.facts.id, contractId: leaf.id });
  const isSwitching =
    inside.switchAfter !== undefined || (await store.get(rowKey.switch)) !== undefined;
  const isPaying = place.kind === "mainChain" || isSwitching;
  const unpaid = isPaying ? await findUnpaid(opening) : undefined;
  if (unpaid !== undefined) return { waitsFor: unpaid };
  const { facts, url } = parent.value.followed;
  const { id, owner: operator, lo, hi } = leaf;
  const chain = { id, operator, lo, hi, expiry: facts.expiry };
  return { ready: { chain, place, parent: { chainId: facts.id, url } } };
}

/** The parent as the light client has checked it. Once it was followed, its operator may be gone. */
async function findParent(
  wallet: Wallet,
  { parentUrl }: InsideFlags,
  kept: Kept | undefined,
): Promise<Verdict<TrackedChain>> {
  // The address may name the chain itself, so that it can be followed from whoever has its blocks.
  const { server } = readChainAddress(parentUrl);
  const find = () =>
    wallet.tracker
      .chains()
      .find(({ followed }) =>
        kept === undefined ? followed.url === server : equalBytes(followed.facts.id, kept.parentId),
      );
  const known = find();
  if (known !== undefined && known.followed.url === server) return accept(known);
  const followed = await wallet.follow(parentUrl);
  if (followed.ok) await wallet.sync();
  const now = find();
  if (now !== undefined) return accept(now);
  return followed.ok ? refuse("OTHER_CHAIN", "another chain is served at its address") : followed;
}

/** The contract, or what is waited for until this operator's key holds it. */
async function findContract(
  opening: NestedOpening,
  parent: TrackedChain,
  kept: Kept | undefined,
): Promise<Verdict<OwnLeaf>> {
  const { wallet, inside } = opening;
  const { book, followed } = parent;
  const choice: InsideFlags["choice"] =
    kept === undefined ? inside.choice : { kind: "held", id: kept.contractId };
  if (choice === undefined) {
    throw new Refusal(
      "FLAG_MISSING",
      "this data directory has no chain yet: start with --contract, --range or --buy",
    );
  }
  if (kept !== undefined && inside.choice?.kind === "held") {
    demand(
      equalBytes(inside.choice.id, kept.contractId),
      "OTHER_CHAIN",
      `this data directory belongs to the contract ${formatHex(kept.contractId)}`,
    );
  }
  const live = [...book.live.values()];
  const own = wallet.hands()?.signer.publicKey ?? new Uint8Array();
  const mine = [...book.own].flatMap(([id, each]) => (book.live.has(id) ? [each] : []));
  const found =
    choice.kind === "held"
      ? mine.find(({ leaf }) => equalBytes(leaf.id, choice.id))
      : choice.kind === "range"
        ? mine.find(({ leaf }) => leaf.lo === choice.lo && leaf.hi === choice.hi)
        : findBought(wallet, parent, choice.width);
  if (found !== undefined) {
    demand(
      isCash(found),
      "NOT_PLAIN",
      "the contract stands under a condition or a script of its own: redeem it first",
    );
    return accept(found);
  }
  const breach = book.breach;
  if (breach !== undefined) {
    const what = `the parent's operator broke the rule ${breach.rule} in block ${breach.blockHeight}`;
    throw new Refusal("PARENT_BROKEN", `${what}: nothing of it is worth sealing`);
  }
  const { height } = wallet.mainChain.tip().header;
  demand(height < followed.facts.expiry, "EXPIRED", "the parent has expired: it is too late");
  switch (choice.kind) {
    case "held": {
      const id = formatHex(choice.id);
      const others = live.some(({ leaf }) => equalBytes(leaf.id, choice.id));
      const whose = `this operator's key is ${formatHex(own)}`;
      demand(!others, "OTHER_OWNER", `the contract ${id} belongs to another key: ${whose}`);
      demand(book.own.get(id)?.closedIn === undefined, "CLOSED", `the contract ${id} was given up`);
      return refuse("NOT_HELD", `the contract ${id} to stand in the parent's blocks`);
    }
    case "range": {
      const range = `[${choice.lo}, ${choice.hi})`;
      return refuse(
        "NOT_HELD",
        `the contract on ${range} to be handed over. The code for it is ${writeHandOverCode(own)}`,
      );
    }
    case "bought":
      return refuse("BUYING", await buyContract(wallet, parent, choice.width, opening.faucet));
  }
}

/** Where the chain posts: for ever what its seal says, else what was asked for, else in its parent. */
function choosePlace(
  wallet: Wallet,
  parent: TrackedChain,
  { anchor }: InsideFlags,
  { leaf }: OwnLeaf,
): PostPlace {
  const parentPlace = { kind: "chain", id: parent.followed.facts.id } as const;
  const asked = anchor?.kind === "parent" ? parentPlace : anchor;
  if (leaf.anchor.kind !== "none") {
    const sealed = leaf.anchor;
    const isSame = asked === undefined || describe(asked) === describe(sealed);
    const what = `the contract is sealed for ever, and posts ${describe(sealed)}`;
    demand(isSame, "OTHER_ANCHOR", `${what}: start with that --anchor`);
    return sealed;
  }
  if (asked?.kind === "chain") {
    const above = [parent, ...wallet.tracker.ancestors(parent)].map(({ followed }) => followed);
    demand(
      above.some(({ facts }) => equalBytes(facts.id, asked.id)),
      "ANCHOR_NOT_ABOVE",
      `a chain posts in one that it is inside of: ${above.map(({ facts }) => formatHex(facts.id)).join(", ")}`,
    );
  }
  return asked ?? parentPlace;
}

function describe(place: PostPlace): string {
  return place.kind === "mainChain" ? "on the main chain" : `in ${formatHex(place.id)}`;
}

/** Posts on the main chain cost a fee each: what is waited for until some can be paid. */
async function findUnpaid({ wallet, faucet }: NestedOpening): Promise<string | undefined> {
  const hands = wallet.hands();
  if (hands === undefined || hands.outbox.account().balance >= FEES_KEPT) {
    return undefined;
  }
  if (faucet) await wallet.requestCoins();
  const key = formatHex(hands.signer.publicKey);
  return `coins for ${key}: each post on the main chain costs ${formatVeo(OPERATOR_FEE)}`;
}

async function readKept(store: RowStore): Promise<Kept | undefined> {
  const bytes = await store.get(rowKey.nested);
  if (bytes === undefined) return undefined;
  return insist(
    decode(bytes, (reader) => ({ parentId: reader.fixed(32), contractId: reader.fixed(32) })),
  );
}

/** Encode: parent's id 32, contract's id 32. */
async function keep(store: RowStore, { parentId, contractId }: Kept): Promise<void> {
  const value = encode((writer) => writer.fixed(parentId, 32).fixed(contractId, 32));
  await store.commit([{ kind: "put", key: rowKey.nested, value }]);
}
