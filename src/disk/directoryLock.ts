import { readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { DiskError, systemCode } from "./diskError.ts";

export type DirectoryLock = { release(): Promise<void> };

const LOCK_NAME = /^lock\.(\d+)$/;
const RELEASED = "released";

/** Directories that this very process holds: its own pid in a lock file does not tell. */
const held = new Set<string>();

/**
 * Let one process at a time use a directory. Locks are numbered, and the holder is whoever the highest one
 * names, as long as that process lives. A new holder makes the next one, which only one process can do,
 * and the highest is never removed; so no lock is ever taken away from a process that is alive. A lock is
 * a symbolic link to a text, because a link is made with its content at once.
 * Throws LOCKED with the holder's pid.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  if (held.has(directory)) throw new DiskError("LOCKED", `${directory} is open in this process`);
  held.add(directory);
  try {
    const number = await takeNumber(directory);
    return {
      async release() {
        await makeLock(directory, number + 1, RELEASED);
        await rm(lockPath(directory, number), { force: true });
        held.delete(directory);
      },
    };
  } catch (error) {
    held.delete(directory);
    throw error;
  }
}

async function takeNumber(directory: string): Promise<number> {
  for (;;) {
    const highest = Math.max(0, ...(await listLocks(directory)));
    await refuseIfHeld(directory, highest);
    const number = highest + 1;
    if (!(await makeLock(directory, number, await describeProcess(process.pid)))) continue;
    const locks = await listLocks(directory);
    // Someone was faster by more than one number.
    if (Math.max(...locks) > number) {
      await rm(lockPath(directory, number), { force: true });
      continue;
    }
    for (const lock of locks) {
      if (lock < number) await rm(lockPath(directory, lock), { force: true });
    }
    return number;
  }
}

async function refuseIfHeld(directory: string, number: number): Promise<void> {
  if (number === 0) return;
  const content = await optional(readlink(lockPath(directory, number)));
  if (content === undefined || content === RELEASED) return;
  const [pid = ""] = content.split(" ");
  if (Number(pid) !== process.pid && content === (await describeProcess(Number(pid)))) {
    throw new DiskError("LOCKED", `${directory} is open in process ${pid}`);
  }
}

async function listLocks(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => {
    const number = LOCK_NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

/** False if there is a lock of that number. */
async function makeLock(directory: string, number: number, content: string): Promise<boolean> {
  try {
    await symlink(content, lockPath(directory, number));
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * What tells a living process from another one that got its pid later: pid, boot and start time. Where
 * the system does not tell, the pid alone. Empty if there is no such process.
 */
async function describeProcess(pid: number): Promise<string> {
  if (!isAlive(pid)) return "";
  const boot = await optional(readFile("/proc/sys/kernel/random/boot_id", "utf8"));
  const stat = await optional(readFile(`/proc/${pid}/stat`, "utf8"));
  // The second field is the program's name in brackets, which may hold blanks; the 3rd is its state, the 22nd its start time.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const started = fields?.[19];
  // One that has ended has a pid until its parent asks how; an orphan's may never ask.
  if (fields?.[0] === "Z" || fields?.[0] === "X") return "";
  return `${pid} ${boot?.trim() ?? ""} ${started ?? ""}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

async function optional(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function lockPath(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}
