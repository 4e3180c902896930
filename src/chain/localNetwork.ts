import { sha256 } from "../lib/hash.ts";
import { encodeUtf8 } from "../lib/utf8.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { computePublicKey } from "../protocol/signature.ts";
import { createGenesis, type Genesis } from "./genesis.ts";
import { computeHeaderTime } from "./header/headerTime.ts";

/**
 * The key that holds the coins of every local network at its beginning. It is public on purpose: the
 * coins are worth nothing, and every local network's faucet gives them away.
 */
export const LOCAL_FAUCET_PRIVATE_KEY: Uint8Array = sha256(
  encodeUtf8("sortition local network: faucet"),
);

/** What the faucet holds at the beginning, in satoshi. */
const FAUCET_AMOUNT = 1_000_000n * 100_000_000n;

/** 2026-01-01 00:00 UTC. */
const GENESIS_UNIX_MS = 1_767_225_600_000;

/** The rules and beginning of the local network, the same for every node and wallet of it. */
export function createLocalGenesis(rules = createRules(LOCAL_NETWORK)): Genesis {
  const owner = computePublicKey(LOCAL_FAUCET_PRIVATE_KEY);
  return createGenesis(
    rules,
    [{ owner, amount: FAUCET_AMOUNT }],
    computeHeaderTime(GENESIS_UNIX_MS),
  );
}
