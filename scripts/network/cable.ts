import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A way to a node that can be cut: a port that passes everything on, until it does not. */
export class Cable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isCut = false;
  target = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#join(socket));
  }

  static async lay(): Promise<Cable> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Cable(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(socket: Socket): void {
    if (this.#isCut || this.target === 0) {
      socket.destroy();
      return;
    }
    const far = connect(this.target, "127.0.0.1");
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      this.#open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
