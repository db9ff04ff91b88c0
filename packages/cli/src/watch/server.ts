import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { AwpError } from "@awp/core";
import { follow } from "./follow";
import { contentSecurityPolicy, page } from "./page";
import { pageDataOf } from "./page-data";
import { snapshotOf } from "./snapshot";

export interface ServeOptions {
  /** 0 is any that is free. */
  readonly port: number;
  /** Ends the server. */
  readonly signal: AbortSignal;
  readonly onReady: (url: string) => void;
}

/** This machine and no other: others cannot reach the server. */
const loopback = "127.0.0.1";

/** Milliseconds until a run is looked at again after trouble. */
const patience = 1000;

/**
 * Serves the page of a run to browsers on this machine, with an event for each change, until the signal. It has two
 * addresses, the page and its events, and no file is served. A training may end and begin again meanwhile.
 *
 * @throws AwpError where there is no run to begin with, or the port is taken.
 */
export async function serve(run: string, { port, signal, onReady }: ServeOptions): Promise<void> {
  await snapshotOf(run); // what is wrong now is told here, what is later in the page
  const clients = new Set<ServerResponse>();
  let last = "";
  const tell = (message: string): void => {
    last = message;
    for (const client of clients) client.write(message);
  };
  const server = createServer((request, response) => {
    const path = pathOf(request, (server.address() as AddressInfo).port);
    if (path === "/") return respond(response, 200, page, "text/html; charset=utf-8");
    if (path !== "/events") return respond(response, path === undefined ? 403 : 404, "");
    response.writeHead(200, { ...headers, "content-type": "text/event-stream" });
    response.write(`retry: 1000\n\n${last}`);
    clients.add(response);
    response.on("close", () => clients.delete(response));
  });
  server.listen(port, loopback);
  await once(server, "listening").catch((error: unknown) => {
    throw new AwpError(`--port: ${(error as Error).message}`, { cause: error });
  });
  onReady(`http://${loopback}:${(server.address() as AddressInfo).port}/`);
  try {
    await announce(run, signal, tell);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function announce(run: string, signal: AbortSignal, tell: (message: string) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const snapshot of follow(run, signal))
        tell(`data: ${JSON.stringify(pageDataOf(snapshot, Date.now()))}\n\n`);
    } catch (error) {
      // A folder that is removed or half written may be whole again in a moment.
      if (!AwpError.is(error)) throw error;
      tell(`event: trouble\ndata: ${JSON.stringify(error.message)}\n\n`);
      await setTimeout(patience, undefined, { signal }).catch(() => undefined);
    }
  }
}

const headers = {
  "cache-control": "no-store",
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** What is asked for, by who asked for this machine by name: a page elsewhere whose name leads here is not answered. */
function pathOf({ method, url, headers: { host } }: IncomingMessage, port: number): string | undefined {
  const here = [`${loopback}:${port}`, `localhost:${port}`].includes(host ?? "");
  return method === "GET" && here ? url : undefined;
}

function respond(response: ServerResponse, status: number, body: string, type = "text/plain"): void {
  response.writeHead(status, { ...headers, "content-type": type });
  response.end(body);
}
