import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
};

/**
 * Serve the built wallet, and beside it `network.json`, which says where its network is. Only what was
 * built and the servers named may be reached from the page.
 *
 * @returns the server and its address, `http://localhost:PORT`: a secure context.
 */
export async function serveWallet(options: {
  readonly folder: string;
  readonly port: number;
  readonly nodes: readonly string[];
  readonly operators: readonly string[];
  readonly mirrors?: readonly string[];
  readonly towers?: readonly string[];
}): Promise<{ readonly address: string; readonly server: Server }> {
  const { folder, nodes, operators, mirrors = [], towers = [] } = options;
  const servers = [...nodes, ...operators, ...mirrors, ...towers].map((url) => new URL(url).origin);
  const connect = servers.flatMap((url) => [url, url.replace(/^http/, "ws")]);
  // A user may follow operators that nobody named here: those on this machine are let through.
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src 'self' ${connect.join(" ")} http://localhost:* ws://localhost:* http://127.0.0.1:* ws://127.0.0.1:*`,
    "style-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const headers = {
    "content-security-policy": policy,
    "cross-origin-opener-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
  };
  const network = JSON.stringify({ nodes, operators, mirrors, towers });

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      if (pathname === "/network.json") {
        response.writeHead(200, { ...headers, "content-type": "application/json" }).end(network);
        return;
      }
      const path = join(folder, normalize(pathname === "/" ? "/index.html" : pathname));
      const found = path.startsWith(folder) ? await stat(path).catch(() => undefined) : undefined;
      if (found?.isFile() !== true) {
        response.writeHead(404, { ...headers, "content-type": "text/plain" }).end("not found");
        return;
      }
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { ...headers, "content-type": type });
      createReadStream(path).pipe(response);
    })();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "localhost", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return { address: `http://localhost:${port}`, server };
}
