/** One request on one connection, which then ends: nothing of a connection outlives the hop that it was vetted for. */
import type { Deadline } from "./deadline.ts";
import type { Connection } from "./net_connection.ts";
import { MOST_HEAD_BYTES, MOST_HEADERS } from "./net_headers.ts";
import type { NodeModules, NodeResponse } from "./net_node.ts";
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

/** The versions of HTTP that say where a response ends. */
const HTTP_1 = /^1\.[01]$/;

/**
 * Sends a request and waits for the head of the response. The body waits in the socket until it is read.
 *
 * @throws what the socket or the parser fails with; {@linkcode OperationError} `msgsize` for too many headers, `proto`
 * when the host wants to speak another protocol, or as the connection ends for what came in; it is closed then
 */
export async function sendHop(sent: Sent, options: {
  readonly modules: NodeModules;
  readonly connection: Connection;
  readonly deadline: Deadline;
}): Promise<NodeResponse> {
  const { modules, connection, deadline } = options;
  try {
    const response = await deadline.race(
      new Promise<NodeResponse>((resolve, reject) => {
        const request = modules.request({
          createConnection: () => connection.socket,
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
        request.once("response", (response) => {
          const head = response as NodeResponse; // what this event carries
          head.on("error", () => {});
          resolve(head);
        });
        request.end(sent.body.length === 0 ? undefined : sent.body);
      }),
    );
    if (!HTTP_1.test(response.httpVersion) || response.statusCode < 200) throw new OperationError("proto");
    if (response.rawHeaders.length > 2 * MOST_HEADERS) throw new OperationError("msgsize");
    return response;
  } catch (error) {
    connection.close();
    throw connection.reason(error);
  }
}
