import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { computeResultKey } from "../../../src/chain/settlement/line.ts";
import type { OwnLeaf } from "../../../src/client/ownLeaves.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { type Bet, createBet } from "../../../src/market/bet.ts";
import { createHandOver } from "../../../src/market/handOver.ts";
import { encodeExactClose } from "../../../src/protocol/contractClose.ts";
import type { ContractNew } from "../../../src/protocol/contractNew.ts";
import { slashAnyway } from "./cheat.ts";
import { showClose } from "./closeShown.ts";
import { type ForgedBlock, plainContract } from "./forger.ts";
import { buy, handsOf } from "./people.ts";
import { settle } from "./settle.ts";
import type { Attack, DisputeStage, Liar, Person } from "./stage.ts";

const VEO = 100_000_000n;
/** What Mallory brings: so little that the point falls on the user's part. */
const AGAINST = VEO / 10n;
/** Main-chain blocks to which the closes are good. */
const GOOD_FOR = 20;

/** Both sides of a bet, with the closes that they have signed for it. */
type SignedBet = {
  readonly bet: Bet;
  readonly user: OwnLeaf;
  readonly mallory: OwnLeaf;
  /** Closes of the user's and Mallory's, in this order, and what they make. */
  readonly transactions: readonly BlockTransaction[];
};

/** What the liar does with a close that the user has signed for a bet. */
type Theft = (
  stage: DisputeStage,
  liar: Liar,
  signed: SignedBet,
  mallory: Person,
) => Promise<{ readonly forged: ForgedBlock; readonly stateAfter?: ForgedBlock["after"] }>;

function stealClose(terms: Pick<Attack, "name" | "title" | "idea">, steal: Theft): Attack {
  return {
    ...terms,
    isCostly: false,
    yesBps: 9_990,
    async play(stage, tell) {
      const { exchange, market } = stage;
      if (market?.ask.kind !== "binary") throw new Error("nothing is asked");
      const user = await stage.open("the user", true);
      const mallory = await stage.open("Mallory", false);
      const brought = [
        await buy(stage, user, 100n * VEO - AGAINST),
        await buy(stage, mallory, AGAINST),
      ] as const;
      const liar = await stage.corrupt(user);
      const signed = await signBet(stage, liar, market.ask.oracle, [user, mallory], brought);
      const postedBefore = liar.forger.blocks.at(-1);
      if (postedBefore === undefined) throw new Error("the chain has no block");
      const { forged, stateAfter } = await steal(stage, liar, signed, mallory);
      const sequence = await liar.post();
      await stage.mine(2);
      await stage.answer("false");
      tell("the user signed his close for a bet; it is in a recorded block, and the answer is no");
      return settle(stage, {
        user,
        cheats: [],
        tell,
        async strike(own) {
          const close = showClose(liar.forger, forged, {
            close: 0,
            sequence,
            postedBefore,
            conditions: signed.bet.conditions,
            ...(stateAfter === undefined ? {} : { stateAfter }),
          });
          const resultKey = computeResultKey(exchange.chainId, [own.leaf]);
          const slash = { kind: "close", chainId: exchange.chainId, resultKey, level: 0 } as const;
          const struck = await stage.act(slashAnyway(mallory, { ...slash, closes: [close] }));
          tell(
            `Mallory shows the close against the user's claim: ${struck.ok ? "taken" : `refused (${struck.code})`}`,
          );
          return undefined;
        },
      });
    },
  };
}

/** Lay the bet out on the last block, and have both sign it. */
async function signBet(
  stage: DisputeStage,
  { forger }: Liar,
  oracleId: Uint8Array,
  [user, mallory]: readonly [Person, Person],
  [cash, against]: readonly [OwnLeaf, OwnLeaf],
): Promise<SignedBet> {
  const side = ({ leaf }: OwnLeaf) => ({ cash: leaf, stake: leaf.hi - leaf.lo });
  const bet = insist(createBet(oracleId, side(cash), side(against), 0));
  const sign = async (person: Person, own: OwnLeaf, successors: readonly ContractNew[]) => {
    const { leaf, place } = own;
    const heightMax = stage.height() + GOOD_FOR;
    const close = { contractId: leaf.id, seenBlock: forger.tip.hash, heightMax, successors };
    const signature = insist(await handsOf(person).guard.signClose(close));
    const authorisation = { kind: "exact", close, signature } as const;
    return {
      kind: "contract-close",
      close: { contractId: leaf.id, place, authorisation },
    } as const;
  };
  const made = bet.contracts.map((contract) => ({ kind: "contract-new", contract }) as const);
  const transactions = [
    await sign(user, cash, bet.yesSuccessors),
    await sign(mallory, against, bet.noSuccessors),
    ...made,
  ];
  return { bet, user: cash, mallory: against, transactions };
}

export const slippedBlock = stealClose(
  {
    name: "slipped-block",
    title: "A withheld block slipped in before a victim's close",
    idea:
      "The user bets 99.9 VEO against 0.1 of Mallory's. Before the block of the bet the operator slips in another one, which he shows nobody: in it " +
      "Mallory gives her 0.1 VEO to her second key. The user's close would be for nothing.",
  },
  async (stage, liar, { transactions, bet, mallory: own }, mallory) => {
    const seen = liar.forger.tip;
    const from = liar.forger.content;
    const successor = createHandOver(own.leaf, own.place, stage.exchange.operator);
    const close = {
      contractId: own.leaf.id,
      seenBlock: seen.hash,
      heightMax: stage.height() + GOOD_FOR,
      successors: [successor],
    };
    // Her own wallet would not sign twice for one block; she signs with the bare key.
    const signature = await handsOf(mallory).signer.sign("signClose", encodeExactClose(close));
    const authorisation = { kind: "exact", close, signature } as const;
    liar.forge(
      [
        {
          kind: "contract-close",
          close: { contractId: own.leaf.id, place: own.place, authorisation },
        },
        { kind: "contract-new", contract: successor },
      ],
      { isHidden: true },
    );
    const { conditions } = bet;
    return { forged: liar.forge(transactions, { from, seen, conditions, isHidden: true }) };
  },
);

export const missingSuccessors = stealClose(
  {
    name: "missing-successors",
    title: "A close whose successors are not in the state",
    idea:
      "The user bets 99.9 VEO against 0.1 of Mallory's. The operator puts the bet's closes into a block, but in the state that it ends in all is " +
      "Mallory's, and nothing the user's.",
  },
  async (_, { forger, forge }, { transactions, bet, mallory: own }) => {
    const { conditions } = bet;
    const contract = plainContract(forger.chain, own.leaf.owner);
    const after = forger.stateAfter([{ kind: "contract-new", contract }], { from: forger.emptied });
    // Shown is the state that an honest block would have ended in: the one that this block names does not hold the successors.
    const stateAfter = forger.stateAfter(transactions, { conditions });
    return { forged: forge(transactions, { conditions, after }), stateAfter };
  },
);
