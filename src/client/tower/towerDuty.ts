import { triggerOfContract, triggerOfTerms } from "../../api/towerEvidence.ts";
import { resultKeyOf } from "../../chain/settlement/resultRecord.ts";
import { leavesOf } from "../../chain/settlement/shownLine.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import type { Dispute, DisputeProgress } from "../disputes/dispute.ts";
import { findOwnLine } from "../disputes/ownLines.ts";
import type { MainChain } from "../mainChain.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import type { Signer, WalletStore } from "../ports.ts";
import type { States } from "../states.ts";
import type { DefendedContract, ProvedClose } from "./closeRows.ts";
import { openTermsMemory, type PastTerms } from "./pastTerms.ts";
import type { TowerTools } from "./towerSource.ts";
import { createTowers, type OpenCheat, type Towers } from "./towers.ts";
import { type DefendedTerms, wantCloses, wantMoves } from "./wantedEvidence.ts";

/** What is found against own contracts, and kept to answer it. */
export type Defence = {
  closesOf(chainId: Uint8Array, contractId: Uint8Array): readonly ProvedClose[];
  disputes(): readonly (Dispute & DisputeProgress)[];
};

/** What a wallet has its towers do. */
export type TowerDuty = Pick<Towers, "list" | "add" | "remove" | "isAtRest"> & {
  /** Have the towers keep what the wallet keeps by now; it does not wait for them. */
  advance(): Promise<void>;
};

/** Disputes in a row for which evidence is kept beyond the claims of a chain. */
const DISPUTES_IN_A_ROW = 4;

export async function createTowerDuty(options: {
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  readonly defence: () => Defence | undefined;
  readonly tools: TowerTools;
  readonly urls: readonly string[];
  readonly signer: () => Signer | undefined;
  readonly note: (words: string) => Promise<void>;
  readonly onChange: () => void;
}): Promise<TowerDuty> {
  const { rules, mainChain, tracker, states, defence } = options;
  const memory = await openTermsMemory(options.store);
  const towers = await createTowers(options);
  /** Leaves of the lines down to own contracts, as they would be claimed: by contract and on-chain chain. */
  const lines = new Map<string, readonly Leaf[]>();

  /** The last main-chain height at which something may be held against a claim in a chain. */
  function neededTo({ followed: { facts, claimDelay, disputeDelay } }: TrackedChain): number {
    const drawn = facts.expiry + rules.parameters.drawBlocks;
    const from = Math.max(drawn, mainChain.tip().header.height);
    return from + claimDelay + DISPUTES_IN_A_ROW * disputeDelay;
  }

  function listLive(): { readonly chain: TrackedChain; readonly own: OwnLeaf }[] {
    return tracker
      .chains()
      .filter(({ settlement }) => settlement?.settled === undefined)
      .flatMap((chain) =>
        [...chain.book.own.values(), ...chain.book.inside.values()]
          .filter(({ closedIn }) => closedIn === undefined)
          .map((own) => ({ chain, own })),
      );
  }

  function findLine(chain: TrackedChain, own: OwnLeaf) {
    const [first] = tracker.withAncestors(chain);
    const { chainId, depth } = chain.settlement ?? {
      chainId: first?.followed.facts.id ?? chain.followed.facts.id,
      depth: 0,
    };
    const name = `${formatHex(own.leaf.id)}:${formatHex(chainId)}`;
    const known = lines.get(name);
    if (known !== undefined) return { chainId, leaves: known };
    const line = findOwnLine(chain, own, { chainId, depth }, tracker, rules);
    if (!line.ok) return undefined;
    const leaves = leavesOf(line.value.shown);
    lines.set(name, leaves);
    return { chainId, leaves };
  }

  /** Terms of a contract that newer ones have replaced, its own script first. */
  function pastOf({ id, scriptHash }: Leaf): readonly PastTerms[] {
    return [{ stateNonce: 0, scriptHash, ownerSignature: undefined }, ...memory.of(id)];
  }

  async function listTerms(): Promise<DefendedTerms[]> {
    const found: DefendedTerms[] = [];
    for (const { chain, own } of listLive()) {
      const newest = states.termsOf(own.leaf.id).signed;
      if (newest === undefined || own.leaf.sealed) continue;
      await memory.remember(own.leaf.id, newest);
      const line = findLine(chain, own);
      if (line === undefined) continue;
      found.push({ ...line, newest, past: pastOf(own.leaf), neededTo: neededTo(chain) });
    }
    return found;
  }

  function listContracts(
    kept: Defence | undefined,
  ): (DefendedContract & { readonly neededTo: number })[] {
    if (kept === undefined) return [];
    return listLive().map(({ chain, own: { leaf, place } }) => ({
      leaf,
      place,
      closes: kept.closesOf(chain.followed.facts.id, leaf.id),
      neededTo: neededTo(chain),
    }));
  }

  /** Results that the wallet itself could answer now: a tower that has evidence against one can, too. */
  function listCheats(kept: Defence | undefined): OpenCheat[] {
    return (kept?.disputes() ?? []).flatMap(
      ({ chainId, contractId, resultKey, ...about }): OpenCheat[] => {
        // Also while the wallet's own answer is on its way: the tower should have been before it.
        if (about.rehearsal.kind !== "succeeds") return [];
        const chain = tracker.find(chainId);
        const result = chain?.settlement?.results.find((each) =>
          equalBytes(resultKeyOf(each), resultKey),
        );
        if (result === undefined) return [];
        const own = contractId && chain?.book.own.get(formatHex(contractId));
        const shown = own === undefined ? [] : pastOf(own.leaf);
        const triggers = [
          ...leavesOf(result.line).map(triggerOfContract),
          ...shown
            .filter(({ stateNonce }) => stateNonce === result.run.stateNonce)
            .map((terms) => triggerOfTerms(resultKey, terms, terms.ownerSignature)),
        ];
        return [{ resultKey, triggers, since: result.changedAt }];
      },
    );
  }

  return {
    list: towers.list,
    add: towers.add,
    remove: towers.remove,
    isAtRest: towers.isAtRest,

    async advance() {
      if (towers.list().length === 0) return;
      const kept = defence();
      const wanted = [...wantCloses(listContracts(kept)), ...wantMoves(await listTerms())];
      towers.advance(wanted, listCheats(kept));
    },
  };
}
