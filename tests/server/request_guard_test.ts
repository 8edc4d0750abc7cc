import { assert, assertEquals } from "../assert.ts";
import { ANSWER, ServerRig } from "./rig.ts";

Deno.test("G58 a request under a name that is not the server's is refused: no page can have the name of its own resolve here", async () => {
  await using rig = await ServerRig.start({ open: true });
  const status = async (host: string) => (await rig.ask("GET", "/stats", { headers: { Host: host } })).status;
  for (const host of ["localhost", "localhost:8080", "127.0.0.1:1", "LOCALHOST"]) {
    assertEquals(await status(host), 200);
  }
  for (
    const host of [
      "evil.example",
      "localhost.evil.example",
      "127.0.0.1.evil.example:80",
      "[::1]",
      "a@localhost",
      "localhost:80:80",
    ]
  ) {
    assertEquals(await status(host), 421, host);
  }
});

Deno.test("G58 pages of other origins may not ask, unless they are named", async () => {
  await using rig = await ServerRig.start({ open: true, origins: ["https://board.example"] });
  const ask = (headers: Record<string, string>, method = "GET") => rig.ask(method, "/stats", { headers });
  for (
    const origin of ["https://evil.example", "null", "http://localhost:81", "https://board.example.evil"]
  ) {
    const { status, response } = await ask({ Origin: origin });
    assertEquals([status, response.headers.get("access-control-allow-origin")], [403, null], origin);
    assertEquals((await ask({ Origin: origin }, "OPTIONS")).status, 403);
  }
  assertEquals((await ask({ "Sec-Fetch-Site": "cross-site" })).status, 403, "an image, a form, a link");
  const own = await ask({ Origin: "http://localhost" });
  assertEquals([own.status, own.response.headers.get("access-control-allow-origin")], [200, null]);
  const named = await ask({ Origin: "https://board.example" });
  assertEquals([named.status, named.response.headers.get("access-control-allow-origin")], [
    200,
    "https://board.example",
  ]);
  const preflight = await ask({ Origin: "https://board.example" }, "OPTIONS");
  assertEquals([preflight.status, preflight.response.headers.get("access-control-max-age")], [204, "600"]);
});

Deno.test("G59 who asks too often waits, each address for itself, and a wrong token costs more", async () => {
  await using rig = await ServerRig.start({ rate: { perSecond: 2, burst: 3 } });
  const statuses = async (count: number) => {
    const list: number[] = [];
    for (let turn = 0; turn < count; turn++) list.push((await rig.ask("GET", "/stats")).status);
    return list;
  };
  assertEquals(await statuses(4), [200, 200, 200, 429]);
  rig.now += 1000;
  assertEquals(await statuses(3), [200, 200, 429]);
  await using patient = await ServerRig.start();
  const wrong = [];
  for (let turn = 0; turn < 25; turn++) {
    wrong.push(
      (await patient.ask("GET", "/stats", { headers: { Authorization: `Bearer guess${turn}` } })).status,
    );
  }
  assertEquals([wrong.slice(0, 20), wrong.slice(20)], [Array(20).fill(401), Array(5).fill(429)]);
  assertEquals((await patient.ask("GET", "/stats")).status, 200, "the right one is let in");
  const { response } = await patient.ask("GET", "/stats", { headers: { Authorization: "Bearer guess" } });
  assert(Number(response.headers.get("retry-after")) > 0);
});

Deno.test("G59 what a task is given is nested no deeper than 64 levels, one by one and in a batch", async () => {
  await using rig = await ServerRig.start();
  const module = await rig.module(ANSWER);
  const nested = (levels: number) => JSON.parse(`${"[".repeat(levels)}1${"]".repeat(levels)}`);
  for (const [levels, accepted] of [[64, true], [65, false], [2000, false]] as const) {
    const args = [nested(levels)];
    const task = await rig.ask("POST", "/api/v1/tasks", { json: { name: "deep", module, args } });
    const once = await rig.ask("POST", "/api/v1/run", { json: { module, args } });
    const batch = await rig.ask("POST", "/api/v1/batches", { json: { name: "deep", module, rows: [args] } });
    const statuses = [task, once, batch].map(({ status }) => status);
    assertEquals(
      statuses.map((status) => status !== 400),
      [accepted, accepted, accepted],
      `${levels}: ${statuses}`,
    );
  }
  assertEquals(rig.internal, []);
});

Deno.test("G59 a body that is too large, too deep or no JSON is refused", async () => {
  await using rig = await ServerRig.start({ runtime: { moduleSize: "1MiB" } });
  const hash = await rig.module("");
  const post = async (body: string, type = "application/json", path = "/api/v1/tasks") =>
    (await rig.parts.app.request(path, {
      method: "POST",
      body,
      headers: { Host: "localhost", Authorization: `Bearer ${rig.admin}`, "Content-Type": type },
    })).status;
  assertEquals(await post(`{"name":"${"a".repeat(17 * 2 ** 20)}"}`), 413);
  assertEquals(await post("a".repeat(1100 * 1024), "application/wasm", "/api/v1/modules"), 413);
  for (const wrong of ["", "{", "[]", "null", "1", '{"name":1}', "<xml/>"]) {
    assertEquals(await post(wrong), 400, wrong);
  }
  assertEquals(
    await post(`{"name":"deep","module":"${hash}","args":[${"[".repeat(200_000)}${"]".repeat(200_000)}]}`),
    400,
  );
  assertEquals(await post(`{"name":"x","module":"${hash}"}`, "text/plain"), 415);
  assertEquals(await post(`{"__proto__":{"priority":"high"},"name":"x","module":"${hash}"}`), 400);
  assertEquals(await post(`{"name":"x","module":"${hash}"}`), 201);
  assertEquals(rig.internal, []);
});
