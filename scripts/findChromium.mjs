import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const VARIABLES = ["CHROMIUM", "PLAYWRIGHT_CHROMIUM"];
const COMMANDS = ["chromium", "chromium-browser", "google-chrome"];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function findOnPath(path) {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  const candidates = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  return candidates.find(isProgram);
}

/** What the machine offers; tests offer something else. */
const machine = {
  environment: process.env,
  playwrightPath: () => chromium.executablePath(),
  install: () => spawnSync("npx", ["playwright", "install", "chromium"], { stdio: "inherit" }),
};

/**
 * The path of a Chromium that can be started: the one that CHROMIUM or PLAYWRIGHT_CHROMIUM names, else the
 * system's, else Playwright's own, which is downloaded if it is missing. Throws with one line that says
 * what to do.
 */
export function findChromium({ environment, playwrightPath, install } = machine) {
  for (const variable of VARIABLES) {
    const named = environment[variable];
    if (named === undefined || named === "") continue;
    if (isProgram(named)) return named;
    throw new Error(
      `${variable} is ${named}, which is no program: set it to a Chromium or unset it.`,
    );
  }
  const installed = findOnPath(environment.PATH ?? "");
  if (installed !== undefined) return installed;
  if (!isProgram(playwrightPath())) install();
  if (isProgram(playwrightPath())) return playwrightPath();
  throw new Error(
    "No Chromium: install one (Debian: apt install chromium) or set CHROMIUM to the path of one.",
  );
}
