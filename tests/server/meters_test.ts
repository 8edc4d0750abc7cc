import { assert, assertEquals } from "../assert.ts";
import { OpenApi } from "./openapi.ts";
import { ENDLESS, ServerRig, until } from "./rig.ts";

interface Meters {
  readonly every: number;
  readonly samples: readonly Readonly<Record<string, number>>[];
  readonly guests: readonly Readonly<Record<string, string | number>>[];
}

const UNBOUNDED = { runtime: { fuelLimit: "unlimited", timeout: "10m" } } as const;

Deno.test("meters tell of the process each second, of the last ten minutes, and of nothing once the server has ended", async () => {
  await using rig = await ServerRig.start();
  const api = await OpenApi.of(rig);
  const read = async () => (await api.ask(rig, "GET", "/api/v1/meters")).body as Meters;
  assertEquals(await read(), { every: 1000, samples: [], guests: [] });
  const asked = 1 + (await rig.ask("GET", "/nowhere")).status / 404;
  rig.process = { cpuTime: 1300, rss: 5000, heap: 700 };
  await rig.timers.pass(1000);
  const { samples: [first] } = await read();
  assertEquals(
    [first?.["cpu"], first?.["rss"], first?.["heap"], first?.["fuelPerSecond"], first?.["live"]],
    [1.3, 5000, 700, 0, 0],
  );
  assertEquals(first?.["requestsPerSecond"], asked + 1); // and the API's document
  await rig.timers.pass(700_000);
  const { samples } = await read();
  assertEquals([samples.length, samples.at(-1)?.["cpu"]], [600, 0]);
  rig.parts.close();
  assertEquals(rig.timers.pending, 0);
});

Deno.test("meters tell of each guest what it uses, and add fuel up over guests that come and go", async () => {
  await using rig = await ServerRig.start(UNBOUNDED);
  const { id } = rig.tasks.create(await rig.module(ENDLESS), { name: "busy", limits: UNBOUNDED.runtime });
  rig.tasks.start(id);
  const fuel = () => rig.tasks.metrics(id)?.fuelConsumed ?? 0n;
  await until(() => fuel() > 0n);
  await rig.timers.pass(1000);
  const before = fuel();
  await until(() => fuel() > before + 1_000_000n);
  await rig.timers.pass(1000);
  const { samples, guests: [guest] } = (await rig.ask("GET", "/api/v1/meters")).body as Meters;
  assertEquals([guest?.["task"], guest?.["name"], guest?.["state"], guest?.["engine"]], [
    id,
    "busy",
    "running",
    "v8",
  ]);
  assert(Number(guest?.["fuelPerSecond"]) >= 1_000_000 && BigInt(guest?.["fuel"] ?? 0) > before);
  assert(Number(guest?.["cpu"]) > 0);
  const last = samples.at(-1);
  assertEquals([last?.["running"], last?.["live"], last?.["queued"]], [1, 1, 0]);
  assertEquals(last?.["fuelPerSecond"], guest?.["fuelPerSecond"]);
  rig.tasks.pause(id);
  await rig.timers.pass(1000);
  const paused = (await rig.ask("GET", "/api/v1/meters")).body as Meters;
  assertEquals([paused.guests[0]?.["state"], paused.samples.at(-1)?.["running"]], ["paused", 0]);
  rig.tasks.stop(id);
  await rig.tasks.ended(id);
  await rig.timers.pass(1000);
  const ended = (await rig.ask("GET", "/api/v1/meters")).body as Meters, all = rig.tasks.get(id).fuel;
  assertEquals(ended.guests, []);
  const added = ended.samples.reduce((sum, one) => sum + (one["fuelPerSecond"] ?? 0), 0);
  assertEquals(BigInt(added), all, "what it used after the last look at it is not forgotten");
});

Deno.test("events have meters and the audit where they are asked for, and not otherwise", async () => {
  await using rig = await ServerRig.start();
  const open = async (query: string) => {
    const response = await rig.parts.app.request(`/api/v1/events${query}`, {
      headers: { Host: "localhost", Authorization: `Bearer ${rig.admin}` },
    });
    assert(response.body !== null, query);
    return response.body.pipeThrough(new TextDecoderStream());
  };
  const told = await open("?meters=true&audit=true"), plain = await open("");
  await rig.timers.pass(1000);
  const hash = await rig.module(ENDLESS);
  const { body } = await rig.ask("POST", "/api/v1/tasks", { json: { name: "made", module: hash } });
  assertEquals((await rig.ask("GET", "/api/v1/events?meters=often")).status, 400);
  await new Promise((resolve) => setTimeout(resolve)); // events of tasks come when whoever causes them is done
  rig.parts.close();
  const eventsOf = async (stream: ReadableStream<string>) => {
    const text = (await Array.fromAsync(stream)).join("");
    return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)]
      .map(([, type, data]) => ({ type, data: JSON.parse(data ?? "") as Record<string, unknown> }));
  };
  const events = await eventsOf(told), [reading, audit, created] = events;
  assertEquals(events.map(({ type }) => type), ["meters", "audit", "task_created"]);
  assertEquals(Object.keys(reading?.data ?? {}), ["sample", "guests"]);
  const { id } = body as { id: string };
  assertEquals([audit?.data["action"], audit?.data["actor"], audit?.data["target"]], [
    "task.create",
    "admin",
    id,
  ]);
  assertEquals(audit?.data, ((await rig.ask("GET", "/api/v1/audit")).body as { items: unknown[] }).items[0]);
  assertEquals(created?.data["task"], id);
  assertEquals((await eventsOf(plain)).map(({ type }) => type), ["task_created"]);
});
