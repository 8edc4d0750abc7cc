/** The socket: where the API is listened for, and for how long a connection may take. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { serve, type ServerType } from "@hono/node-server";
import { requestFault } from "./request_fault.ts";
import { sendResponse } from "./send_response.ts";

/** Where to listen. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A server that listens. */
export interface HttpServer {
  readonly hostname: string;
  readonly port: number;
  /** Takes no more connections, and ends when those that are there are done; at last they are cut. @param grace milliseconds */
  close(grace: number): Promise<void>;
}

/** Milliseconds: for the head of a request, for all of it, between two; how often that is looked at. Bytes of a head. */
export interface HttpBounds {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
  readonly maxHeaderSize: number;
}

const BOUNDS: HttpBounds = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16 * 1024,
};

/** What who asks for a tunnel is told. */
const NO_TUNNEL = "HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** The longest delay that timers of the platform can count, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Connections at once. */
const MOST_CONNECTIONS = 1000;

/** Ends connections past so many: Deno heeds no `maxConnections`. */
function boundConnections(server: ServerType, most: number): void {
  let open = 0;
  server.on("connection", (socket: Socket) => {
    if (open >= most) return void socket.destroy();
    open++;
    socket.once("close", () => void open--);
  });
}

/** What answers requests. */
export interface HttpApp {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
  /** Answers a request that is refused, and why: the status is 400. @default an answer that says no more than that */
  refuse?(request: Request, env: unknown, fault: string): Promise<Response>;
}

/** One request, as node-server tells of it. */
interface Connection {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** What node-server takes for an answer that was sent already. It sends others itself, and prints what fails of them. */
const SENT = { "x-hono-already-sent": "true" } as const;

/** How requests are answered: on the connection itself. @returns what node-server takes for an answer that was sent */
function answering(app: HttpApp): (request: Request, env: Connection) => Promise<Response> {
  /** Connections of requests that were refused: nothing that comes behind one is sure to be a request. */
  const over = new WeakSet<Socket>();
  return async (request, env) => {
    const { incoming, outgoing } = env, fault = requestFault(incoming);
    if (over.has(incoming.socket)) outgoing.destroy();
    else if (fault === undefined) await sendResponse(await app.fetch(request, env), outgoing);
    else {
      over.add(incoming.socket);
      outgoing.setHeader("connection", "close");
      const refusal = await app.refuse?.(request, env, fault) ?? new Response(null, { status: 400 });
      await sendResponse(refusal, outgoing);
    }
    return new Response(null, { headers: SENT });
  };
}

/** Listens. @throws what the system says: the port is taken, or not allowed */
export async function listenHttp(
  app: HttpApp,
  { hostname, port }: ListenOptions,
  bounds: HttpBounds = BOUNDS,
  most: number = MOST_CONNECTIONS,
): Promise<HttpServer> {
  const { promise, resolve, reject } = Promise.withResolvers<number>(), answer = answering(app);
  const server: ServerType = serve({
    fetch: (request, env) => answer(request, env as Connection), // of HTTP/1.1, which `createServer` makes
    hostname,
    port,
    // It would put its own Request and Response into the global scope.
    overrideGlobalObjects: false,
    createServer,
    serverOptions: bounds,
  }, (info) => resolve(info.port));
  server.on("error", reject);
  // Without a listener the connection would just end. From here on nobody else looks after it.
  server.on("connect", (_: IncomingMessage, socket: Socket) => {
    socket.on("error", () => {});
    socket.end(NO_TUNNEL, () => socket.destroy());
  });
  boundConnections(server, most);
  const bound = await promise;
  return {
    hostname,
    port: bound,
    close: async (grace) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      const cut = setTimeout(
        () => "closeAllConnections" in server && server.closeAllConnections(),
        Math.min(grace, LONGEST_DELAY),
      );
      await closed;
      clearTimeout(cut);
    },
  };
}
