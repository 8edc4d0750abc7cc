/** The socket: where the API is listened for, and for how long a connection may take. */
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { serve, type ServerType } from "@hono/node-server";
import type { ServerApp } from "./server_context.ts";

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

/** Listens. @throws what the system says: the port is taken, or not allowed */
export async function listenHttp(
  app: Pick<ServerApp, "fetch"> | { readonly fetch: (request: Request, env?: unknown) => Promise<Response> },
  { hostname, port }: ListenOptions,
  bounds: HttpBounds = BOUNDS,
  most: number = MOST_CONNECTIONS,
): Promise<HttpServer> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server: ServerType = serve({
    fetch: app.fetch,
    hostname,
    port,
    // It would put its own Request and Response into the global scope.
    overrideGlobalObjects: false,
    createServer,
    serverOptions: bounds,
  }, (info) => resolve(info.port));
  server.on("error", reject);
  boundConnections(server, most);
  const bound = await promise;
  return {
    hostname,
    port: bound,
    close: async (grace) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      const cut = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), grace);
      await closed;
      clearTimeout(cut);
    },
  };
}
