import { AegisError, hostFunction } from "../../../mod.ts";
import { LIFECYCLE, type LifeState } from "../../../src/wrappers/plugin/lifecycle.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { hostOf, pluginOf } from "./plugin_modules.ts";

/** A host of "user", which depends on "base"; the start functions and the calls of both end when the test lets them. */
async function heldHost(plugins: object = {}) {
  const doors = new Map<string, PromiseWithResolvers<void>>(),
    reached = new Map<string, PromiseWithResolvers<void>>();
  const of = (map: typeof doors, name: string) => {
    const found = map.get(name) ?? Promise.withResolvers<void>();
    map.set(name, found);
    return found;
  };
  let held: readonly string[] = [];
  const functions = (name: string) => ({
    env: {
      start: hostFunction({ params: [], results: [] }, () => pass(`${name} start`)),
      work: hostFunction({ params: [], results: [] }, () => pass(`${name} work`)),
    },
  });
  const pass = (place: string): Promise<void> => {
    of(reached, place).resolve();
    return held.includes(place) ? of(doors, place).promise : Promise.resolve();
  };
  const bytes = (name: string, version: string, manifest = {}) =>
    pluginOf(
      { name, version, provides: { work: "()" }, ...manifest },
      `(module (import "env" "start" (func $start)) (import "env" "work" (func $work))
        (func (export "work") (call $work)) (start $start))`,
    );
  const made = await hostOf([
    bytes("base", "1.0.0"),
    bytes("base", "2.0.0"),
    bytes("user", "1.0.0", { dependencies: { base: "^1" } }),
  ], {
    plugins: {
      base: { version: "^1", functions: functions("base"), limits: { timeout: "20s" } },
      user: { functions: functions("user"), limits: { timeout: "20s" } },
      ...plugins,
    },
    health: { interval: "1h" },
  });
  return {
    ...made,
    /** From now on, who comes there waits. */
    hold: (...places: readonly string[]) => {
      held = places;
      for (const place of places) reached.delete(place);
    },
    arrives: (place: string) => of(reached, place).promise,
    release: (place: string) => of(doors, place).resolve(),
  };
}

const names = (host: { list(): readonly { readonly name: string }[] }) => host.list().map(({ name }) => name);

Deno.test("LIFECYCLE has no start that starts what runs, and no stop that stops what does not", () => {
  for (const [state, { start, stop }] of Object.entries(LIFECYCLE)) {
    const rests: readonly (LifeState | string)[] = ["stopped", "running"];
    assertEquals(start === "begin", state === "stopped", state);
    assertEquals(stop === "begin", state === "running", state);
    assert(rests.includes(state) || start !== "begin" && stop !== "begin", state);
  }
});

Deno.test("a plugin that is started twice at once is started once", async () => {
  const { host, kinds, hold, arrives, release } = await heldHost();
  await using _host = host;
  hold("base start");
  const first = host.start("base"), second = host.start("base");
  await arrives("base start");
  release("base start");
  assertEquals([await first, await second], [["base"], []]);
  assertEquals(kinds(), ["started 1.0.0"]);
});

Deno.test("a plugin that is stopped while it starts is stopped when it has started", async () => {
  const { host, kinds, hold, arrives, release } = await heldHost();
  await using _host = host;
  hold("base start");
  const started = host.start("base");
  await arrives("base start");
  const stopped = host.stop("base");
  release("base start");
  assertEquals(await started, ["base"]);
  await stopped;
  assertEquals([names(host), kinds()], [[], ["started 1.0.0", "stopped 1.0.0"]]);
});

Deno.test("a plugin that is started while it is stopped is started when the old one has ended", async () => {
  const { host, kinds, hold, arrives, release } = await heldHost();
  await using _host = host;
  await host.start("base");
  hold("base work");
  const working = host.call("base", "work");
  await arrives("base work");
  const stopped = host.stop("base"), again = host.stop("base"), started = host.start("base");
  let ended = false;
  stopped.then(() => ended = true);
  started.then(() => assert(ended, "two of them ran"));
  // As long as another host takes to start two.
  await using clock = (await heldHost()).host;
  await clock.start("user");
  assertEquals(kinds(), ["started 1.0.0", "stopped 1.0.0"]);
  release("base work");
  await working;
  await Promise.all([stopped, again]);
  assertEquals(await started, ["base"]);
  assertEquals(kinds(), ["started 1.0.0", "stopped 1.0.0", "started 1.0.0"]);
});

Deno.test("what a start under way needs is not stopped under it", async () => {
  const { host, hold, arrives, release } = await heldHost();
  await using _host = host;
  await host.start("base");
  hold("user start");
  const started = host.start("user");
  await arrives("user start");
  const stopped = assertRejects(() => host.stop("base"), AegisError);
  release("user start");
  await started;
  assertEquals([(await stopped).code, names(host)], ["WrongState", ["base", "user"]]);
});

