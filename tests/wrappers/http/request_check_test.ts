/** Requests that two programs on the way could read as two different ones reach no guest. */
import { httpExchange } from "../../../src/wrappers/http/http_exchange.ts";
import { assertEquals } from "../../assert.ts";
import { served } from "./rig.ts";
import { type AccessEntry, type HttpRequestInfo, httpSite } from "../../../wrappers.ts";

/** A request as no `Request` of a platform could be made. */
function forged(
  about: { readonly method?: string; readonly url?: string; readonly headers?: HeadersInit },
): Request {
  const request = new Request("http://localhost/", { headers: about.headers ?? {} });
  for (const name of ["method", "url"] as const) {
    if (about[name] !== undefined) Object.defineProperty(request, name, { value: about[name] });
  }
  return request;
}

const REFUSED:
  readonly (readonly [what: string, request: Request, status: number, info?: HttpRequestInfo])[] = [
    ["TRACE", forged({ method: "TRACE" }), 501],
    ["CONNECT", forged({ method: "CONNECT" }), 501],
    ["TRACK in small letters", forged({ method: "track" }), 501],
    ["a method that is none", forged({ method: "GE T" }), 400],
    ["a user in its URL", forged({ url: "http://user@localhost/" }), 400],
    ["a user and a password in its URL", forged({ url: "http://user:secret@localhost/" }), 400],
    ["several hosts", forged({ headers: [["host", "localhost"], ["host", "evil.example"]] }), 400],
    ["a GET with a length", forged({ headers: { "content-length": "3" } }), 400],
    ["a GET with a chunked body", forged({ headers: { "transfer-encoding": "chunked" } }), 400],
    ["a HEAD with a length", forged({ method: "HEAD", headers: { "content-length": "1, 0" } }), 400],
    ["what the server has seen", forged({}), 400, { fault: "it names several hosts" }],
  ];

for (const [what, request, status, info] of REFUSED) {
  Deno.test(`a request with ${what} is answered ${status}, and no guest sees it`, async () => {
    await using site = await served("examples/http/hello.wasm", { warm: 0 });
    assertEquals((await site.handler.fetch(request, info)).status, status);
    const log: AccessEntry[] = [];
    const all = httpSite({
      modules: [site.handler],
      hosts: ["localhost"],
      onAccess: (one) => void log.push(one),
    });
    assertEquals((await all.fetch(request, info)).status, status);
    assertEquals([site.handler.stats().pool.uses, log.map((one) => one.status)], [0, [status]]);
  });
}

Deno.test("an empty body of a GET is none", async () => {
  await using site = await served("examples/http/hello.wasm");
  assertEquals(await site.ask("/", { headers: { "content-length": "0" } }), [200, "GET /\n0 bytes\n"]);
});

Deno.test("guests see the host of the URL, whatever the header says", () => {
  const request = new Request("http://inner:81/", { headers: { host: "outer" } });
  const bounds = { route: "", headerSize: 1000, authorization: false };
  assertEquals(httpExchange(request, undefined, bounds).headers, [["host", "inner:81"]]);
});
