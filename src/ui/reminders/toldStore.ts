import type { Told } from "./dueReminders.ts";

/** What this device keeps of reminders: whether they are wanted, and what has been told. */
const WANTED_KEY = "sortition-reminders";
const TOLD_KEY = "sortition-reminders-told";
const TOLD_MAX = 500;

/** A browser may refuse its storage: then reminders last as long as the page. */
export function readIsWanted(): boolean {
  return read(WANTED_KEY) === "on";
}

export function keepIsWanted(isWanted: boolean): void {
  write(WANTED_KEY, isWanted ? "on" : "off");
}

export function readTold(): Told {
  try {
    const kept: unknown = JSON.parse(read(TOLD_KEY) ?? "[]");
    if (!Array.isArray(kept)) return new Map();
    return new Map(kept.filter(isEntry).slice(0, TOLD_MAX));
  } catch {
    return new Map();
  }
}

export function keepTold(told: Told): void {
  write(TOLD_KEY, JSON.stringify([...told].slice(0, TOLD_MAX)));
}

function isEntry(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && Number.isSafeInteger(value[1]);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Full or refused: the next page starts anew.
  }
}
