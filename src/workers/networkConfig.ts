/** Where this wallet's network is reached: served beside the page, so that it needs no build of its own. */
export type NetworkConfig = {
  readonly nodes: readonly string[];
  /**
   * Operators whose chains are followed from the first start on; with `/chains/ID` after it an address names the chain, which
   * a mirror can stand in for.
   */
  readonly operators: readonly string[];
  /** Servers that may have the blocks of any chain, where its operator does not serve them. */
  readonly mirrors: readonly string[];
  /** Watchtowers that evidence is handed to until the holder says otherwise. */
  readonly towers: readonly string[];
};

const ADDRESSES_MAX = 16;

/** Read the configuration; undefined for anything that is none. */
export function readNetworkConfig(json: unknown): NetworkConfig | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const nodes = "nodes" in json ? readAddresses(json.nodes) : undefined;
  const operators = "operators" in json ? readAddresses(json.operators) : undefined;
  const mirrors = "mirrors" in json ? readAddresses(json.mirrors) : [];
  const towers = "towers" in json ? readAddresses(json.towers) : [];
  if (nodes === undefined || operators === undefined) return undefined;
  if (mirrors === undefined || towers === undefined) return undefined;
  return nodes.length === 0 ? undefined : { nodes, operators, mirrors, towers };
}

/** A server's address without a slash at its end; undefined unless it is HTTP. */
export function readAddress(text: unknown): string | undefined {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined;
  const { protocol } = new URL(text);
  return protocol === "http:" || protocol === "https:" ? text.replace(/\/+$/, "") : undefined;
}

function readAddresses(json: unknown): string[] | undefined {
  if (!Array.isArray(json) || json.length > ADDRESSES_MAX) return undefined;
  const addresses = json.map(readAddress);
  return addresses.every((each) => each !== undefined) ? addresses : undefined;
}
