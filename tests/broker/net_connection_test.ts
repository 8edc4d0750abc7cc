import { makeCertificate } from "./net_certificate.ts";
import { CHUNKED, FLOODS, startFloods } from "./net_floods.ts";
import { grants, modulesThatResolve, TestSandbox } from "./net_sandbox.ts";
import { ok, redirect, startServer, write } from "./net_servers.ts";
import { assert, assertEquals } from "../assert.ts";

function everything(port: number) {
  return grants([`127.0.0.1:${port}`]);
}

/** What the kernel takes for a connection on the loopback device, of which nobody has read anything. */
const IN_THE_KERNEL = 16 * 1024 * 1024;

Deno.test("a connection whose bytes are of no use to its guest is ended, whether or not one waits", async () => {
  await using server = startFloods();
  for (const path of Object.keys(FLOODS)) {
    using sandbox = new TestSandbox({ grants: everything(server.port) });
    const before = server.sent(), head = await sandbox.head(`http://127.0.0.1:${server.port}${path}`);
    if (typeof head !== "string") {
      await new Promise((resolve) => setTimeout(resolve, 150));
      const answer = await sandbox.body(head.response);
      assert(["proto", "connreset", "a body"].includes(answer), `${path}: ${answer}`);
    } else assertEquals(head, "proto", path);
    const sent = server.sent() - before;
    assert(sent < IN_THE_KERNEL, `${path}: ${sent} bytes`);
  }
});

Deno.test("all that comes in is charged: floods, redirects, bodies that nobody reads", async () => {
  await using floods = startFloods();
  const size = 40_000, body = "x".repeat(size);
  await using server = startServer(({ head }) =>
    head.startsWith("GET /away") ? `${redirect("/").replace(": 0", `: ${size}`)}${body}` : ok(body)
  );
  for (const path of Object.keys(FLOODS)) {
    using sandbox = new TestSandbox({ grants: everything(floods.port), quotas: { readBytes: 30_000 } });
    const url = `http://127.0.0.1:${floods.port}${path}`, answer = await sandbox.fetch(url);
    assert(["dquot", "200 dquot", "proto", "200 a body"].includes(answer), `${path}: ${answer}`);
    const before = floods.connections();
    assertEquals([await sandbox.fetch(url), floods.connections()], ["dquot", before], path);
  }
  const url = `http://127.0.0.1:${server.port}`, granted = { grants: everything(server.port) };
  using closing = new TestSandbox({ ...granted, quotas: { readBytes: 3.5 * size } });
  const seen: (string | number)[] = [];
  for (let i = 0; i < 5; i++) {
    const head = await closing.head(url);
    seen.push(typeof head === "string" ? head : head.status);
    await new Promise((resolve) => setTimeout(resolve, 10)); // the body comes in
    if (typeof head !== "string") await closing.operations.perform("httpClose", head);
  }
  assertEquals(seen, [200, 200, 200, 200, "dquot"]);
  using redirected = new TestSandbox({ ...granted, quotas: { readBytes: 1.5 * size } });
  assertEquals(await redirected.fetch(`${url}/away`), "200 dquot");
  using enough = new TestSandbox({ ...granted, quotas: { readBytes: 2.1 * size } });
  assertEquals(await enough.fetch(`${url}/away`), `200 ${body}`);
});

Deno.test("honest chunks of a single byte pass, and cost what they are", async () => {
  const count = 50_000;
  await using server = startServer(async (_request, connection) => {
    await write(connection, CHUNKED + "1\r\nx\r\n".repeat(count) + "0\r\n\r\n");
  });
  const url = `http://127.0.0.1:${server.port}/`;
  using sandbox = new TestSandbox({
    grants: everything(server.port),
    quotas: { readBytes: 6 * count + 100 },
  });
  assertEquals((await sandbox.fetch(url)).length, count + 4);
  assertEquals(await sandbox.fetch(url), "dquot");
});

Deno.test("what TLS adds is charged too, also where it is never trusted", async () => {
  const certificate = await makeCertificate("a.test");
  await using server = startServer(
    () => ok("x".repeat(1000)),
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate }),
  );
  const resolving = modulesThatResolve({ "a.test": ["127.0.0.1"] });
  const trusting = {
    ...resolving,
    secure: (options: Parameters<typeof resolving.secure>[0]) =>
      resolving.secure({ ...options, ca: [certificate.cert] } as typeof options),
  };
  const url = `https://a.test:${server.port}/`,
    granted = { grants: grants([`a.test:${server.port}`, `127.0.0.1:${server.port}`]) };
  for (const [readBytes, answer] of [[4000, `200 ${"x".repeat(1000)}`], [1150, "200 dquot"]] as const) {
    using sandbox = new TestSandbox({ ...granted, modules: trusting, quotas: { readBytes } });
    assertEquals(await sandbox.fetch(url), answer);
  }
  using untrusting = new TestSandbox({ ...granted, modules: resolving, quotas: { readBytes: 1000 } });
  const answers: string[] = [];
  for (let i = 0; i < 10 && answers.at(-1) !== "dquot"; i++) answers.push(await untrusting.fetch(url));
  assert(answers.length < 10 && answers[0] !== "dquot", answers.join());
});
