import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** One text of one source file, in place of which a bug stands. */
export type Plant = { readonly file: string; readonly from: string; readonly to: string };

/**
 * A copy of the sources with bugs planted in it, for processes that run it in place of ours. A text
 * that does not stand exactly once in its file is an error: a plant must never get lost.
 *
 * @returns the folder of the copy, and how to remove it.
 */
export async function plantSource(
  plants: readonly Plant[],
): Promise<{ readonly src: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "planted-"));
  const src = join(folder, "src");
  await cp(join(ROOT, "src"), src, { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  for (const { file, from, to } of plants) {
    const path = join(src, file);
    const parts = (await readFile(path, "utf8")).split(from);
    if (parts.length !== 2)
      throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}`);
    await writeFile(path, parts.join(to));
  }
  return { src, remove: () => rm(folder, { recursive: true, force: true }) };
}
