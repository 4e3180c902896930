import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { refuse } from "../lib/verdict.ts";
import { nameSource } from "./nameSource.ts";
import { createOpenCounter, type OpenLimits } from "./openCounter.ts";
import { writeRawRefusal } from "./rawRefusal.ts";

/** How long somebody who is refused may take to read why. */
const GOODBYE_MS = 1_000;
/** How many may be told at a time; beyond them, who is one too many is cut without a word. */
const GOODBYES_MAX = 64;

/**
 * Hold each source to so many connections at a time, whether or not it asks for anything on them. One too many is
 * told so and closed, before a byte of its request is read.
 */
export function limitConnections(server: Server, limits: OpenLimits): void {
  const open = createOpenCounter(limits);
  server.maxConnections = limits.total + GOODBYES_MAX;
  const serve = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const close = open(nameSource(socket.remoteAddress));
    if (close === undefined) {
      const what = `too many connections; at most ${limits.perSource} of one address at a time`;
      sayGoodbye(socket, writeRawRefusal("503 Service Unavailable", refuse("TOO_MANY", what)));
      return;
    }
    socket.once("close", close);
    for (const listener of serve) listener.call(server, socket);
  });
}

/** Say something and close; who does not close his own end is cut. */
export function sayGoodbye(socket: Duplex, words: string): void {
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
  socket.on("close", () => clearTimeout(timer));
  socket.on("error", () => socket.destroy());
  socket.resume();
  socket.end(words);
}
