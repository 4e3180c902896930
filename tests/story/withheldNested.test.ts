import { describe, expect, it } from "vitest";
import type { DataRequest } from "../../src/chain/requests/dataMessages.ts";
import { keyOf } from "../../src/client/descendantPosts.ts";
import { findObstacle } from "../../src/client/obstacle.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { Operator } from "../../src/operator/operator.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { describeWithheld } from "../../src/workers/snapshot/withheldView.ts";
import { challengeInVain } from "./challengeStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";
import { beginNested, buySpace, find, SPORTS, SYNDICATE } from "./nestedStory.ts";

/** Two requests run out before it. */
const EXPIRY = 110;
type Nested = Awaited<ReturnType<typeof beginNested>>;

const DELAY = LOCAL_NETWORK.dataResponseDelay;

/** The user holds space three levels down, and every level is checked and live. */
async function begin(
  syndicateAnchor: "exchange" | "sports",
): Promise<Nested & { readonly safe: Uint8Array }> {
  const widths = { sports: 200n * VEO, syndicate: 100n * VEO };
  const nested = await beginNested("withheld nested", widths, { syndicateAnchor, expiry: EXPIRY });
  const { story, syndicate } = nested;
  const { id } = await buySpace(story, story.user, syndicate.id, 10n * VEO);
  await story.world.mine(3);
  expect(standstill(nested, syndicate.id).kind).toBeUndefined();
  return { ...nested, safe: id };
}

/** This operator posts what nobody gets to see: somebody else's purchase. */
async function hideOne({ story }: Nested, url: string, operator: Operator): Promise<void> {
  const { world, reporter } = story;
  await world.rest();
  world.hidden.set(url, operator.publishedHeight() + 1);
  world.silent.add(url);
  const buyer = reporter.hands()?.signer.publicKey ?? new Uint8Array();
  const asked = operator.ask({ kind: "purchase", buyer, width: VEO });
  expect(await world.during(asked)).toMatchObject({ ok: true });
  await world.mine(4);
}

/** What keeps the user from acting in a chain, whose doing it is, and what the page offers about it. */
function standstill({ story: { user } }: Nested, chainId: Uint8Array) {
  const chain = find(user, chainId);
  const obstacle = findObstacle(chain, user.tracker, user.mainChain);
  const { parameters } = user.mainChain.book();
  const chains = [chain, ...user.tracker.anchors(chain)];
  const view = describeWithheld(chains, user.mainChain.tip().header.height, parameters);
  return {
    kind: obstacle?.kind,
    whose: obstacle?.chain.followed.url,
    since: obstacle?.chain.withheldSince,
    offer: view && { kind: view.kind, chainId: view.chainId, operatorUrl: view.operatorUrl },
  };
}

const stands = ({ story: { user }, syndicate, safe }: Awaited<ReturnType<typeof begin>>) =>
  find(user, syndicate.id).book.live.has(formatHex(safe));

describe("a chain inside chains that withholds a block", () => {
  it("stops nobody who does not post in it, answers for itself when asked, and is void once it is silent", async () => {
    const nested = await begin("exchange");
    const { story, exchange, sports, syndicate } = nested;
    const { world, user } = story;
    // The one in the middle, which takes no posts of the innermost.
    await hideOne(nested, SPORTS, sports.operator);
    expect(standstill(nested, sports.id)).toMatchObject({ kind: "withheld", whose: SPORTS });
    expect(standstill(nested, syndicate.id)).toMatchObject({ kind: undefined, offer: undefined });
    insist(await user.requestData(sports.id));
    await world.mine();
    world.silent.delete(SPORTS);
    await world.mine(4);
    expect(standstill(nested, sports.id).kind).toBeUndefined();

    // The innermost itself.
    await hideOne(nested, SYNDICATE, syndicate.operator);
    const { since, ...now } = standstill(nested, syndicate.id);
    const chainId = formatHex(syndicate.id);
    const by = { chainId, operatorUrl: SYNDICATE };
    expect(now).toEqual({ kind: "withheld", whose: SYNDICATE, offer: { kind: "withheld", ...by } });
    expect(since).toBe(find(user, syndicate.id).withheld?.record.height);
    expect(await user.punishWithholding(syndicate.id)).toMatchObject({ code: "TOO_EARLY" });
    insist(await user.requestData(syndicate.id));
    await world.mine();
    expect(standstill(nested, syndicate.id).offer?.kind).toBe("asked");
    await world.mine(DELAY + 1);
    expect(standstill(nested, syndicate.id)).toMatchObject({
      kind: "void",
      whose: SYNDICATE,
      offer: { kind: "void", ...by },
    });
    insist(await user.punishWithholding(syndicate.id));
    await world.mine(2);
    expect(find(user, syndicate.id).asked.record.open).toEqual([]);
    expect(stands(nested)).toBe(true);
    for (const above of [exchange, sports.id]) {
      expect(standstill(nested, above).kind).toBeUndefined();
    }
    const bought = await world.during(user.buySpace(syndicate.id, VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
  });
});

describe("an ancestor that takes the posts and withholds a block", () => {
  it("is named and asked, and what stood under its void post falls with it, however deep; what stood before stays", async () => {
    const nested = await begin("sports");
    const { story, exchange, sports, syndicate } = nested;
    const { world, user, reporter } = story;
    // What was bought on credit became plain space by the user's own close: two levels down that can be shown, too.
    const [bought] = [...find(user, syndicate.id).book.own.values()].filter(
      ({ closedIn }) => closedIn !== undefined,
    );
    await challengeInVain(world, user, syndicate.operator, bought?.leaf.id ?? new Uint8Array());
    await hideOne(nested, OPERATOR_URL, world.operator);
    expect(standstill(nested, syndicate.id)).toMatchObject({
      kind: "withheld",
      whose: OPERATOR_URL,
      offer: { kind: "withheld", chainId: formatHex(exchange), operatorUrl: OPERATOR_URL },
    });
    insist(await user.requestData(exchange));
    await world.mine();
    world.silent.delete(OPERATOR_URL);
    world.hidden.delete(OPERATOR_URL);
    await world.mine(4);
    expect(standstill(nested, syndicate.id).kind).toBeUndefined();

    // A stranger asks the sports market for what this wallet has been served.
    const { postCount, lastPost } = find(user, syndicate.id).book;
    const above = find(user, sports.id).book.postCount;
    const late = await buySpace(story, user, syndicate.id, 5n * VEO);
    await world.mine(3);
    const first = find(user, exchange).book.descendants.get(
      keyOf(find(user, sports.id).book.chain),
    );
    const entry = first?.entries[above - first.first];
    if (entry === undefined || lastPost === undefined) throw new Error("nothing is recorded");
    world.silent.add(SPORTS);
    const request: DataRequest = {
      topId: exchange,
      sequence: entry.top.sequence,
      path: [exchange, sports.id].map((id) => find(user, id).book.chain),
      isSwitched: false,
      hops: entry.hops,
      subject: { kind: "blocks", after: [], have: sports.id },
    };
    const sent = await reporter.hands()?.outbox.send({ kind: "data-request", request });
    expect(sent).toMatchObject({ ok: true });
    await world.mine(DELAY + 3);
    const { book } = find(user, syndicate.id);
    expect(find(user, sports.id).book.postCount).toBe(above);
    expect(book.postCount).toBe(postCount);
    expect(stands(nested)).toBe(true);
    expect(book.live.has(formatHex(late.id))).toBe(false);
    expect(standstill(nested, syndicate.id)).toMatchObject({ kind: "void", whose: SPORTS });
    expect(standstill(nested, exchange).kind).toBeUndefined();
  });
});
