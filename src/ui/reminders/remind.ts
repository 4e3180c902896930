import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { listDeadlines } from "../figures/deadlines.ts";
import { groupThousands } from "../words/amount.ts";
import { describeDeadline } from "../words/deadline.ts";
import { estimateMs, formatDuration } from "../words/time.ts";
import { findDueReminders } from "./dueReminders.ts";
import { notify } from "./notifier.ts";
import { keepTold, readTold } from "./toldStore.ts";

/** Tell of every deadline that has come near since the last time. */
export async function remind(wallet: WalletSnapshot, nowMs: number): Promise<void> {
  const { network } = wallet;
  const { due, told } = findDueReminders(listDeadlines(wallet), readTold(), network, nowMs);
  keepTold(told);
  for (const deadline of due) {
    const { title } = describeDeadline(deadline);
    const left = estimateMs(deadline.until, network) - nowMs;
    const time = left > 0 ? `about ${formatDuration(left)} left` : "its time may be over";
    const body = `Block ${groupThousands(deadline.until)} is the last that counts: ${time}.`;
    await notify(title, body, deadline.id);
  }
}
