/**
 * Why an order of a batch is not filled whole. Lots of `wanted` and `given` are the order's own.
 *
 * - `noTrade`: nobody's limit met anybody's. - `outside`: its limit is not inside the price.
 * - `margin`: it is at the last limit that is served, and gets its share. - `noBuyer`: a position that no single buyer
 *   had room for, or that gave back too little. - `noRoom`: what the price gave it found no room in a match.
 */
export type Shortfall =
  | { readonly kind: "noTrade" }
  | { readonly kind: "outside"; readonly price: number }
  | {
      readonly kind: "margin";
      readonly price: number;
      readonly given: bigint;
      readonly wanted: bigint;
    }
  | { readonly kind: "noBuyer"; readonly price: number }
  | {
      readonly kind: "noRoom";
      readonly price: number;
      readonly given: bigint;
      readonly wanted: bigint;
    };
