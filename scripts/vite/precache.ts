import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";

const WORKER_FILE = "sw.js";

/**
 * After the bundle, write into the service worker what it is to store: the path of every file in the
 * output folder, and a version that changes if any byte of them does.
 */
export function precache(): Plugin {
  let folder = "";
  return {
    name: "precache",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const paths = await listPaths(folder);
      const version = createHash("sha256");
      for (const path of paths) {
        version.update(`${path}\0`).update(await readFile(join(folder, path)));
      }
      const worker = join(folder, WORKER_FILE);
      const source = await readFile(worker, "utf8");
      const filled = source
        .replace("__PRECACHE_FILES__", JSON.stringify(paths))
        .replace("__PRECACHE_VERSION__", JSON.stringify(version.digest("hex").slice(0, 16)));
      if (filled.includes("__PRECACHE_"))
        throw new Error(`${WORKER_FILE} has no place for its list`);
      await writeFile(worker, filled);
    },
  };
}

/** URL paths of all files under `folder`, sorted, without the service worker and source maps. */
async function listPaths(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== WORKER_FILE && !entry.name.endsWith(".map"))
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")}`)
    .sort();
}
