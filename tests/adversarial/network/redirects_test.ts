/** F47: a redirect is followed hop by hop, and whichever hop leads to what is not granted, nothing arrives there. */
import { startHttp } from "./http_guest.ts";
import { assertEquals } from "../../assert.ts";
import { ok, redirect, startServer } from "../../broker/net_servers.ts";
import { NetworkCapability } from "../../../mod.ts";

const STATUSES = [301, 302, 303, 307, 308];

Deno.test("F47 a redirect to a denied host is refused at the first hop and the last, by each status", async () => {
  await using denied = startServer(() => ok("secret"));
  for (const status of STATUSES) {
    for (const hops of status === 302 ? [0, 1, 5, 9] : [1]) {
      await using server = startServer(({ head }) => {
        const [, step = "0"] = /^\S+ \/(\d+)/.exec(head) ?? [];
        const next = Number(step) + 1;
        return redirect(Number(step) < hops ? `/${next}` : `http://127.0.0.1:${denied.port}/in`, status);
      });
      const rig = await startHttp([NetworkCapability.hosts([`http://127.0.0.1:${server.port}`])]);
      for (const method of ["GET", "POST"]) {
        const asked = { method, body: method === "POST" ? "body" : "" };
        const answer = await rig.guest.fetch(`http://127.0.0.1:${server.port}/0`, asked);
        assertEquals(answer, "notcapable", `${status} at ${hops}`);
      }
      await rig.runtime.close();
      assertEquals(server.received.length, 2 * (hops + 1));
      assertEquals(new Set(rig.refused()), new Set([`http://127.0.0.1:${denied.port}`]));
    }
  }
  assertEquals(denied.connections(), 0);
});

Deno.test("F47 no form of a location leads out: names, addresses, schemes, credentials, backslashes", async () => {
  await using denied = startServer(() => ok("secret"));
  const { port: out } = denied;
  const locations = [
    `http://127.0.0.1:${out}/`,
    `//127.0.0.1:${out}/`,
    `\\\\127.0.0.1:${out}\\`,
    `/\\127.0.0.1:${out}/`,
    `http:\\\\127.0.0.1:${out}/`,
    `HTTP://127.0.0.1:${out}/`,
    ` http://127.0.0.1:${out}/ `,
    `ht\ttp://127.0.0.1:${out}/`,
    `http://localhost:${out}/`,
    `http://localhost.:${out}/`,
    `http://2130706433:${out}/`,
    `http://0177.0.0.1:${out}/`,
    `http://0x7f.1:${out}/`,
    `http://[::ffff:127.0.0.1]:${out}/`,
    `http://[::1]:${out}/`,
    `http://0.0.0.0:${out}/`,
    `http://[::]:${out}/`,
    `http://1%327.0.0.1:${out}/`,
    `http://169.254.169.254/latest/meta-data/`,
    `http://[fd00:ec2::254]/latest/meta-data/`,
    `ws://127.0.0.1:${out}/`,
    `ftp://127.0.0.1:${out}/`,
    "file:///etc/passwd",
    "data:text/plain,in",
    "javascript:1",
    "blob:http://127.0.0.1/1",
    `gopher://127.0.0.1:${out}/`,
    `unix:/run/docker.sock`,
  ];
  const none = [
    "http://[",
    "http://",
    `http://user:word@127.0.0.1:${out}/`,
    `http://user@127.0.0.1:${out}/`,
    `http://127。0。0。1:${out}/`,
  ];
  let location = "";
  await using server = startServer(() => redirect(location));
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
  const url = `http://127.0.0.1:${server.port}/`;
  for (location of locations) assertEquals(await rig.guest.fetch(url), "notcapable", location);
  for (location of [...none, `http://user@127.0.0.1:${server.port}/`]) {
    assertEquals(await rig.guest.fetch(url), "proto", location);
  }
  assertEquals(denied.connections(), 0);
});

Deno.test("F47 what only looks like a redirect is none: other statuses, refresh, 1xx, several locations, a page", async () => {
  await using denied = startServer(() => ok("secret"));
  const there = `http://127.0.0.1:${denied.port}/`, head = `location: ${there}\r\n`;
  const page = `<meta http-equiv="refresh" content="0;url=${there}">`;
  const answers: readonly (readonly [string, string])[] = [
    ...[200, 201, 204, 300, 304, 305, 306, 399, 401, 503].map((status) =>
      [`HTTP/1.1 ${status} X\r\n${head}content-length: 0\r\n\r\n`, `${status} `] as const
    ),
    [ok("", `refresh: 0;url=${there}\r\n`), "200 "],
    [ok("", `content-location: ${there}\r\nlink: <${there}>; rel=preload\r\n`), "200 "],
    [ok(page, "content-type: text/html\r\n"), `200 ${page}`],
    [`HTTP/1.1 103 Early\r\n${head}\r\n${ok("in")}`, "200 in"],
    [`HTTP/1.1 302 F\r\nlocation: /end\r\n${head}content-length: 0\r\n\r\n`, "200 end"],
    [ok("in", 'alt-svc: h3=":443"\r\nproxy-authenticate: Basic\r\n'), "200 in"],
  ];
  let answer = "";
  await using server = startServer(({ head }) => head.startsWith("GET /end") ? ok("end") : answer);
  await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
  for (const [text, expected] of answers) {
    answer = text;
    assertEquals(await rig.guest.fetch(`http://127.0.0.1:${server.port}/`), expected, text);
  }
  assertEquals(denied.connections(), 0);
});

Deno.test("F47 a redirect has no method that was not granted, and none goes on without end", async () => {
  await using server = startServer(({ head }) =>
    head.includes("/again") ? redirect("/again") : redirect("/get", 303)
  );
  const host = `127.0.0.1:${server.port}`;
  await using rig = await startHttp([NetworkCapability.hosts([host], { methods: ["POST"] })]);
  assertEquals(await rig.guest.fetch(`http://${host}/`, { method: "POST", body: "x" }), "notcapable");
  assertEquals(server.received.length, 1);
  await using any = await startHttp([NetworkCapability.hosts([host])]);
  assertEquals(await any.guest.fetch(`http://${host}/again`), "loop");
  assertEquals(server.received.length, 1 + 11);
});

Deno.test("F47 a proxy of the environment is not obeyed", async () => {
  await using proxy = startServer(() => ok("proxied"));
  await using server = startServer(() => ok("direct"));
  const names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY", "NODE_USE_ENV_PROXY"];
  const before = names.map((name) => Deno.env.get(name));
  for (const name of names) {
    Deno.env.set(name, name.startsWith("NODE") ? "1" : `http://127.0.0.1:${proxy.port}`);
  }
  try {
    await using rig = await startHttp([NetworkCapability.hosts([`127.0.0.1:${server.port}`])]);
    assertEquals(await rig.guest.fetch(`http://127.0.0.1:${server.port}/`), "200 direct");
    assertEquals(proxy.connections(), 0);
  } finally {
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});
