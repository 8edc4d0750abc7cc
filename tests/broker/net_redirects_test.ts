import {
  firstHop,
  type HopRequest,
  hostHeader,
  networkRequestOf,
  nextHop,
} from "../../src/broker/net_redirects.ts";
import type { Header } from "../../src/broker/net_headers.ts";
import { assertEquals } from "../assert.ts";

const HEADERS: readonly Header[] = [["content-type", "text/plain"], ["authorization", "me"], ["x-a", "1"]];

function request(method: string): HopRequest {
  return firstHop({ method, url: "https://a.test/dir/page?q#part" }, {
    headers: HEADERS,
    body: new Uint8Array([1, 2, 3]),
  });
}

Deno.test("nextHop() makes a GET where browsers do, and keeps the request where they do not", () => {
  const rows: readonly (readonly [method: string, status: number, next: string, bytes: number])[] = [
    ["POST", 301, "GET", 0],
    ["POST", 302, "GET", 0],
    ["POST", 303, "GET", 0],
    ["PUT", 303, "GET", 0],
    ["PUT", 301, "PUT", 3],
    ["PUT", 302, "PUT", 3],
    ["HEAD", 303, "HEAD", 3],
    ["GET", 303, "GET", 3],
    ["POST", 307, "POST", 3],
    ["POST", 308, "POST", 3],
  ];
  for (const [method, status, expected, bytes] of rows) {
    const next = nextHop(request(method), { status, location: "next" });
    assertEquals([next.method, next.body.length, next.url.href], [
      expected,
      bytes,
      "https://a.test/dir/next",
    ]);
    assertEquals(next.headers, bytes === 0 ? HEADERS.slice(1) : HEADERS, `${method} ${status}`);
  }
});

Deno.test("nextHop() takes another port, scheme or name for another origin", () => {
  for (const location of ["https://a.test:8443/", "http://a.test/", "//b.test/", "https://sub.a.test/"]) {
    const { headers } = nextHop(request("GET"), { status: 302, location });
    assertEquals(headers, HEADERS.filter(([name]) => name !== "authorization"), location);
  }
});

Deno.test("networkRequestOf() and hostHeader() give the one spelling that is decided, connected to and sent", () => {
  const rows: readonly (readonly [url: string, host: string, port: number, header: string])[] = [
    ["http://A.Test./", "a.test", 80, "a.test"],
    ["https://a.test:443/", "a.test", 443, "a.test"],
    ["http://a.test:443/", "a.test", 443, "a.test:443"],
    ["http://0x7f.1:8080/", "127.0.0.1", 8080, "127.0.0.1:8080"],
    ["http://[::FFFF:127.0.0.1]/", "127.0.0.1", 80, "127.0.0.1"],
    ["http://[0::1]:81/", "::1", 81, "[::1]:81"],
    ["http://bücher.test/", "xn--bcher-kva.test", 80, "xn--bcher-kva.test"],
  ];
  for (const [url, host, port, header] of rows) {
    const hop = networkRequestOf(firstHop({ method: "GET", url }, { headers: [], body: new Uint8Array() }));
    assertEquals([hop.host, hop.port, hostHeader(hop)], [host, port, header], url);
  }
});
