/** One open socket, or one on its way; after `onClose` it says nothing more. */
export type Socket = { send(text: string): void; close(): void };

export type SocketHandlers = {
  /** A text, or the bytes of a binary message. */
  readonly onMessage: (data: string | Uint8Array) => void;
  readonly onClose: () => void;
};

/** How sockets are opened: the platform's own way, unless it has none. */
export type SocketOptions = {
  readonly openSocket?: (url: string, handlers: SocketHandlers) => Socket;
};

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

/** `cut` gives the present connection up, for one that is opened anew. */
export type LiveSocket = Socket & { cut(): void };

/**
 * A socket that is opened again after every cut, each time a little later, until it is closed.
 *
 * @param url - asked for before each attempt.
 */
export function openLiveSocket(
  url: () => string,
  options: SocketOptions,
  handlers: {
    readonly onMessage: (data: string | Uint8Array) => void;
    readonly onDown: () => void;
  },
): LiveSocket {
  const openSocket = options.openSocket ?? openPlatformSocket;
  let socket: Socket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = RETRY_MS_MIN;
  let isClosed = false;
  let attempt = 0;

  function connect(): void {
    if (isClosed) return;
    // What an older connection says after it was given up is nobody's any more.
    const isPresent = () => !isClosed && opened === attempt;
    attempt += 1;
    const opened = attempt;
    socket = openSocket(url(), {
      onMessage(data) {
        if (!isPresent()) return;
        retryMs = RETRY_MS_MIN;
        handlers.onMessage(data);
      },
      onClose() {
        if (isPresent()) goDown();
      },
    });
  }

  function goDown(): void {
    attempt += 1;
    socket = undefined;
    handlers.onDown();
    timer = setTimeout(connect, retryMs);
    retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
  }

  connect();
  return {
    send: (text) => socket?.send(text),
    cut() {
      const given = socket;
      if (given === undefined || isClosed) return;
      goDown();
      given.close();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

/** The address of a server's socket from that of its pages. */
export function socketUrl(url: string, path: string): string {
  return url.replace(/^http/, "ws") + path;
}

/** A socket of the platform's own. */
export function openPlatformSocket(url: string, { onMessage, onClose }: SocketHandlers): Socket {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (typeof data === "string") onMessage(data);
    else if (data instanceof ArrayBuffer) onMessage(new Uint8Array(data));
  };
  // A failed socket closes, and closing is what tries again.
  socket.onclose = onClose;
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(),
  };
}
