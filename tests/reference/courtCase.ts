/** What the court is given: all that was ever said, in plain words, and what was done about it. */

/** A contract's terms: what they say, given the evidence. */
export type CourtScript = "true" | "false" | "asEvidenceSays" | "broken";
export type Evidence = { readonly nonce: number; readonly result: boolean } | undefined;

/**
 * Decided by an oracle (true for the results listed), by several that name one outcome of a question (`isOrBad`: true in the bad
 * case, too; else they are those up to the outcome's own), or by a payment in time.
 */
export type CourtCondition =
  | { readonly kind: "oracle"; readonly oracle: string; readonly trueFor: readonly string[] }
  | {
      readonly kind: "outcome";
      readonly oracles: readonly string[];
      readonly outcome: number;
      readonly isOrBad: boolean;
    }
  | {
      readonly kind: "payment";
      readonly payment: string;
      readonly amount: bigint;
      readonly below: number;
    };

export type CourtPlace = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly conditions: readonly { readonly name: string; readonly side: boolean }[];
};
export type CourtTerms = CourtPlace & {
  readonly owner: string;
  readonly script: CourtScript;
  /** Basis points that the owner leaves as operator of it; none where nothing is said. */
  readonly shareBps?: bigint;
};
/**
 * `anchor`: a sealed contract is the chain of its id, and posts there: "main", or a chain's id. `madeIn`: number of the block in its
 * chain that made it; 0 where nobody asks.
 */
export type CourtLeaf = CourtTerms & {
  readonly id: string;
  readonly anchor?: string;
  readonly madeIn?: number;
};
export type CourtClose = {
  readonly contractId: string;
  readonly place: CourtPlace;
  readonly signer: string;
  readonly seenBlock: string;
  readonly heightMax: number;
  readonly successors: readonly CourtTerms[];
};
/** A range as orders name it: without conditions, or on the order's side of the question, refunded by a bad one or not. */
export type CourtPiece = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly kind: "cash" | "refund" | "win";
};
/** An order, who signed it, and what a match makes of it. Prices are in thousandths. */
export type CourtFill = {
  readonly signer: string;
  readonly seenBlock: string;
  readonly heightMax: number;
  readonly side: "buyYes" | "buyNo" | "sellYes" | "sellNo";
  readonly limit: number;
  readonly quantity: bigint;
  readonly refundLeast: number;
  readonly contracts: readonly CourtPiece[];
  readonly filled: bigint;
  readonly pieces: readonly CourtPiece[];
};
/**
 * Orders that trade with one another. `refund`, `win`: names of the market's conditions. `price`: of `yes`. `recorded`: number of the
 * block up to which all who signed take the chain to be recorded.
 */
export type CourtMatch = {
  readonly refund: string;
  readonly win: string;
  readonly recorded: number;
  readonly price: number;
  readonly fills: readonly CourtFill[];
};
/** What a block's map says of a chain further down: the last block that its operator has posted, and who signed that. */
export type CourtPost = {
  readonly chain: string;
  readonly operator: string;
  readonly block: string;
  readonly signer: string;
};
/**
 * A sortition-block as its operator published it, true or not: all leaves after it, its closes, and its matches.
 *
 * - `parent`: the block before; for a chain's first block the chain's id, which stands for the beginning.
 * - `chain`: id of the chain; the one on the main chain where nothing is said.
 */
export type CourtBlock = {
  readonly chain?: string;
  readonly posts?: readonly CourtPost[];
  readonly parent: string;
  readonly leaves: readonly CourtLeaf[];
  readonly closes: readonly CourtClose[];
  readonly matches?: readonly CourtMatch[];
};
/** A word sent to the main chain: the chain goes over to it with post `sequence`, or this is its post there. */
export type CourtSent = {
  readonly kind: "switch" | "post";
  readonly height: number;
  readonly index: number;
  readonly chain: string;
  readonly operator: string;
  readonly signer: string;
  readonly sequence: number;
  /** Of a post. */
  readonly block: string;
};
export type CourtState = {
  readonly contractId: string;
  readonly nonce: number;
  readonly script: CourtScript;
  /** Who signed as the owner, and who as the operator, if anybody did. */
  readonly signers: readonly string[];
};
/**
 * Which post on the main chain: the number, in its chain's own count, and whose it is. Nothing said of that: of the
 * chain that anchors lead to; else of this one on the way there, which has switched.
 */
export type CourtPostOf = { readonly sequence: number; readonly top?: string };
/** `close`: its number among the block's closes, or, counted on from them, a match's. */
export type ShownClose = CourtPostOf & {
  readonly block: string;
  readonly close: number;
};

export type CourtCase = {
  readonly drawBlocks: number;
  readonly depositMin: bigint;
  readonly depositBps: bigint;
  readonly feeBase: bigint;
  readonly chain: {
    readonly origin: string;
    readonly operator: string;
    readonly amount: bigint;
    readonly shareBps: bigint;
    readonly expiry: number;
    readonly claimDelay: number;
    readonly disputeDelay: number;
  };
  readonly point: bigint;
  readonly blocks: ReadonlyMap<string, CourtBlock>;
  /** Posts of sequence 1, 2, …, as the main chain recorded them. */
  readonly records: readonly {
    readonly height: number;
    readonly index: number;
    readonly block: string;
  }[];
  /** The same of other chains that post on the main chain, by "operator/id". */
  readonly otherRecords?: ReadonlyMap<string, CourtCase["records"]>;
  /** Switches and the posts after them, in the order in which they came to the main chain, whether it takes them or not. */
  readonly sent?: readonly CourtSent[];
  readonly conditions: ReadonlyMap<string, CourtCondition>;
  readonly oracles: ReadonlyMap<string, { readonly result: string; readonly height: number }>;
  readonly payments: ReadonlyMap<string, { readonly amount: bigint; readonly height: number }>;
};

/** A leaf, the post on the main chain that it is shown under, and the block of its own chain that it is shown in. */
export type CourtShowing = CourtPostOf & {
  readonly block: string;
  readonly leaf: CourtLeaf;
};

/** What is done about the on-chain chain of the time: the first one, or what a timeout has made of it. */
export type CourtAction = { readonly height: number; readonly carrier: string } & (
  | {
      readonly kind: "claim";
      readonly signer: string;
      /** The levels above, top first. */
      readonly above?: readonly CourtShowing[];
      readonly sequence: number;
      readonly top?: string;
      readonly block: string;
      readonly leaf: CourtLeaf;
      readonly state: CourtState | undefined;
      readonly evidence: Evidence;
      /** Shown only for its place: no terms, no evidence. */
      readonly improves: boolean;
    }
  | {
      readonly kind: "move";
      readonly above?: readonly CourtLeaf[];
      readonly against: CourtLeaf;
      readonly side: "owner" | "operator";
      readonly signer: string;
      readonly state: CourtState | undefined;
      /** The script shown, where no state is. */
      readonly script: CourtScript;
      readonly evidence: Evidence;
    }
  | {
      readonly kind: "close";
      readonly above?: readonly CourtLeaf[];
      readonly against: CourtLeaf;
      /** Level of the line that was closed; its last where nothing is said. */
      readonly level?: number;
      readonly closes: readonly ShownClose[];
    }
  | { readonly kind: "timeout" }
);
