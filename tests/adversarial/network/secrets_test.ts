/** F50: a secret goes to its hosts, in headers, and nowhere else; neither guest nor record ever holds one. */
import { HttpGuest, startHttp } from "./http_guest.ts";
import { assert, assertEquals } from "../../assert.ts";
import { ok, redirect, startServer } from "../../broker/net_servers.ts";
import { type AegisOptions, type Capability, NetworkCapability, type SandboxOptions } from "../../../mod.ts";

const VALUE = "s3cr3t-0f-the-host";

const AUTHORIZED = "authorization: Bearer {{secret:TOKEN}}\n";

/** Whether anything in what servers received, or in what was recorded, holds the secret. */
function leaked(...held: readonly unknown[]): boolean {
  return JSON.stringify(held).includes(VALUE);
}

async function start(
  places: { readonly secret: readonly string[]; readonly granted: readonly string[] },
  options: AegisOptions = {},
) {
  const capabilities: Capability[] = [NetworkCapability.hosts(places.granted)];
  const own: SandboxOptions = { secrets: [{ name: "TOKEN", value: VALUE, hosts: places.secret }] };
  return await startHttp(capabilities, options, own);
}

Deno.test("F50 a secret goes to its own scheme, host and port, and to no other, whatever the spelling", async () => {
  await using server = startServer(() => ok("in"));
  await using other = startServer(() => ok("in"));
  const [own, foreign] = [server.port, other.port];
  const granted = [own, foreign].flatMap((port) => [`127.0.0.1:${port}`, `localhost:${port}`]);
  const rig = await start({ secret: [`http://127.0.0.1:${own}`], granted });
  for (const host of ["127.0.0.1", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "127.0.0.1."]) {
    assertEquals(await rig.guest.fetch(`http://${host}:${own}/`, { headers: AUTHORIZED }), "200 in", host);
    assert(leaked(server.received.at(-1)), host);
  }
  const sent = server.connections();
  for (
    const url of [
      `http://127.0.0.1:${foreign}/`,
      `http://localhost:${own}/`,
      `http://localhost.:${own}/`,
      `https://127.0.0.1:${own}/`,
    ]
  ) {
    assertEquals(await rig.guest.fetch(url, { headers: AUTHORIZED }), "notcapable", url);
  }
  assertEquals([server.connections(), other.connections()], [sent, 0]);
  await rig.runtime.close();
  assertEquals(leaked(rig.events), false);
  assert(rig.refused().includes("TOKEN"));
});

Deno.test("F50 a secret for a host without a scheme does not go over http", async () => {
  await using server = startServer(() => ok("in"));
  const host = `127.0.0.1:${server.port}`;
  for (const secret of [host, `https://${host}`, "127.0.0.1", `HTTPS://${host}`]) {
    await using rig = await start({ secret: [secret], granted: [host] });
    assertEquals(await rig.guest.fetch(`http://${host}/`, { headers: AUTHORIZED }), "notcapable", secret);
  }
  assertEquals(server.connections(), 0);
});

Deno.test("F50 a secret stands in the value of a header alone: no URL, body, method, name or other spelling", async () => {
  await using server = startServer(() => ok("in"));
  const host = `127.0.0.1:${server.port}`, place = "{{secret:TOKEN}}";
  await using rig = await start({ secret: [`http://${host}`], granted: [host] });
  const tries = [
    { url: `http://${host}/${place}?${place}#${place}` },
    { method: "POST", body: place },
    { headers: "x: {{secret: TOKEN}}\n" },
    { headers: "x: {{secret:token}}\n" },
    { headers: "x: {{Secret:TOKEN}}\n" },
    { headers: "x: {secret:TOKEN}\n" },
    { headers: `host: ${place}\nconnection: ${place}\nproxy-authorization: ${place}\n` },
    { headers: "x: {{secret:TOKEN\ny: }}\n" },
    { headers: "x: {{secret:{{secret:NONE}}}}\n" },
    { headers: `${place}: x\n` },
    { headers: "x: {{secret:__proto__}}\n" },
    { headers: "x: {{secret:constructor}}\n" },
    { url: `http://${place}/` },
    { url: `http://${place}@${host}/` },
  ];
  for (const { url = `http://${host}/`, ...asked } of tries) await rig.guest.fetch(url, asked);
  assert(server.received.length >= 5);
  assertEquals(leaked(server.received, rig.events), false);
});

