import type { FastifyInstance } from "fastify";
import type { JsonForm } from "../../api/jsonForm.ts";
import { MARKET_PATHS } from "../../api/marketApi.ts";
import {
  cancelAnswerForm,
  cancelRequestForm,
  orderReceiptForm,
  signedOrderForm,
} from "../../api/marketApiJson.ts";
import { OPERATOR_PATHS, type OperatorFacts } from "../../api/operatorApi.ts";
import { decodeHoldingQuestion } from "../../api/operatorApiHoldings.ts";
import {
  betOfferForm,
  betRequestForm,
  closesAnswerForm,
  closesRequestForm,
  postForm,
  purchaseOfferForm,
  purchaseRequestForm,
  saleOfferForm,
  saleRequestForm,
  sealRequestForm,
  signedStateForm,
  stateRequestForm,
} from "../../api/operatorApiJson.ts";
import { factsForm } from "../../api/operatorFactsJson.ts";
import { encodeHolding } from "../../blocks/holding.ts";
import { addBlockRoutes } from "../../http/blockRoutes.ts";
import { createBlockStreams, readStreamStart } from "../../http/blockStream.ts";
import { addChainRoutes, createChainStreams, type ServedChains } from "../../http/chainRoutes.ts";
import { createApp, parseNumber, sendRefusal } from "../../http/createApp.ts";
import { serveStreams } from "../../http/serveStreams.ts";
import { formatHex, parseHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import type { Answer } from "../engine/engineEvent.ts";
import type { Operator } from "../operator.ts";
import { createFeedSockets } from "./feedSockets.ts";
import { SERVER_LIMITS } from "./serverLimits.ts";
import { createTradeSockets } from "./tradeSockets.ts";

/** Refusals that say "later", not "no". */
const TRY_AGAIN = new Set(["BUSY", "NOT_READY", "BEHIND", "STOPPED", "NO_EVIDENCE", "TIMED_OUT"]);

/** What the server needs beside the operator. */
export type ServerOptions = {
  readonly now: () => number;
  /** The time that rates are limited by, where `now` is moved by hand and may stand still. */
  readonly wallNow?: () => number;
  /** The chain that this one is inside of, and where it is served. */
  readonly parent?: OperatorFacts["parent"];
  /** What the chain is called; empty unless given. */
  readonly label?: string;
  /** The chains above, as far as their blocks are kept here. */
  readonly above?: ServedChains | undefined;
};

/**
 * The operator's public interface over HTTP and WebSocket. It is open to every origin: nothing here
 * goes by cookies or by where a page came from, and a trader's word is his signature.
 */
export function createServer(operator: Operator, options: ServerOptions): FastifyInstance {
  const { now, wallNow = now } = options;
  const app = createApp(SERVER_LIMITS, wallNow);

  const facts = (): OperatorFacts => ({
    ...describeChain(operator),
    parent: options.parent,
    label: options.label ?? "",
  });
  const ownId = formatHex(operator.state.chain.id);
  const chains: ServedChains = {
    facts: (id) => (id === ownId ? facts() : options.above?.facts(id)),
    blocks: (id) => (id === ownId ? operator : options.above?.blocks(id)),
  };

  app.get(OPERATOR_PATHS.chain, async () => factsForm.write(facts()));

  addBlockRoutes(app, "", () => operator);
  addChainRoutes(app, chains);

  app.get<{ Querystring: { sequence?: string; question?: string } }>(
    OPERATOR_PATHS.holdings,
    async (request, reply) => {
      const sequence = parseNumber(request.query.sequence ?? "");
      const hex = request.query.question ?? "";
      const isHex = /^([0-9a-f]{2})*$/.test(hex);
      const question = isHex ? decodeHoldingQuestion(parseHex(hex)) : undefined;
      if (sequence === undefined || !question?.ok) {
        const what = "expected sequence, a number, and question in hex";
        return sendRefusal(reply, 400, refuse("NOT_A_QUESTION", what));
      }
      const holding = await operator.holding(sequence, question.value);
      if (!holding.ok) return sendRefusal(reply, 404, holding);
      return reply.type("application/octet-stream").send(Buffer.from(encodeHolding(holding.value)));
    },
  );

  post(app, OPERATOR_PATHS.purchases, purchaseRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "purchase", ...request });
    return toJson(answer, "purchase", ({ offer }) => purchaseOfferForm.write(offer));
  });
  post(app, OPERATOR_PATHS.bets, betRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "bet", ...request });
    return toJson(answer, "bet", ({ offer }) => betOfferForm.write(offer));
  });
  post(app, OPERATOR_PATHS.sales, saleRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "sale", ...request });
    return toJson(answer, "sale", ({ offer }) => saleOfferForm.write(offer));
  });
  post(app, OPERATOR_PATHS.closes, closesRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "closes", ...request });
    return toJson(answer, "closes", closesAnswerForm.write);
  });
  post(app, OPERATOR_PATHS.seals, sealRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "seal", ...request });
    return toJson(answer, "closes", closesAnswerForm.write);
  });
  post(app, OPERATOR_PATHS.posts, postForm, async (signed) => {
    const answer = await operator.ask({ kind: "post", signed });
    return toJson(answer, "closes", closesAnswerForm.write);
  });
  post(app, OPERATOR_PATHS.states, stateRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "state", ...request });
    return toJson(answer, "state", ({ signed }) => signedStateForm.write(signed));
  });

  post(app, MARKET_PATHS.orders, signedOrderForm, async (signed) => {
    const answer = await operator.ask({ kind: "order", signed });
    return toJson(answer, "order", ({ receipt }) => orderReceiptForm.write(receipt));
  });
  post(app, MARKET_PATHS.cancel, cancelRequestForm, async (request) => {
    const answer = await operator.ask({ kind: "cancel", ...request });
    return toJson(answer, "cancel", cancelAnswerForm.write);
  });
  app.get<{ Params: { height: string } }>(
    `${MARKET_PATHS.batches}/:height`,
    async (request, reply) => {
      const height = parseNumber(request.params.height);
      if (height === undefined) {
        return sendRefusal(reply, 400, refuse("NOT_A_NUMBER", "expected the height of a block"));
      }
      const bytes = await operator.batch(height);
      if (bytes === undefined) {
        const what = `block ${height} was made without orders, too long ago to be shown, or not yet`;
        return sendRefusal(reply, 404, refuse("NO_SUCH_BATCH", what));
      }
      return reply.type("application/octet-stream").send(Buffer.from(bytes));
    },
  );

  serveSockets(app, operator, chains, now, wallNow);
  return app;
}

