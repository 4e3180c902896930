import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const top = fileURLToPath(new URL("../..", import.meta.url));

/** The page over a wallet that stands still: `npx vite -c tests/preview/vite.config.ts`. */
export default defineConfig({
  root: here,
  cacheDir: `${top}/node_modules/.vite-preview`,
  publicDir: `${top}/public`,
  plugins: [react()],
  server: { host: "localhost", fs: { allow: [top] } },
});
