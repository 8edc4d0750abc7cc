/**
 * F48: whatever a host is called, and whatever its name resolves to, a guest reaches what was granted by that very name,
 * and no other address of this machine or of a network behind it.
 */
import { startHttp } from "./http_guest.ts";
import { runInPrivateNetwork } from "./private_network.ts";
import { assert, assertEquals } from "../../assert.ts";
import { ok, startServer } from "../../broker/net_servers.ts";
import { NetworkCapability } from "../../../mod.ts";
import { normaliseHost } from "../../../src/policy/host_name.ts";

/** Hosts that lead to this machine or near it, in every form that some system reads. */
const NEAR = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "2130706433",
  "017700000001",
  "0x7f000001",
  "0x7F.0.0.0x1",
  "0177.0.0.01",
  "127.0.0.1.",
  "127.255.255.254",
  "1%327.0.0.1",
  "１２７.0.0.1",
  "①②⑦.0.0.1",
  "127。0。0。1",
  "0.0.0.0",
  "0",
  "00000",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "LocalHost.",
  "l%6Fcalhost",
  "a.localhost",
  "ｌｏｃａｌｈｏｓｔ",
  "169.254.169.254",
  "2852039166",
  "0xA9FEA9FE",
  "0251.0376.0251.0376",
  "169.254.43518",
  "[::ffff:169.254.169.254]",
  "[::ffff:a9fe:a9fe]",
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b:1::a9fe:a9fe]",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "100.100.100.200",
  "168.63.129.16",
  "192.168.0.1",
  "10.0.0.1",
  "172.16.0.1",
  "255.255.255.255",
  "224.0.0.1",
  "metadata.google.internal",
  "metadata",
  "host.docker.internal",
  "printer.local",
];

/** What is no host at all. */
const NO_HOSTS = [
  "[fe80::1%25lo]",
  "[::1%lo]",
  "256.256.256.256",
  "1.2.3.4.5",
  "0x100000000",
  "[127.0.0.1]",
  "a b",
  "xn--a",
];

Deno.test("F48 a grant of all public hosts leads to no address of this machine or near it, in any form", async () => {
  await using server = startServer(() => ok("in"));
  const { port } = server;
  await using rig = await startHttp([NetworkCapability.full({ ports: [port, 80] })]);
  for (const host of NEAR) {
    for (const url of [`http://${host}:${port}/`, `http://${host}/`]) {
      assertEquals(await rig.guest.fetch(url), "notcapable", url);
    }
  }
  for (const host of NO_HOSTS) {
    const answer = await rig.guest.fetch(`http://${host}:${port}/`);
    assert(["inval", "notcapable"].includes(answer), `${host}: ${answer}`);
  }
  assertEquals(server.connections(), 0);
});

Deno.test("F48 a granted address is reached in all forms of that address, and no other is", async () => {
  await using server = startServer(() => ok("in"));
  const { port } = server;
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${port}`])]);
  const forms = NEAR.filter((host) => normaliseHost(new URL(`http://${host}/`).hostname) === "127.0.0.1");
  assertEquals(forms.length, 15);
  for (const host of forms) {
    assertEquals(await rig.guest.fetch(`http://${host}:${port}/`), "200 in", host);
  }
  const heads = new Set(server.received.map(({ head }) => /^host: (.*)$/m.exec(head)?.[1]));
  assertEquals(heads, new Set([`127.0.0.1:${port}`]), "one spelling goes out");
  const count = server.connections();
  for (const host of NEAR.filter((host) => !forms.includes(host))) {
    assertEquals(await rig.guest.fetch(`http://${host}:${port}/`), "notcapable", host);
  }
  assertEquals(server.connections(), count);
});

