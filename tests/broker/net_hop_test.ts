/** Redirects of requests: each hop is decided like the first, and what proves who asks stays with its origin. */
import { everything, grants, NAMES, TestSandbox } from "./net_sandbox.ts";
import { ok, redirect, startServer } from "./net_servers.ts";
import { resolveSecrets } from "../../src/policy/secret.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

Deno.test("every hop of a redirect is decided: a denied one is not reached, whichever it is", async () => {
  await using forbidden = startServer(() => ok("secret"));
  for (let hops = 1; hops <= 4; hops++) {
    let left = 0;
    await using server = startServer(() =>
      --left > 0
        ? redirect(`http://b.test:${server.port}/${left}`)
        : redirect(`http://127.0.0.1:${forbidden.port}/`)
    );
    using sandbox = new TestSandbox({ grants: everything(server.port), names: NAMES });
    left = hops;
    assertEquals(await sandbox.fetch(`http://a.test:${server.port}/`), "notcapable", `after ${hops} hops`);
    assertEquals(server.received.length, hops);
    assertEquals(sandbox.events.map(({ target, allowed }) => [target, allowed]), [
      [`http://127.0.0.1:${forbidden.port}`, false],
    ]);
  }
  assertEquals(forbidden.connections(), 0);
});

Deno.test("redirects to other schemes, other forms of an address and credentials are refused", async () => {
  await using forbidden = startServer(() => ok("secret"));
  const { port } = forbidden;
  const cases: readonly (readonly [string, string])[] = [
    ["file:///etc/passwd", "notcapable"],
    [`http://2130706433:${port}/`, "notcapable"],
    [`//127.1:${port}/`, "notcapable"],
    [`http://[::ffff:127.0.0.1]:${port}/`, "notcapable"],
    ["http://169.254.169.254/latest/meta-data/", "notcapable"],
    ["http://[fd00:ec2::254]/", "notcapable"],
    ["javascript:alert(1)", "notcapable"],
    ["http://u:p@a.test/", "proto"],
    ["http://[", "proto"],
  ];
  for (const [location, errno] of cases) {
    await using server = startServer(() => redirect(location));
    using sandbox = new TestSandbox({
      grants: grants([`a.test:${server.port}`, `127.0.0.1:${server.port}`]),
      names: NAMES,
    });
    assertEquals(await sandbox.fetch(`http://a.test:${server.port}/`), errno, location);
  }
  assertEquals(port > 0 && forbidden.connections(), 0);
});

Deno.test("ten redirects are followed, eleven are not", async () => {
  let left = 0;
  await using server = startServer(() => left-- > 0 ? redirect(`/${left}`) : ok("there"));
  using sandbox = new TestSandbox({ grants: everything(server.port), auditAll: true });
  left = 10;
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "200 there");
  assertEquals(
    sandbox.events.map(({ allowed }) => allowed),
    new Array(11).fill(true),
    "each hop is recorded",
  );
  left = 11;
  assertEquals(await sandbox.fetch(`http://127.0.0.1:${server.port}/`), "loop");
});

Deno.test("a redirect to another origin loses what proves who asks, and the secrets", async () => {
  await using server = startServer(({ head }) => {
    return head.includes("host: a.test") ? redirect(`http://b.test:${server.port}/`, 307) : ok("x");
  });
  using sandbox = new TestSandbox({
    grants: everything(server.port),
    names: NAMES,
    secrets: resolveSecrets([{
      name: "KEY",
      value: "s3cret",
      hosts: [`http://a.test:${server.port}`, `http://b.test:${server.port}`],
    }]),
  });
  const headers = "Authorization: me\nCookie: c\nx-key: {{secret:KEY}}\nx-other: o\n";
  const asked = { method: "POST", headers, body: "content" };
  assertEquals(await sandbox.fetch(`http://a.test:${server.port}/`, asked), "200 x");
  const [first, second] = server.received;
  for (const line of ["authorization: me", "cookie: c", "x-key: s3cret"]) {
    assertStringIncludes(first?.head ?? "", line);
    assert(!second?.head.includes(line), line);
  }
  assertStringIncludes(second?.head ?? "", "POST / HTTP/1.1");
  assertStringIncludes(second?.head ?? "", "x-other: o");
  assertEquals(second?.body, "content");
});
