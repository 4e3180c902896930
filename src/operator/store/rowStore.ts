import type { RowOperation } from "../engine/engineEvent.ts";
import type { Row } from "../engine/replay.ts";

/**
 * A durable table of rows in key order. `commit` is atomic and resolves only when the rows are on
 * disk; commits take effect in the order of their calls. A rejection is fatal for its user: what is
 * on disk is then unknown until it is read again.
 */
export type RowStore = {
  rows(): Promise<readonly Row[]>;
  get(key: string): Promise<Uint8Array | undefined>;
  commit(operations: readonly RowOperation[]): Promise<void>;
  close(): Promise<void>;
};
