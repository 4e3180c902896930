import { formatHex, parseHex } from "../lib/hex.ts";
import { OPERATOR_PATHS } from "./operatorApi.ts";

/** Where a chain is served: at its operator's, or, by its id, at anybody's who has its blocks. */
export type ChainAddress = {
  /** Of the server, without a slash at its end. */
  readonly server: string;
  /** 32 bytes; undefined where the address names the server's own chain. */
  readonly chainId: Uint8Array | undefined;
};

const NAMED = new RegExp(`^(.+)${OPERATOR_PATHS.chains}/([0-9a-f]{64})$`);

/** `SERVER/chains/ID`: below it a server serves the paths that a reader of this chain needs. */
export function writeChainAddress(server: string, chainId: Uint8Array): string {
  return `${server}${OPERATOR_PATHS.chains}/${formatHex(chainId)}`;
}

/** The server of an address, and the chain that it names there. */
export function readChainAddress(url: string): ChainAddress {
  const [, server, id] = NAMED.exec(url) ?? [];
  if (server === undefined || id === undefined) return { server: url, chainId: undefined };
  return { server, chainId: parseHex(id) };
}
