import { readFileSync, statSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { createLocalGenesis } from "../src/chain/localNetwork.ts";
import { createLocalSigner } from "../src/client/localSigner.ts";
import { SourceError, type WalletStore } from "../src/client/ports.ts";
import { createWallet } from "../src/client/wallet.ts";
import { createUpgradingVerify } from "../src/crypto/upgradingVerify.ts";
import { loadPrivateKey } from "../src/headless/loadPrivateKey.ts";
import { equalBytes } from "../src/lib/bytes.ts";
import { accept, refuse, type Verdict } from "../src/lib/verdict.ts";
import { createMainChainSource } from "../src/network/mainChainSource.ts";
import { createOperatorSource } from "../src/network/operatorSource.ts";
import { findKitActions, type KitAction } from "../src/proof/kitActions.ts";
import {
  decodeKitContents,
  decodeKitFile,
  encodeKitHead,
  type KitContents,
  type KitFile,
} from "../src/proof/kitFile.ts";
import { formatVeo } from "../src/protocol/amountWords.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";
import { computePublicKey } from "../src/protocol/signature.ts";
import { openBox } from "../src/workers/sealedBox.ts";
import { openVault } from "../src/workers/vault.ts";

const USAGE = `usage: npm run -s kit -- FILE --node URL [--key FILE] [--send]
  Says how the contracts of a claim kit stand, and what can be done for them; --send does it.
  The kit opens with its passphrase, which is asked for, or with the private key in a file.
`;
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Nothing of it is kept: the kit is. */
const NOTHING_KEPT: WalletStore = { rows: async () => [], commit: async () => undefined };

process.exitCode = await main();

/** The exit code: 0 if the kit was read, and all that was to be sent was taken; 1 if not, 2 if it was called wrongly. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      node: { type: "string" },
      key: { type: "string" },
      send: { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  if (file === undefined || values.node === undefined || positionals.length > 1) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (statSync(file).size > FILE_BYTES_MAX) return fail("the file is too long to be a kit");
  const rules = createRules(LOCAL_NETWORK, createUpgradingVerify());
  const kit = decodeKitFile(new Uint8Array(readFileSync(file)));
  if (!kit.ok) return fail(kit.message);
  if (!equalBytes(kit.value.networkId, rules.networkId)) return fail("it is of another network");
  const privateKey = await openKey(kit.value, values.key);
  if (!privateKey.ok) return fail(privateKey.message);
  const contents = await openContents(kit.value, privateKey.value);
  if (!contents.ok) return fail(contents.message);
  const wallet = await createWallet({
    rules,
    genesis: createLocalGenesis(rules).header,
    sources: [createMainChainSource(values.node.replace(/\/$/, ""))],
    operatorAt: createOperatorSource,
    store: NOTHING_KEPT,
    clock: Date.now,
  });
  const signer = createLocalSigner(privateKey.value, rules.networkId);
  await wallet.attachSigner(signer);
  await wallet.sync();
  const { mainChain } = wallet;
  if (mainChain.tip().header.height === 0)
    return fail(`no header of ${values.node} could be checked`);
  const outbox = wallet.hands()?.outbox;
  if (outbox === undefined) return fail("the key could not be used");
  process.stdout.write(
    `Kit of ${contents.value.contracts.length} contracts, made under main-chain block ${kit.value.height}; read under block ${mainChain.tip().header.height}\n`,
  );
  let isAllSent = true;
  try {
    for (const { title, standing, actions } of await findKitActions(contents.value, {
      rules,
      mainChain,
      signer,
    })) {
      process.stdout.write(`\n${title}\n  ${standing}\n`);
      for (const action of actions) {
        process.stdout.write(`  ${describe(action)}\n`);
        if (!values.send || !action.effect.ok) continue;
        const sent = await outbox.send(action.body);
        process.stdout.write(sent.ok ? "    sent\n" : `    not taken: ${sent.message}\n`);
        isAllSent &&= sent.ok;
      }
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return fail(error.message);
  }
  return isAllSent ? 0 : 1;
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

function describe({ words, effect }: KitAction): string {
  if (!effect.ok) return `${words}: would fail, ${effect.message}`;
  const { deposit, minerFee } = effect.value;
  return `${words}: would succeed; deposit ${formatVeo(deposit)}, fee ${formatVeo(minerFee)}`;
}

/** The key that the kit is of: from a file, or from the kit's own vault by the passphrase. */
async function openKey(kit: KitFile, keyFile: string | undefined): Promise<Verdict<Uint8Array>> {
  const opened =
    keyFile === undefined
      ? await openVault(kit.vault, await askPassphrase())
      : accept(await loadPrivateKey(keyFile));
  if (!opened.ok || equalBytes(computePublicKey(opened.value), kit.publicKey)) return opened;
  return refuse("OTHER_KEY", "the kit is another key's");
}

async function askPassphrase(): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question("Passphrase: ");
  } finally {
    lines.close();
  }
}

async function openContents(kit: KitFile, privateKey: Uint8Array): Promise<Verdict<KitContents>> {
  const opened = await openBox(privateKey, encodeKitHead(kit), kit.box);
  return opened.ok ? decodeKitContents(opened.value) : opened;
}
