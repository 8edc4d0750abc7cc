import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals } from "../assert.ts";
import { OpenApi } from "./openapi.ts";
import { ANSWER, ENDLESS, ServerRig, until } from "./rig.ts";

type Json = Record<string, unknown>;

const MISSING = "00000000-0000-0000-0000-000000000000", NO_HASH = "0".repeat(64);

Deno.test("every route answers what the document says, when it is used well and when it is not", async () => {
  await using rig = await ServerRig.start({ runtime: { fuelLimit: "unlimited" } });
  const api = await OpenApi.of(rig),
    bytes = compileText(`(module ${ANSWER} (func (export "add") (param i32 i64)
    (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1))))`);
  const ask = async (
    method: string,
    path: string,
    options: Parameters<ServerRig["ask"]>[2] = {},
    status = 200,
  ) => {
    const answer = await api.ask(rig, method, path, options);
    assertEquals(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as Json;
  };
  await ask("GET", "/api/v1/health");
  await ask("GET", "/api/v1/ready");
  const { hash } = await ask("POST", "/api/v1/modules?name=answer", { bytes }, 201);
  await ask("POST", "/api/v1/modules", { bytes: new Uint8Array(8) }, 422);
  await ask("GET", "/api/v1/modules");
  await ask("GET", `/api/v1/modules/${hash}`);
  await ask("GET", `/api/v1/modules/${NO_HASH}`, {}, 404);
  await ask("GET", `/api/v1/modules/${hash}/bytes`);
  await ask("GET", `/api/v1/modules/${NO_HASH}/bytes`, {}, 404);

  const task = await ask("POST", "/api/v1/tasks", {
    json: {
      name: "add",
      module: hash,
      function: "add",
      args: [2, "9007199254740993"],
      group: "sums",
      start: true,
    },
    headers: { "Idempotency-Key": "one" },
  }, 201);
  const again = await ask("POST", "/api/v1/tasks", {
    json: { name: "add", module: hash, start: true },
    headers: { "Idempotency-Key": "one" },
  }, 201);
  assertEquals(again["id"], task["id"]);
  await until(() => rig.tasks.get(String(task["id"])).state === "completed");
  const one = `/api/v1/tasks/${task["id"]}`;
  assertEquals(
    (await ask("GET", one))["executions"],
    1,
    "a request that comes twice makes and starts one task",
  );
  const done = await ask("GET", `${one}/executions`), [execution] = done["items"] as Json[];
  assertEquals([execution?.["results"], execution?.["inputs"]], [["9007199254740995"], [
    2,
    "9007199254740993",
  ]]);
  await ask("GET", `${one}/logs`);
  await ask("GET", `${one}/usage`);
  for (const action of ["pause", "resume", "stop"]) await ask("POST", `${one}/${action}`, {}, 409);
  await ask("POST", `${one}/start`);
  await rig.tasks.ended(String(task["id"]));
  await ask("POST", `${one}/restart`);
  await rig.tasks.ended(String(task["id"]));
  for (const path of ["", "/logs", "/usage", "/executions"]) {
    await ask("GET", `/api/v1/tasks/${MISSING}${path}`, {}, 404);
  }
  await ask("POST", `/api/v1/tasks/${MISSING}/start`, {}, 404);
  await ask("POST", "/api/v1/tasks", { json: { name: "x", module: NO_HASH } }, 404);
  await ask("POST", "/api/v1/tasks", { json: { name: "x", module: hash, colour: "red" } }, 400);
  await ask(
    "POST",
    "/api/v1/tasks",
    { json: { name: "x", module: hash, limits: { fuelLimit: "lots" } } },
    400,
  );
  await ask("POST", "/api/v1/tasks", { json: { name: "", module: hash } }, 400);
  await ask("GET", "/api/v1/tasks?state=completed,failed&text=ADD&limit=5&group=sums");
  await ask("GET", "/api/v1/tasks?state=asleep", {}, 400);

  const batch = await ask("POST", "/api/v1/batches", {
    json: { name: "batch", module: hash, function: "add", rows: [[1, 1], [2, 2], [3, 3]] },
  }, 201);
  assertEquals((batch["ids"] as string[]).length, 3);
  await until(() => rig.tasks.ids({ group: String(batch["group"]), states: ["completed"] }).length === 3);
  await ask("GET", "/api/v1/groups");
  const bulk = await ask("POST", "/api/v1/tasks/bulk", { json: { action: "stop", group: batch["group"] } });
  assertEquals(
    (bulk["results"] as Json[]).map(({ error }) => (error as Json)["code"]),
    Array(3).fill("WrongState"),
  );
  await ask("POST", "/api/v1/tasks/bulk", { json: { action: "remove" } }, 400);
  const run = await ask("POST", "/api/v1/run", { json: { module: hash } });
  assertEquals([run["status"], run["results"]], ["succeeded", [42]]);
  const bad = await ask("POST", "/api/v1/run", { json: { module: hash, function: "none" } });
  assertEquals([bad["status"], bad["outcome"]], ["failed", "FunctionNotFound"]);

  await ask("GET", "/api/v1/executions?status=failed&text=none");
  await ask("GET", `/api/v1/executions/${run["id"]}`);
  await ask("GET", `/api/v1/executions/${run["id"]}/logs`);
  await ask("GET", `/api/v1/executions/${run["id"]}/activity`);
  await ask("GET", "/api/v1/executions/999999", {}, 404);
  await ask("GET", "/api/v1/executions/999999/activity", {}, 404);
  await ask("GET", "/api/v1/executions/999999/logs", {}, 404);
  await ask("GET", "/api/v1/executions/export");
  await ask("GET", "/api/v1/executions/export?format=csv");
  await ask("GET", "/api/v1/executions/series?buckets=7&status=succeeded,failed&text=a");
  await ask("GET", "/api/v1/executions/series?since=5&until=5", {}, 400);
  await ask("GET", "/api/v1/executions/series?buckets=501", {}, 400);
  await ask("GET", "/api/v1/session");
  await ask("GET", "/api/v1/meters");
  await ask("GET", "/api/v1/policy");
  await ask("GET", "/api/v1/stats");
  await ask("GET", "/metrics");
  const schedule = await ask(
    "POST",
    "/api/v1/schedules",
    { json: { task: task["id"], cron: "0 4 * * *" } },
    201,
  );
  await ask("POST", "/api/v1/schedules", { json: { task: task["id"], cron: "never" } }, 400);
  await ask("POST", "/api/v1/schedules", { json: { task: MISSING, cron: "0 4 * * *" } }, 404);
  await ask("GET", `/api/v1/schedules?task=${task["id"]}`);
  await ask("PATCH", `/api/v1/schedules/${schedule["id"]}`, { json: { enabled: false } });
  await ask("PATCH", `/api/v1/schedules/${MISSING}`, { json: { enabled: false } }, 404);
  await ask("DELETE", `/api/v1/schedules/${schedule["id"]}`, {}, 204);
  await ask("DELETE", `/api/v1/schedules/${schedule["id"]}`, {}, 404);
  await ask("GET", "/api/v1/tokens");
  await ask("POST", "/api/v1/tokens", { json: { name: "reader", role: "read" } }, 201);
  await ask("POST", "/api/v1/tokens", { json: { name: "reader", role: "read" } }, 409);
  await ask("DELETE", "/api/v1/tokens/reader", {}, 204);
  await ask("DELETE", "/api/v1/tokens/admin", {}, 409);
  await ask("DELETE", `/api/v1/modules/${hash}`, {}, 409);
  await ask("DELETE", one, {}, 204);
  await ask("DELETE", one, {}, 404);
  const audit = await ask("GET", "/api/v1/audit?limit=1000");
  assert(
    (audit["items"] as Json[]).some(({ action, actor }) => action === "task.remove" && actor === "admin"),
  );

  const loaded = await ask("POST", "/tasks", { json: { name: "seed", wasm_data: [...bytes] } });
  for (
    const [method, path] of [["GET", "/tasks"], ["GET", "/stats"], [
      "GET",
      `/tasks/${loaded["data"]}`,
    ]] as const
  ) {
    await ask(method, path);
  }
  await ask("POST", `/tasks/${loaded["data"]}/pause`, {}, 409);
  await ask("POST", `/tasks/${loaded["data"]}/start`);
  await rig.tasks.ended(String(loaded["data"]));
  await ask("POST", `/tasks/${loaded["data"]}/stop`, {}, 409);
  await ask("POST", "/tasks", { json: { name: "seed", wasm_data: [256] } }, 400);
  await ask("DELETE", `/tasks/${loaded["data"]}`);
  await ask("GET", `/tasks/${loaded["data"]}`, {}, 404);

  const told = new Set([...api.judged].map((line) => line.replace(/ \d+$/, "")));
  const all = [...api.paths].flatMap(([path, methods]) =>
    [...methods.keys()].map((method) => `${method.toUpperCase()} ${path}`)
  );
  assertEquals(all.filter((route) => !told.has(route)), ["GET /api/v1/events"], "every route was asked");
  assertEquals(rig.internal, []);
});

Deno.test("G59 nobody without a token gets anything but health, and who may only look changes nothing", async () => {
  await using rig = await ServerRig.start();
  const api = await OpenApi.of(rig), reader = rig.tokens.add("reader", "read", 0);
  const open = new Set(["/api/v1/health", "/api/v1/ready"]);
  for (const [path, methods] of api.paths) {
    for (const method of methods.keys()) {
      const real = path.replaceAll(/\{\w+\}/g, "1"), name = `${method} ${path}`;
      for (const wrong of ["", "Bearer wrong", `Basic ${rig.admin}`, `Bearer ${rig.admin}x`]) {
        rig.now += 1000;
        const { status } = await rig.ask(method.toUpperCase(), real, { headers: { Authorization: wrong } });
        assertEquals(status, open.has(path) ? 200 : 401, name);
      }
      if (path === "/api/v1/events") continue;
      const { status } = await rig.ask(method.toUpperCase(), real, {
        headers: { Authorization: `Bearer ${reader}` },
      });
      const may = method === "get" && !path.startsWith("/api/v1/tokens");
      assertEquals(status === 403, !may, `${name}: ${status}`);
    }
  }
  for (const path of ["/nowhere", "/api/v1/nothing"]) {
    assertEquals((await rig.ask("GET", path, { headers: { Authorization: "" } })).status, 401);
    assertEquals((await rig.ask("GET", path)).status, 404);
  }
});

Deno.test("G58 a script in a name, an error or a log is data wherever it is told", async () => {
  await using rig = await ServerRig.start({ runtime: { capabilities: "development" } });
  const script = "<script>alert(1)</script>",
    module = await rig.module(`
    (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1) (data (i32.const 0) "${script}")
    (func (export "main") (call $log (i32.const 0) (i32.const ${script.length})) unreachable)`);
  const { id } = rig.tasks.create(module, { name: script, group: script });
  rig.tasks.start(id);
  await rig.tasks.ended(id);
  const paths = ["", "/logs", "/executions"].map((end) => `/api/v1/tasks/${id}${end}`);
  for (const path of [...paths, "/tasks", `/tasks/${id}`, "/api/v1/groups", "/api/v1/executions/export"]) {
    const { response, body } = await rig.ask("GET", path), type = response.headers.get("content-type") ?? "";
    assert(/^application\/jsonl?\b/.test(type), `${path} is ${type}`);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assert(response.headers.get("content-security-policy")?.startsWith("default-src 'none'"));
    if (path.endsWith("/logs")) {
      assertEquals((body as { lines: Json[] }).lines[0]?.["text"], script);
    }
  }
});

Deno.test("G59 an answer to what nobody foresaw says nothing of this machine", async () => {
  await using rig = await ServerRig.start();
  const { tasks } = rig;
  tasks.stats = () => {
    throw new Error(`secret ${import.meta.filename}`);
  };
  const { status, body } = await rig.ask("GET", "/api/v1/stats");
  assertEquals([status, (body as { error: Json }).error["code"]], [500, "Internal"]);
  assert(!JSON.stringify(body).includes("secret") && rig.internal.length === 1);
});

Deno.test("events tell of tasks as they go, of one task alone if that is wanted, and end with the server", async () => {
  await using rig = await ServerRig.start({ runtime: { fuelLimit: "unlimited" } });
  const answer = await rig.module(ANSWER), endless = await rig.module(ENDLESS);
  const { id } = rig.tasks.create(answer, { name: "told" }),
    other = rig.tasks.create(endless, { name: "other" });
  const stream = (await rig.parts.app.request(`/api/v1/events?task=${id}`, {
    headers: { Host: "localhost", Authorization: `Bearer ${rig.admin}` },
  })).body?.pipeThrough(new TextDecoderStream());
  assert(stream !== undefined);
  assertEquals(((await rig.ask("GET", "/api/v1/stats")).body as { listeners: number }).listeners, 1);
  rig.tasks.start(other.id);
  rig.tasks.start(id);
  await until(() => rig.tasks.get(id).state === "completed");
  rig.parts.close();
  let text = "";
  for await (const part of stream) text += part;
  const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  assertEquals(
    names,
    ["task_state", "task_state", "execution_started", "execution_finished", "task_state"],
    text,
  );
  assert(!text.includes(other.id) && text.includes('"results":[42]'));
});

Deno.test("a stream of events ends when the token that asked for it is removed, and no other does", async () => {
  await using rig = await ServerRig.start();
  const { id } = rig.tasks.create(await rig.module(ANSWER), { name: "told" });
  const reader = rig.tokens.add("reader", "read", 1);
  const listen = async (token: string) => {
    const { body } = await rig.parts.app.request("/api/v1/events?audit=true", {
      headers: { Host: "localhost", Authorization: `Bearer ${token}` },
    });
    assert(body !== null);
    return body.pipeThrough(new TextDecoderStream()).getReader();
  };
  const theirs = await listen(reader), ours = await listen(rig.admin);
  rig.tokens.add("other", "read", 2);
  const count = async () => ((await rig.ask("GET", "/api/v1/stats")).body as { listeners: number }).listeners;
  assertEquals(await count(), 2, "a token more ends nothing");
  assertEquals((await rig.ask("DELETE", "/api/v1/tokens/reader")).status, 204);
  assertEquals(await count(), 1);
  rig.tasks.remove(id);
  const rest = async (stream: ReadableStreamDefaultReader<string>) => {
    let text = "";
    for (let part = await stream.read(); !part.done; part = await stream.read()) text += part.value;
    return text;
  };
  assertEquals(await rest(theirs), ": hello\n\n", "nothing of what came after");
  rig.parts.close();
  const told = await rest(ours);
  assert(told.includes("task_removed") && told.includes("token.remove"), told);
});

Deno.test("what is refused of /metrics is said in the form that the document has for it", async () => {
  await using rig = await ServerRig.start();
  const api = await OpenApi.of(rig);
  const { status } = await api.ask(rig, "GET", "/metrics", { headers: { Authorization: "Bearer wrong" } });
  assertEquals(status, 401);
});
