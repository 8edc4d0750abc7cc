/** Several modules behind one address: which one answers, under which names, and what the log says. */
import { type AccessEntry, accessJson, accessLine, type HttpSite, httpSite } from "../../../wrappers.ts";
import { readRoute, routeOf } from "../../../src/wrappers/http/route.ts";
import { AegisError } from "../../../mod.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { printing, returning, served } from "./rig.ts";

async function ask(site: HttpSite, url: string): Promise<readonly [number, string]> {
  const response = await site.fetch(new Request(url), { remoteAddr: { hostname: "192.0.2.1" } });
  return [response.status, await response.text()];
}

Deno.test("the longest route that fits answers, by whole segments", async () => {
  await using root = await served(printing("A: 1\n\nroot"), { name: "root" });
  await using shop = await served(printing("A: 1\n\nshop"), { name: "shop", route: "/shop" });
  await using cart = await served(returning('{"body":"cart"}'), { name: "cart", route: "/shop/cart/" });
  const log: AccessEntry[] = [];
  const site = httpSite({
    modules: [root.handler, cart.handler, shop.handler],
    hosts: ["localhost"],
    onAccess: (entry) => void log.push(entry),
  });
  for (
    const [path, name] of [["/", "root"], ["/shopping", "root"], ["/shop", "shop"], ["/shop/x", "shop"], [
      "/shop/cart/x",
      "cart",
    ], ["/shop/../x", "root"]]
  ) {
    assertEquals(await ask(site, `http://localhost${path}`), [200, name ?? ""], path);
  }
  assertEquals(log.map(({ module, status, bytes, remote }) => [module, status, bytes, remote])[3], [
    "shop",
    200,
    4,
    "192.0.2.1",
  ]);
  assertEquals((await ask(site, "http://evil.example/"))[0], 421, "a name that leads here is none of ours");
  assertThrows(() => httpSite({ modules: [root.handler, root.handler] }), AegisError);
});

Deno.test("readRoute() takes paths that requests can have, and no others", () => {
  assertEquals(["/", "/a", "/a/", "/a%20b/c"].map(readRoute), ["", "/a", "/a", "/a%20b/c"]);
  for (const route of ["", "a", "//a", "/a//b", "/../a", "/a/.", "/a?b", "/a#b", "/a b", "/ä", "/a\n", 5]) {
    assertEquals(assertThrows(() => readRoute(route), AegisError).field, "route", String(route));
  }
  assertEquals(routeOf("/b", [{ route: "/a" }]), undefined);
});

Deno.test("no text of a request can begin a line of the log, or a word of it", () => {
  const entry: AccessEntry = {
    time: "2026-01-01T00:00:00.000Z",
    remote: "",
    method: "GET",
    target: '/a\n2026 forged\r\x1b[31m"\u202e\u2028 x',
    status: 200,
    bytes: 1,
    duration: 1.25,
    module: "mod\nule",
  };
  assertEquals(
    accessLine(entry),
    '2026-01-01T00:00:00.000Z - GET /a\\x0a2026\\x20forged\\x0d\\x1b[31m"\\u202e\\u2028\\x20x 200 1B 1.3ms mod\\x0aule',
  );
  const json = accessJson(entry);
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  assert(!/[\x00-\x1f\u2028\u202e]/.test(json));
  assertEquals(JSON.parse(json).target, entry.target);
});
