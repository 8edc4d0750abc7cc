/** One request on one connection, which then ends: nothing of a connection outlives the hop that it was vetted for. */
import type { Deadline } from "./deadline.ts";
import { MOST_HEAD_BYTES, MOST_HEADERS } from "./net_headers.ts";
import type { NodeModules, NodeResponse, NodeSocket } from "./net_node.ts";
import { OperationError } from "../protocol/operations.ts";

/** A request as it goes out. */
export interface Sent {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  /** Path and query, encoded. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** Interim responses (1xx) before the final one: a server that floods them would keep the broker from all else. */
const MOST_INTERIM = 16;

/**
 * Sends a request and waits for the head of the response. The body waits in the socket until it is read.
 *
 * @throws what the socket or the parser fails with; {@linkcode OperationError} `msgsize` for too many headers, `proto`
 * when the host wants to speak another protocol or sends too many interim responses; the connection is closed then
 */
export async function sendHop(sent: Sent, connection: {
  readonly modules: NodeModules;
  readonly socket: NodeSocket;
  readonly deadline: Deadline;
}): Promise<NodeResponse> {
  const { modules, socket, deadline } = connection;
  try {
    const response = await deadline.race(
      new Promise<NodeResponse>((resolve, reject) => {
        const request = modules.request({
          createConnection: () => socket,
          host: sent.host,
          port: sent.port,
          method: sent.method,
          path: sent.path,
          headers: sent.headers,
          setHost: false,
          maxHeaderSize: MOST_HEAD_BYTES,
          insecureHTTPParser: false,
        });
        request.on("error", reject);
        request.on("close", () => reject(new OperationError("connreset")));
        request.on("upgrade", () => reject(new OperationError("proto")));
        let interim = 0;
        request.on("information", () => {
          if (++interim <= MOST_INTERIM) return;
          reject(new OperationError("proto"));
          socket.destroy();
        });
        request.once("response", (response) => {
          const head = response as NodeResponse; // what this event carries
          head.on("error", () => {});
          resolve(head);
        });
        request.end(sent.body.length === 0 ? undefined : sent.body);
      }),
    );
    if (response.rawHeaders.length > 2 * MOST_HEADERS) throw new OperationError("msgsize");
    return response;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