Deno.test("F50 no redirect carries a secret elsewhere: other port, name, scheme, and back again", async () => {
  const seen: string[] = [];
  await using other = startServer(({ head }) => {
    seen.push(head);
    return ok("end");
  });
  let location = "", status = 302;
  await using server = startServer(({ head }) => {
    if (!/^\S+ \/end /.test(head)) return redirect(location, status);
    seen.push(head);
    return ok("end");
  });
  const own = `127.0.0.1:${server.port}`,
    granted = [own, `127.0.0.1:${other.port}`, `localhost:${server.port}`];
  await using rig = await start({ secret: [`http://${own}`], granted });
  const headers = "authorization: own\ncookie: own\ncookie2: own\nx-key: {{secret:TOKEN}}\nx-plain: kept\n";
  for (status of [301, 302, 303, 307, 308]) {
    for (
      location of [
        `http://127.0.0.1:${other.port}/`,
        `http://localhost:${server.port}/end`,
        `//127.0.0.1:${other.port}/`,
      ]
    ) {
      const asked = { method: "POST", body: "b", headers };
      assertEquals(await rig.guest.fetch(`http://${own}/`, asked), "200 end", `${status} ${location}`);
    }
  }
  assertEquals(seen.length, 15);
  assertEquals(leaked(seen), false);
  assert(seen.every((head) => head.includes("x-plain: kept") && !/^(authorization|cookie2?):/m.test(head)));
  // By a second host and back: what was taken away does not come back.
  await using back = startServer(() => redirect(`http://${own}/end`, 307));
  await using round = await start({ secret: [`http://${own}`], granted: [own, `127.0.0.1:${back.port}`] });
  location = `http://127.0.0.1:${back.port}/`;
  const way = () =>
    [server, back].map(({ port, received }) =>
      `${port}: ${received.map(({ head }) => head.split("\r\n", 1))}`
    );
  assertEquals(await round.guest.fetch(`http://${own}/`, { headers }), "200 end", way().join("; "));
  assertEquals(leaked(seen), false);
  location = "/end";
  assertEquals(await round.guest.fetch(`http://${own}/`, { headers }), "200 end");
  assert(leaked(seen.at(-1)), "within its origin it goes along");
});

Deno.test("F50 a sandbox does not use the secrets of another, nor a guest that has none", async () => {
  await using server = startServer(() => ok("in"));
  const host = `127.0.0.1:${server.port}`;
  await using rig = await start({ secret: [`http://${host}`], granted: [host] });
  const other = await HttpGuest.start(rig.runtime);
  assertEquals(await rig.guest.fetch(`http://${host}/`, { headers: AUTHORIZED }), "200 in");
  assertEquals(await other.fetch(`http://${host}/`, { headers: AUTHORIZED }), "notcapable");
  assertEquals(server.received.length, 1);
});

Deno.test("F50 what went wrong on the way names no secret, no address and no path of this machine", async () => {
  await using server = startServer((_, connection) => connection.close());
  const host = `127.0.0.1:${server.port}`;
  const rig = await start({ secret: [`http://${host}`], granted: [host, "127.0.0.1:1"] });
  for (const url of [`http://${host}/`, "http://127.0.0.1:1/", `https://${host}/`]) {
    for (const headers of [AUTHORIZED, `x: ${"{{secret:TOKEN}}".repeat(900)}\n`]) {
      const outcome = await rig.guest.ask(url, { headers });
      assert(outcome.kind === "value" && typeof outcome.values[0] === "number");
      assertEquals(leaked(outcome), false);
    }
  }
  await rig.runtime.close();
  assertEquals(leaked(rig.events, rig.guest.sandbox.denials(), rig.guest.sandbox.output()), false);
});
