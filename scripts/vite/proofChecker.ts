import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { build, type Plugin } from "vite";

const PAGE = "proof-checker.html";
const ENTRY = "src/checker.tsx";

/**
 * Beside the page, one file that checks proofs by itself, from a disk, with no server: the checker's script, its worker and its styles, all
 * in one HTML file, which may reach no network at all. It stands there before the service worker's list is made.
 */
export function proofChecker(): Plugin {
  let root = "";
  let folder = "";
  return {
    name: "proof-checker",
    apply: "build",
    configResolved(config) {
      root = config.root;
      folder = join(config.root, config.build.outDir);
    },
    async writeBundle() {
      const { script, style } = await bundle(root);
      const template = await readFile(join(root, "checker.html"), "utf8");
      const page = template
        .replace("<!-- style -->", () => `<style>${style}</style>`)
        .replace("<!-- script -->", () => `<script type="module">${guard(script)}</script>`);
      await writeFile(join(folder, PAGE), page);
    },
  };
}

async function bundle(root: string): Promise<{ script: string; style: string }> {
  const built = await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [react()],
    // From a disk a browser takes no worker that is a module.
    worker: { format: "iife" },
    build: {
      write: false,
      target: "es2022",
      rolldownOptions: { input: join(root, ENTRY), output: { codeSplitting: false } },
    },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (result === undefined || !("output" in result)) throw new Error("the checker was not built");
  const scripts = result.output.filter((part) => part.type === "chunk");
  const styles = result.output.filter((part) => part.fileName.endsWith(".css"));
  const [script] = scripts;
  const [style] = styles;
  if (script === undefined || scripts.length > 1 || style?.type !== "asset" || styles.length > 1) {
    throw new Error(
      `expected one script and one style, got ${result.output.map((part) => part.fileName)}`,
    );
  }
  return { script: script.code, style: String(style.source) };
}

/** Within a script element nothing may look like its end. */
function guard(script: string): string {
  return script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}
