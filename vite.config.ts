import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { precache } from "./scripts/vite/precache.ts";
import { proofChecker } from "./scripts/vite/proofChecker.ts";

/** The service worker stands at the root, so that its scope is the whole page. */
export default defineConfig({
  plugins: [react(), proofChecker(), precache()],
  // Dexie's build for browsers of today: what its package names first is written for old ones, and larger.
  resolve: { alias: { dexie: "dexie/dist/modern/dexie.min.mjs" } },
  build: {
    target: "es2022",
    rollupOptions: {
      input: { page: "index.html", sw: "src/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: {
    format: "es",
    // What a worker's later parts share with its first is one file: cut in pieces it would compress worse.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: "rules",
              test: /\/src\/(?:lib|protocol|chalang|space|blocks(?!\/(?:closeProof|anchoredProof|lineage)\.ts)|chain\/header)\/|\/@noble\/|\/(?:askedPath|dataTarget|entry|offeredBooks|standing|tradeRecords|redemption|marketApi|outcomes)\.ts$/,
            },
          ],
        },
      },
    },
  },
  server: { host: "localhost" },
  preview: { host: "localhost" },
});
