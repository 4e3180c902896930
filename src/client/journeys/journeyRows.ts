import type { WalletStore } from "../ports.ts";
import { decodeJourney, encodeJourney, type Journey } from "../rows.ts";

/** The journeys of a wallet, on disk before anything is done about them. */
export type JourneyRows = {
  entries(): readonly (readonly [id: string, journey: Journey])[];
  keep(id: string, journey: Journey): Promise<void>;
  /** End a journey, and tell the holder how. */
  finish(id: string, journey: Journey, kind: "done" | "failed", words: string): Promise<void>;
};

export async function openJourneyRows(
  store: WalletStore,
  note: (words: string) => Promise<void>,
): Promise<JourneyRows> {
  const journeys = new Map<string, Journey>();
  for (const [id, bytes] of await store.rows("journeys")) {
    const journey = decodeJourney(bytes);
    if (journey.ok) journeys.set(id, journey.value);
  }

  async function keep(id: string, journey: Journey): Promise<void> {
    await store.commit([
      { kind: "put", table: "journeys", key: id, value: encodeJourney(journey) },
    ]);
    journeys.set(id, journey);
  }

  return {
    entries: () => [...journeys.entries()],
    keep,

    async finish(id, journey, kind, words) {
      await keep(id, { ...journey, state: { kind, note: words } });
      await note(words);
    },
  };
}
