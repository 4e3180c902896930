/**
 * Domain tags of the merkle map's nodes. `src/protocol/tags.ts` keeps these numbers free.
 *
 * @see docs/PROTOCOL.md section 2
 */
export const MAP_TAGS = { leaf: 0x02, branch: 0x03, empty: 0x04 } as const;
