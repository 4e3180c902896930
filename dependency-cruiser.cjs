/**
 * Which room of src/ may import which, lowest first. An allow-list: a room that is not named
 * may not be imported. `npx depcruise src --config dependency-cruiser.cjs`
 */
const rooms = {
  lib: [],
  protocol: ["lib"],
  crypto: ["lib", "protocol"],
  chalang: ["lib", "protocol"],
  space: ["lib", "protocol", "chalang"],
  market: ["lib", "protocol", "chalang", "space"],
  blocks: ["lib", "protocol", "chalang", "space", "market"],
  chain: ["lib", "protocol", "chalang", "space", "blocks", "market"],
  api: ["lib", "protocol", "space", "blocks", "market", "chain"],
  client: ["lib", "protocol", "chalang", "space", "blocks", "market", "chain", "api"],
  storage: ["lib", "protocol", "client"],
  network: ["lib", "protocol", "chain", "api", "client"],
  workers: [
    "lib",
    "protocol",
    "crypto",
    "chalang",
    "space",
    "blocks",
    "market",
    "chain",
    "api",
    "client",
    "storage",
    "network",
  ],
  disk: ["lib"],
  http: ["lib", "api"],
  headless: ["lib", "protocol", "crypto", "chain", "client", "network", "disk"],
  mirror: ["lib", "protocol", "api", "client", "disk", "http", "headless"],
  tower: ["lib", "protocol", "crypto", "chain", "api", "client", "disk", "http", "headless"],
  operator: [
    "lib",
    "protocol",
    "crypto",
    "chalang",
    "space",
    "blocks",
    "market",
    "chain",
    "api",
    "client",
    "network",
    "disk",
    "http",
    "headless",
    "mirror",
  ],
  node: [
    "lib",
    "protocol",
    "crypto",
    "chalang",
    "space",
    "blocks",
    "market",
    "chain",
    "api",
    "disk",
    "http",
  ],
  agents: ["lib", "protocol", "market", "chain", "api", "client", "network", "headless"],
  ui: ["lib", "protocol", "workers"],
};
const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-only-what-it-may`,
  comment: `src/${room} may import: ${allowed.join(", ") || "no other room"} (docs/ARCHITECTURE.md).`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: `^src/(${[room, ...allowed].join("|")})/` },
}));
const pure =
  "^src/(lib|protocol|chalang|space|blocks|market|chain|api|client|operator/engine|node/engine)/";

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "pure-rooms-use-no-node-builtin",
      severity: "error",
      from: { path: pure },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-rooms-use-only-noble",
      severity: "error",
      from: { path: pure },
      to: { dependencyTypes: ["npm", "npm-dev"], pathNot: "node_modules/@noble/" },
    },
    {
      name: "dexie-only-in-storage",
      severity: "error",
      from: { pathNot: "^src/storage/" },
      to: { path: "node_modules/dexie/" },
    },
    {
      name: "react-only-in-ui",
      severity: "error",
      from: { pathNot: "^src/(ui/|main[.]tsx$)" },
      to: { path: "node_modules/(react|react-dom)/" },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "src-never-imports-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