Deno.test("F48 a URL with tricks goes where its host says: user, port, scheme, backslash, control characters", async () => {
  await using server = startServer(() => ok("in"));
  await using other = startServer(() => ok("other"));
  const here = `127.0.0.1:${server.port}`, there = `127.0.0.1:${other.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([here])]);
  const cases: readonly (readonly [string, string])[] = [
    [`http://${here}@${there}/`, "inval"],
    [`http://${here}:80@${there}/`, "inval"],
    [`http://a:b@${here}/`, "inval"],
    [`http://${there}#@${here}/`, "notcapable"],
    [`http://${there}/@${here}/`, "notcapable"],
    [`http://${there}\\@${here}/`, "notcapable"],
    [`http://${there}?@${here}/`, "notcapable"],
    [`http://${there}%2f@${here}/`, "inval"],
    [`http://${here}\r\nhost: ${there}\r\n/`, "inval"],
    [`http://${here}/ HTTP/1.1\r\nhost: x\r\n\r\nGET /`, "200 in"],
    [`http://${here}/\0`, "200 in"],
    [`http://${here}/\u{2028}\u{10ffff}ÿ?ÿ#ÿ`, "200 in"],
    [`\t h\nttp:${here}`, "200 in"],
    [`http:/${here}`, "200 in"],
    [`http:\\\\${here}\\`, "200 in"],
    [`http://127.0.0.1:0${server.port}/`, "200 in"],
    [`http://127.0.0.1:${server.port + 65536}/`, "inval"],
    ["http://127.0.0.1:0/", "notcapable"],
    ["http://127.0.0.1:-1/", "inval"],
    [`http://127.0.0.1:${server.port}:${other.port}/`, "inval"],
    [`ws://${here}/`, "inval"],
    [`file://${here}/etc/passwd`, "inval"],
    ["file:///etc/passwd", "inval"],
    [`//${here}/`, "inval"],
    ["", "inval"],
  ];
  for (const [url, expected] of cases) {
    assertEquals(await rig.guest.fetch(url), expected, JSON.stringify(url));
  }
  assertEquals(other.connections(), 0);
  for (const { head } of server.received) {
    assert(/^GET \/[\x21-\x7e]* HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/.test(head), JSON.stringify(head));
    assertEquals(head.match(/HTTP\/1/g)?.length, head.includes("%20HTTP/1") ? 2 : 1);
  }
});

Deno.test("F48 a name that was granted is no pattern, no suffix and no prefix of another", async () => {
  await using rig = await startHttp([
    NetworkCapability.hosts(["example.com", "*.example.org", "xn--bcher-kva.example"]),
  ]);
  const others = [
    "example.com.evil.test",
    "evilexample.com",
    "example.co",
    "www.example.com",
    "example.org",
    "evilexample.org",
    "example.org.evil.test",
    "exаmple.com",
    "example。com.evil.test",
    "example.com%00.evil.test",
    "example.com%2eevil.test",
    "bucher.example",
    "xn--bcher-kvb.example",
  ];
  for (const host of others) {
    const answer = await rig.guest.fetch(`http://${host}/`);
    assert(["notcapable", "inval"].includes(answer), `${host}: ${answer}`);
  }
  for (const method of ["CONNECT", "TRACE", "TRACK", "HTTP2-PRI"]) {
    const answer = await rig.guest.fetch("http://example.com/", { method });
    assert(["notcapable", "inval"].includes(answer), `${method}: ${answer}`);
  }
  for (const method of ["get", "", "G T", "GET /\r\n", "GET\t", "ＧＥＴ", "G".repeat(33)]) {
    const answer = await rig.guest.fetch("http://example.com/", { method });
    assert(["inval", "nametoolong"].includes(answer), `${method}: ${answer}`);
  }
});

Deno.test({
  name: "F48 names that resolve to what is near, at first or at last, lead nowhere (in a network of its own)",
  fn: async (context) => {
    const report = await runInPrivateNetwork();
    if (report === undefined) return console.log("skipped: no root, or no namespaces on this system");
    for (const { name, actual, expected } of report.cases) {
      await context.step(name, () => assertEquals(actual, expected));
    }
    assert(report.cases.length > 20);
  },
});