Deno.test("what a start under way needs is not replaced under it by a version that will not do", async () => {
  const { host, hold, arrives, release } = await heldHost();
  await using _host = host;
  await host.start("base");
  hold("user start");
  const started = assertRejects(() => host.start("user"), AegisError);
  await arrives("user start");
  await host.upgrade("base", { version: "2.0.0" });
  release("user start");
  const error = await started;
  assertEquals([error.code, names(host)], ["WrongState", ["base"]]);
  assert(error.message.includes('it depends on "base" ^1, and 2.0.0 runs'), error.message);
});

Deno.test("what would break a plugin that was started meanwhile does not take its place", async () => {
  const { host, hold, arrives, release } = await heldHost();
  await using _host = host;
  await host.start("base");
  hold("base start");
  const upgraded = assertRejects(() => host.upgrade("base", { version: "2.0.0" }), AegisError);
  await arrives("base start");
  await host.start("user");
  release("base start");
  const { code, message } = await upgraded;
  assertEquals([code, host.status("base").version], ["ModuleRefused", "1.0.0"]);
  assert(message.includes('"user" 1.0.0 needs ^1 of it'), message);
});

Deno.test("a host that is closed while a plugin restarts or is replaced leaves nothing behind", async () => {
  const { host, timers, hold, arrives, release } = await heldHost();
  await host.start("base");
  hold("base start");
  const upgraded = assertRejects(() => host.upgrade("base", { version: "2.0.0" }), AegisError);
  await arrives("base start");
  const closed = host.close();
  assertEquals((await upgraded).code, "Closed");
  release("base start");
  await closed;
  assertEquals(timers.pending, 0);
});

Deno.test("upgrade() keeps to the versions of the settings unless it is told others", async () => {
  const { host } = await heldHost();
  await using _host = host;
  await host.start("base");
  const error = await assertRejects(() => host.upgrade("base"), AegisError);
  assert(error.message.includes("it runs already"), error.message);
  assertEquals((await host.upgrade("base", { version: "^2" })).version, "2.0.0");
});

/** Calls "answer" of "secret" in "ask", when the host has let it. */
function asker(version: string, dependencies: object): Uint8Array<ArrayBuffer> {
  return pluginOf(
    { name: "asker", version, dependencies, provides: { ask: "() -> json" } },
    `(module (import "aegis:plugin" "call" (func $call (param i32 i32 i32 i32 i32 i32) (result i64)))
      (import "env" "wait" (func $wait)) (memory (export "memory") 1)
      (data (i32.const 0) "secret") (data (i32.const 200) "answer") (data (i32.const 400) "[]")
      (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "ask") (result i64) (call $wait)
        (call $call (i32.const 0) (i32.const 6) (i32.const 200) (i32.const 6) (i32.const 400) (i32.const 2))))`,
  );
}

/** A call of the asker under its first version, that goes on when its second one runs. */
async function leavingCall(first: object, second: object) {
  const gate = Promise.withResolvers<void>(), entered = Promise.withResolvers<void>();
  const wait = hostFunction({ params: [], results: [] }, () => {
    entered.resolve();
    return gate.promise;
  });
  const secret = (version: string) => pluginOf({ name: "secret", version });
  const { host } = await hostOf(
    [
      asker("1.0.0", first),
      asker("1.1.0", second),
      secret("1.0.0"),
      secret("2.0.0"),
      pluginOf({ name: "other" }),
    ],
    {
      plugins: { asker: { version: "1.0.0", functions: { env: { wait } } }, secret: { version: "1.0.0" } },
      health: { interval: "1h" },
    },
  );
  await host.start("asker", "secret");
  const old = host.call<{ error?: { code: string; message: string } }>("asker", "ask");
  await entered.promise;
  await host.upgrade("asker", { version: "1.1.0" });
  return { host, old, gate };
}

Deno.test("a call begun under one version is judged by that version's manifest", async () => {
  const { host, old, gate } = await leavingCall({ other: "*" }, { secret: "^1" });
  await using _host = host;
  const fresh = host.call<{ value?: number }>("asker", "ask");
  gate.resolve();
  // The new one may, and that is no leave for the old one.
  assertEquals([(await old).error?.code, (await fresh).value], ["CapabilityDenied", 42]);
});

Deno.test("a call begun under one version reaches no version of others that it does not admit", async () => {
  const { host, old, gate } = await leavingCall({ secret: "^1" }, { secret: "*" });
  await using _host = host;
  await host.upgrade("secret", { version: "2.0.0" });
  gate.resolve();
  const { error } = await old;
  assertEquals(error, {
    code: "WrongState",
    message: 'Cannot call "secret": "asker" 1.0.0 needs ^1, and 2.0.0 runs',
  });
});
