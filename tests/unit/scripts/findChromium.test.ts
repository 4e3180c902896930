import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/findChromium.mjs";

let folder: string;
let installs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "find-chromium-"));
  installs = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeProgram(...names: [string, ...string[]]): string {
  const path = join(folder, ...names);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return path;
}

/** A machine with its PATH in `folders`, and a download that works or not. */
function find(
  variables: Record<string, string>,
  folders: string[] = [],
  canInstall = false,
): string {
  const playwright = join(folder, "playwright", "chrome");
  return findChromium({
    environment: { PATH: folders.map((name) => join(folder, name)).join(delimiter), ...variables },
    playwrightPath: () => playwright,
    install: () => {
      installs += 1;
      if (canInstall) writeProgram("playwright", "chrome");
    },
  });
}

describe("the Chromium for the browser tests", () => {
  it("is the one that the environment names", () => {
    const own = writeProgram("own");
    const other = writeProgram("other");
    writeProgram("bin", "chromium");
    expect(find({ CHROMIUM: own, PLAYWRIGHT_CHROMIUM: other }, ["bin"])).toBe(own);
    expect(find({ PLAYWRIGHT_CHROMIUM: other }, ["bin"])).toBe(other);
  });

  it("is not guessed when the environment names no program", () => {
    writeProgram("bin", "chromium");
    expect(() => find({ CHROMIUM: join(folder, "none") }, ["bin"])).toThrow(/^CHROMIUM is .*$/);
    expect(() => find({ CHROMIUM: folder }, ["bin"])).toThrow(/^CHROMIUM is .*$/);
  });

  it("is else the system's, by the first name that it has", () => {
    const chrome = writeProgram("a", "google-chrome");
    expect(find({}, ["a", "b"])).toBe(chrome);
    const browser = writeProgram("b", "chromium-browser");
    expect(find({ CHROMIUM: "" }, ["a", "b"])).toBe(browser);
    const chromium = writeProgram("b", "chromium");
    expect(find({}, ["a", "b"])).toBe(chromium);
    chmodSync(chromium, 0o644);
    expect(find({}, ["a", "missing", "b"])).toBe(browser);
    expect(installs).toBe(0);
  });

  it("is else Playwright's own, downloaded only if it is missing", () => {
    const playwright = join(folder, "playwright", "chrome");
    expect(find({}, ["empty"], true)).toBe(playwright);
    expect(find({}, ["empty"], true)).toBe(playwright);
    expect(installs).toBe(1);
  });

  it("is asked for in one line when there is none", () => {
    expect(() => find({}, ["empty"])).toThrow(/^No Chromium: .*CHROMIUM.*$/);
    expect(installs).toBe(1);
  });
});
