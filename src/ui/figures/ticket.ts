const WHOLE_PERCENT = 100n;
const WHOLE_BPS = 10_000n;

/**
 * What a bet would come to, as an estimate from the offered price; the signed terms decide.
 * All amounts in satoshi.
 */
export type Ticket = {
  readonly pays: bigint;
  /** Width of the space held if the bet comes out, from both sides' stakes. */
  readonly holdsIfRight: bigint;
  /** The prize less the operator's share. */
  readonly canWin: bigint;
  readonly operatorShare: bigint;
  /** At the offered price, after the operator's share. */
  readonly expected: bigint;
};

export type TicketTerms = {
  readonly stake: bigint;
  readonly side: "yes" | "no";
  readonly yesPercent: number;
  readonly prize: bigint;
  readonly depositBps: number;
};

/** Compute the ticket of a bet; every division rounds against the buyer. */
export function computeTicket(terms: TicketTerms): Ticket {
  const yesPercent = BigInt(Math.round(terms.yesPercent));
  const price = terms.side === "yes" ? yesPercent : WHOLE_PERCENT - yesPercent;
  const holdsIfRight = price === 0n ? 0n : (terms.stake * WHOLE_PERCENT) / price;
  const operatorShare = (terms.prize * BigInt(terms.depositBps)) / WHOLE_BPS;
  return {
    pays: terms.stake,
    holdsIfRight,
    canWin: terms.prize - operatorShare,
    operatorShare,
    expected: (terms.stake * (WHOLE_BPS - BigInt(terms.depositBps))) / WHOLE_BPS,
  };
}

/** What speaks against a stake, as one sentence, or undefined. */
export function findStakeProblem(
  ticket: Ticket,
  balance: bigint,
  prize: bigint,
): "over-balance" | "over-prize" | undefined {
  if (ticket.pays > balance) return "over-balance";
  return ticket.holdsIfRight > prize ? "over-prize" : undefined;
}
