/**
 * Servers that send without end. How much comes before a connection is ended depends on how soon this process gets to it, so
 * who measures that runs alone: see `tools/split_tests.ts`.
 */
import { ok, startServer, type TestServer, write } from "./net_servers.ts";

export const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/** What a server sends again and again, after something first; none of it is content. */
export const FLOODS: Readonly<Record<string, readonly [first: string, rest: string]>> = {
  "/continue": ["", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)],
  "/early": ["", `HTTP/1.1 103 Early\r\nlink: ${"x".repeat(8000)}\r\n\r\n`],
  "/lines": ["", "\r\n".repeat(1000)],
  "/size": [CHUNKED, "0".repeat(1000)],
  "/extension": [`${CHUNKED}1;`, "x".repeat(1000)],
  "/extensions": [CHUNKED, `1;${"x".repeat(1000)}\r\ny\r\n`],
  "/beyond": [ok("a body"), "HTTP/1.1 200 OK\r\n\r\n".repeat(50)],
};

/** It tells how many bytes it has sent of its floods. */
export interface FloodServer extends TestServer {
  readonly sent: () => number;
}

export function startFloods(): FloodServer {
  let sent = 0;
  const server = startServer(async ({ head }, connection) => {
    const [first, rest] = FLOODS[head.split(" ")[1] ?? ""] ?? [ok(""), ""];
    await write(connection, first);
    const bytes = new TextEncoder().encode(rest);
    for (; bytes.length > 0; sent += bytes.length) await write(connection, bytes);
  });
  return { ...server, sent: () => sent };
}
