/**
 * One entry of a calendar, times in unix ms.
 *
 * - `uid`: the same for the same thing, so that a calendar which gets it again moves what it has.
 * - `alarmsMs`: how long before its end it is to be told of.
 */
export type CalendarEntry = {
  readonly uid: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string;
  readonly note: string;
  readonly alarmsMs: readonly number[];
};

const LINE_OCTETS = 75;
const TEXT_MAX = 2_000;

/** An iCalendar file (RFC 5545): UTF-8, lines of at most 75 octets, ended by CRLF. */
export function writeCalendar(entries: readonly CalendarEntry[], nowMs: number): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Sortition wallet//Deadlines//EN",
    "CALSCALE:GREGORIAN",
    ...entries.flatMap((entry) => writeEntry(entry, nowMs)),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${foldLine(line)}\r\n`).join("");
}

function writeEntry(entry: CalendarEntry, nowMs: number): string[] {
  return [
    "BEGIN:VEVENT",
    `UID:${escapeText(entry.uid)}`,
    `DTSTAMP:${formatUtc(nowMs)}`,
    `DTSTART:${formatUtc(entry.startMs)}`,
    `DTEND:${formatUtc(entry.endMs)}`,
    `SUMMARY:${escapeText(entry.title)}`,
    `DESCRIPTION:${escapeText(entry.note)}`,
    "TRANSP:TRANSPARENT",
    ...entry.alarmsMs.flatMap((beforeMs) => writeAlarm(entry, beforeMs)),
    "END:VEVENT",
  ];
}

function writeAlarm({ title }: CalendarEntry, beforeMs: number): string[] {
  return [
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escapeText(title)}`,
    `TRIGGER;RELATED=END:-PT${Math.round(beforeMs / 60_000)}M`,
    "END:VALARM",
  ];
}

/** `20261124T140500Z`. */
function formatUtc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

/** Names come from operators: what is no text in a calendar is taken out, and nothing of it begins a line of its own. */
function escapeText(text: string): string {
  return (
    text
      .slice(0, TEXT_MAX)
      .replace(/\r\n?/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in the file
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f\u2028\u2029]/g, " ")
      .replace(/[\\;,]/g, (sign) => `\\${sign}`)
      .replace(/\n/g, "\\n")
  );
}

/** Cut a line so that no part has more octets than allowed, and no character is cut. */
function foldLine(line: string): string {
  const encoder = new TextEncoder();
  let folded = "";
  let used = 0;
  for (const character of line) {
    const octets = encoder.encode(character).length;
    if (used + octets > LINE_OCTETS) {
      folded += "\r\n ";
      used = 1;
    }
    folded += character;
    used += octets;
  }
  return folded;
}
