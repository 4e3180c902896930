/** What the court is given: all that was ever said, in plain words, and what was done about it. */

/** A contract's terms: what they say, given the evidence. */
export type CourtScript = "true" | "false" | "asEvidenceSays" | "broken";
export type Evidence = { readonly nonce: number; readonly result: boolean } | undefined;

/** Decided by an oracle (true for the results listed) or by a payment in time. */
export type CourtCondition =
  | { readonly kind: "oracle"; readonly oracle: string; readonly trueFor: readonly string[] }
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
export type CourtTerms = CourtPlace & { readonly owner: string; readonly script: CourtScript };
export type CourtLeaf = CourtTerms & { readonly id: string };
export type CourtClose = {
  readonly contractId: string;
  readonly place: CourtPlace;
  readonly signer: string;
  readonly seenBlock: string;
  readonly heightMax: number;
  readonly successors: readonly CourtTerms[];
};
/** A sortition-block as its operator published it, true or not: all leaves after it, and its closes. */
export type CourtBlock = {
  readonly parent: string;
  readonly leaves: readonly CourtLeaf[];
  readonly closes: readonly CourtClose[];
};
export type CourtState = {
  readonly contractId: string;
  readonly nonce: number;
  readonly script: CourtScript;
  readonly signers: readonly string[];
};
export type ShownClose = {
  readonly sequence: number;
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
  readonly conditions: ReadonlyMap<string, CourtCondition>;
  readonly oracles: ReadonlyMap<string, { readonly result: string; readonly height: number }>;
  readonly payments: ReadonlyMap<string, { readonly amount: bigint; readonly height: number }>;
};

export type CourtAction = { readonly height: number; readonly carrier: string } & (
  | {
      readonly kind: "claim";
      readonly signer: string;
      readonly sequence: number;
      readonly block: string;
      readonly leaf: CourtLeaf;
      readonly state: CourtState | undefined;
      readonly evidence: Evidence;
      /** Shown only for its place: no terms, no evidence. */
      readonly improves: boolean;
    }
  | {
      readonly kind: "move";
      readonly against: CourtLeaf;
      readonly side: "owner" | "operator";
      readonly signer: string;
      readonly state: CourtState | undefined;
      /** The script shown, where no state is. */
      readonly script: CourtScript;
      readonly evidence: Evidence;
    }
  | { readonly kind: "close"; readonly against: CourtLeaf; readonly closes: readonly ShownClose[] }
  | { readonly kind: "timeout" }
);