/** What the operator says of his chain now. */
function describeChain({
  state,
  publishedHeight,
}: Operator): Omit<OperatorFacts, "parent" | "label"> {
  const { chain, rules, policy, markets, tip, main } = state;
  return {
    chainId: chain.id,
    operator: chain.operator,
    networkId: rules.networkId,
    lo: chain.lo,
    hi: chain.hi,
    expiry: chain.expiry,
    feeBps: policy.feeBps,
    widthMin: policy.widthMin,
    markets,
    height: publishedHeight(),
    tip: tip.hash,
    mainHeight: main?.height ?? 0,
  };
}

function post<Request>(
  app: FastifyInstance,
  path: string,
  form: JsonForm<Request>,
  answer: (request: Request) => Promise<Verdict<unknown>>,
): void {
  app.post(path, async (request, reply) => {
    const read = form.read(request.body);
    if (!read.ok) return sendRefusal(reply, 400, read);
    const verdict = await answer(read.value);
    if (verdict.ok) return verdict.value;
    return sendRefusal(reply, TRY_AGAIN.has(verdict.code) ? 503 : 409, verdict);
  });
}

function toJson<Kind extends Answer["kind"]>(
  answer: Verdict<Answer>,
  kind: Kind,
  write: (value: Answer & { kind: Kind }) => unknown,
): Verdict<unknown> {
  if (!answer.ok) return answer;
  const { value } = answer;
  const isOfKind = (each: Answer): each is Answer & { kind: Kind } => each.kind === kind;
  if (!isOfKind(value)) return refuse("FAILED", "the operator failed to answer");
  return { ok: true, value: write(value) };
}

function serveSockets(
  app: FastifyInstance,
  operator: Operator,
  chains: ServedChains,
  now: () => number,
  wallNow: () => number,
): void {
  const stream = createBlockStreams(operator);
  const chainStreams = createChainStreams(chains);
  const trade = createTradeSockets(operator, wallNow);
  const feed = createFeedSockets(operator, now, wallNow);
  serveStreams(app, SERVER_LIMITS, (url) => {
    if (url.pathname === OPERATOR_PATHS.stream) return readStreamStart(stream, url);
    if (url.pathname === OPERATOR_PATHS.trade) return trade;
    if (url.pathname === MARKET_PATHS.feed) return feed;
    return chainStreams(url);
  });
}
