/** Servers for the network broker's tests: on 127.0.0.1, one answer a connection, ended by the test. */

/** A request as it came over the wire. */
export interface Received {
  /** Up to the empty line. */
  readonly head: string;
  readonly body: string;
}

/** Gives the bytes of an answer, or writes them itself. */
export type Respond = (request: Received, connection: Deno.Conn) => string | void | Promise<string | void>;

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly Received[];
  /** Connections that came, whether or not they asked for anything. */
  readonly connections: () => number;
}

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

export async function write(connection: Deno.Conn, text: string | Uint8Array): Promise<void> {
  let bytes = typeof text === "string" ? ENCODER.encode(text) : text;
  while (bytes.length > 0) bytes = bytes.subarray(await connection.write(bytes));
}

async function receive(connection: Deno.Conn): Promise<Received | undefined> {
  let text = "";
  const chunk = new Uint8Array(65536);
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const head = text.slice(0, end), body = text.slice(end + 4);
      const length = Number(/^content-length: (\d+)$/mi.exec(head)?.[1] ?? 0);
      if (body.length >= length) return { head, body };
    }
    const count = await connection.read(chunk);
    if (count === null) return undefined;
    text += DECODER.decode(chunk.subarray(0, count), { stream: true });
  }
}

/** An answer with a body and its length. */
export function ok(body: string, headers = ""): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${ENCODER.encode(body).length}\r\n${headers}\r\n${body}`;
}

export function redirect(location: string, status = 302): string {
  return `HTTP/1.1 ${status} Elsewhere\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
}

/** Starts a server. @param listener by default a new one, without encryption */
export function startServer(
  respond: Respond,
  listener: Deno.Listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }),
): TestServer {
  const received: Received[] = [], open = new Set<Deno.Conn>();
  let connections = 0;
  const serve = async (connection: Deno.Conn) => {
    try {
      const request = await receive(connection);
      if (request === undefined) return;
      received.push(request);
      const answer = await respond(request, connection);
      if (typeof answer === "string") await write(connection, answer);
    } catch {
      // The other side left, or the test has ended.
    } finally {
      open.delete(connection);
      try {
        connection.close();
      } catch {
        // The test has closed it.
      }
    }
  };
  const accepting = (async () => {
    const serving: Promise<void>[] = [];
    try {
      for await (const connection of listener) {
        connections++;
        open.add(connection);
        serving.push(serve(connection));
      }
    } catch {
      // The listener is closed.
    }
    await Promise.all(serving);
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port, // it listens on TCP
    received,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      try {
        listener.close();
      } catch {
        // Closed by the test.
      }
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It has just ended.
        }
      }
      await accepting;
    },
  };
}

/** A port on which nothing listens. */
export function deadPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr; // it listens on TCP
  listener.close();
  return port;
}
