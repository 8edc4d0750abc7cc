import type { AegisModule, ErrorCode } from "../../mod.ts";
import { TaskManager, type TaskOptions } from "../../tasks.ts";
import { CONTENT_GUEST } from "../sandbox/content_guest.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { codeOf, LOOP, NEXT, START_LOOP, TaskRig, TRAP, UNBOUNDED, until } from "./task_rig.ts";

Deno.test("TaskManager runs a task and remembers what it returned and used", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(NEXT, { args: [41] });
  const { executions, failures } = await rig.state(id, "completed");
  assertEquals([executions, failures], [1, 0]);
  const [execution] = rig.executions(id);
  assertEquals([execution?.status, execution?.outcome, execution?.results, execution?.inputs], [
    "succeeded",
    "value",
    "[42]",
    "[41]",
  ]);
  assert((execution?.fuel ?? 0n) > 0n, "fuel");
  assertEquals(rig.tasks.stats().executions, 1);
});

Deno.test("TaskManager tells listeners in order, and nothing before it is in the store", async () => {
  await using rig = await TaskRig.open();
  const seen: string[] = [];
  rig.tasks.subscribe((event) => {
    if (event.type === "task_state") seen.push(`${event.from} ${event.to}`);
    if (event.type === "task_state" && event.to !== "running") {
      assertEquals(rig.tasks.get(event.task).state === event.to || event.to === "queued", true, event.to);
    }
    if (event.type === "execution_finished") {
      assertEquals(rig.tasks.execution(event.execution.id).status, event.execution.status);
      seen.push(event.execution.status);
    }
  });
  const { id } = await rig.task(NEXT, { args: [1] });
  rig.tasks.start(id);
  assertEquals(seen, [], "what has begun is told when whoever began it is done");
  await rig.state(id, "completed");
  await until(() => seen.includes("running completed") ? true : undefined, () => seen.join());
  assertEquals(
    seen.toSorted(),
    ["ready queued", "queued running", "running completed", "succeeded"].toSorted(),
  );
});

Deno.test("TaskManager.stop() counts an execution, and no failure", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, { limits: UNBOUNDED });
  await rig.working(id);
  rig.tasks.stop(id);
  await rig.tasks.ended(id);
  const { executions, failures, state } = rig.tasks.get(id);
  assertEquals([state, executions, failures, rig.tasks.stats().failures], ["stopped", 1, 0, 0]);
  assertEquals(rig.executions(id)[0]?.status, "stopped");
});

/** What somebody does to a task, and in which state it leaves the task for good. */
const MEDDLING = {
  stop: { ends: "stopped", does: (rig: TaskRig, id: string) => void rig.tasks.stop(id) },
  "pause, stop": {
    ends: "stopped",
    does: (rig: TaskRig, id: string) => {
      rig.tasks.pause(id);
      rig.tasks.stop(id);
    },
  },
  "pause, resume, stop": {
    ends: "stopped",
    does: (rig: TaskRig, id: string) => {
      rig.tasks.pause(id);
      rig.tasks.resume(id);
      rig.tasks.stop(id);
    },
  },
  restart: {
    ends: "stopped",
    does: async (rig: TaskRig, id: string) => {
      await rig.tasks.restart(id);
      rig.tasks.stop(id);
    },
  },
  "stop, start, pause, resume": {
    ends: "stopped",
    does: async (rig: TaskRig, id: string) => {
      rig.tasks.stop(id);
      rig.tasks.start(id);
      rig.tasks.pause(id);
      rig.tasks.resume(id);
      await rig.working(id); // of the new start: it is not about the one that was ending
      rig.tasks.stop(id);
    },
  },
  remove: { ends: undefined, does: (rig: TaskRig, id: string) => rig.tasks.remove(id) },
} as const;

/** Moments at which it comes, after the task was started. */
const MOMENTS = {
  "before the guest is there": () => Promise.resolve(),
  "a turn later": () => new Promise<void>((resolve) => setTimeout(resolve)),
  "while the guest starts": () => new Promise<void>((resolve) => setTimeout(resolve, 8)),
  "while the guest works": (rig: TaskRig, id: string) => rig.working(id),
} as const;

for (const [name, { ends, does }] of Object.entries(MEDDLING)) {
  for (
    const [fieldsName, fields] of [["a loop", LOOP], ["a start function that loops", START_LOOP]] as const
  ) {
    if (name.includes("working") && fields === START_LOOP) continue;
    Deno.test(`TaskManager takes "${name}" at any moment of ${fieldsName}`, async () => {
      await using rig = await TaskRig.open();
      for (const moment of Object.values(MOMENTS)) {
        const id = await rig.started(fields, { limits: UNBOUNDED });
        await moment(rig, id);
        await does(rig, id);
        await rig.tasks.ended(id);
        assertEquals(rig.tasks.list().items.find((task) => task.id === id)?.state, ends);
        assert(rig.executions(id).every(({ status }) => status === "stopped"), "all have ended");
      }
      await rig.isIdle(4);
      const id = await rig.started(NEXT, { args: [1] });
      await rig.state(id, "completed");
    });
  }
}

Deno.test("TaskManager.pause() of a task whose guest is not there yet takes no slot from others", async () => {
  await using rig = await TaskRig.open({ tasks: { slots: 1 } });
  const paused = await rig.started(LOOP, { limits: UNBOUNDED });
  rig.tasks.pause(paused);
  const other = await rig.started(NEXT, { args: [1] });
  await rig.state(other, "completed");
  assertEquals(rig.tasks.get(paused).state, "paused");
  rig.tasks.resume(paused);
  await rig.working(paused);
});

Deno.test("TaskManager.pause() holds a task whose execution fails in the same moment", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(TRAP, { retries: { count: 1, delay: "0ms" } });
  rig.tasks.pause(id);
  rig.tasks.resume(id);
  rig.tasks.pause(id);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assertEquals(rig.tasks.get(id).state, "paused");
  rig.tasks.resume(id);
  await rig.state(id, "failed");
  assertEquals(rig.executions(id).map(({ attempt }) => attempt), [1, 2]);
});

Deno.test("TaskManager lets a deadline end a task that is paused", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, { limits: UNBOUNDED, deadline: "150ms" });
  await rig.working(id);
  rig.tasks.pause(id);
  const { error } = await rig.state(id, "failed");
  assertStringIncludes(error ?? "", "deadline");
  assertEquals(rig.executions(id).map(({ outcome }) => outcome), ["deadline"]);
});

Deno.test("TaskManager tries a task again, and no task that would fail in the same way", async () => {
  await using rig = await TaskRig.open();
  const retries = { count: 2, delay: "1ms" };
  const id = await rig.started(TRAP, { retries });
  await rig.state(id, "failed");
  assertEquals(rig.executions(id).map(({ attempt, trigger, outcome }) => [attempt, trigger, outcome]), [
    [1, "start", "trap:unreachable"],
    [2, "retry", "trap:unreachable"],
    [3, "retry", "trap:unreachable"],
  ]);
  assertEquals(rig.tasks.get(id).failures, 3);
  const hopeless = await rig.started('(import "env" "none" (func)) (func (export "main"))', { retries });
  await rig.state(hopeless, "failed");
  assertEquals(rig.executions(hopeless).map(({ outcome }) => outcome), ["MissingImport"]);
});

Deno.test("TaskManager.remove() forgets a task that is tried again later", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(TRAP, { retries: { count: 5, delay: "30ms" } });
  await rig.state(id, "waiting");
  await rig.tasks.remove(id);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assertEquals([rig.tasks.stats().tasks, rig.tasks.stats().live, rig.executions(id).length], [0, 0, 0]);
});

Deno.test("TaskManager.remove() ends what somebody starts meanwhile", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, { limits: UNBOUNDED });
  await rig.working(id);
  const removed = rig.tasks.remove(id);
  rig.tasks.start(id);
  await removed;
  await rig.isIdle(4);
  assertEquals(await codeOf(() => rig.tasks.get(id)), "NotFound");
});

Deno.test("TaskManager.restart() asked twice at once starts the task anew twice", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, { limits: UNBOUNDED });
  await rig.working(id);
  await Promise.all([rig.tasks.restart(id), rig.tasks.restart(id)]);
  await rig.working(id);
  rig.tasks.stop(id);
  await rig.tasks.ended(id);
  assertEquals(new Set(rig.executions(id).map(({ status }) => status)), new Set(["stopped"]));
});

Deno.test("TaskManager.start() of an active task leaves its checkpoint alone", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, {
    limits: UNBOUNDED,
    engine: "interpreter",
    checkpointEvery: "100ms",
    retries: { interrupted: true },
  });
  await rig.working(id);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals(await codeOf(() => rig.tasks.start(id)), "WrongState");
  await rig.tasks.close();
});

Deno.test("TaskManager.create() gives the task of a request again, until it is removed", async () => {
  await using rig = await TaskRig.open();
  const { module } = await rig.task(NEXT), options = { name: "once" };
  const first = rig.tasks.create(module, options, "key");
  assertEquals(rig.tasks.create(module, { ...options, name: "twice" }, "key"), first);
  await rig.tasks.remove(first.id);
  const second = rig.tasks.create(module, options, "key");
  assert(second.id !== first.id, "another task");
  for (const key of ["", "k".repeat(201)]) {
    assertEquals(await codeOf(() => rig.tasks.create(module, options, key)), "InvalidOption");
  }
});

Deno.test("TaskManager.createAll() makes all tasks or none, and tells of those that it has made", async () => {
  await using rig = await TaskRig.open({ tasks: { tasks: 4 } });
  const { module } = await rig.task(NEXT), made: string[] = [];
  rig.tasks.subscribe((event) => {
    if (event.type === "task_created") made.push(event.name);
  });
  const names = (...list: string[]) => list.map((name) => ({ name }));
  const tasks = rig.tasks.createAll(module, names("a", "b"));
  await Promise.resolve(); // listeners are told when who asks is done
  assertEquals([tasks.map(({ name }) => name), made], [["a", "b"], ["a", "b"]]);
  assertEquals(await codeOf(() => rig.tasks.createAll(module, names("c", ""))), "InvalidOption");
  assertEquals(await codeOf(() => rig.tasks.createAll(module, names("c", "d"))), "Full");
  assertEquals([rig.tasks.list().total, made.length], [3, 2]);
});

Deno.test("TaskManager.create() refuses what the runtime does not allow, and not when it runs", async () => {
  await using rig = await TaskRig.open({ runtime: { memoryLimit: "1MiB", fuelLimit: "1M" } });
  const { module } = await rig.task(NEXT);
  const refused: Partial<TaskOptions>[] = [{ limits: { memoryLimit: "2MiB" } }, { preset: "generous" }];
  for (const options of refused) {
    assertEquals(await codeOf(() => rig.tasks.create(module, { name: "much", ...options })), "InvalidOption");
  }
  rig.tasks.create(module, { name: "enough", limits: { memoryLimit: "1MiB" } });
});

Deno.test("TaskManager.addModule() keeps the bytes that were checked, whatever becomes of the caller's", async () => {
  await using rig = await TaskRig.open();
  const bytes = compileText(`(module ${NEXT})`), before = Uint8Array.from(bytes);
  const adding = rig.tasks.addModule(bytes);
  bytes.fill(0);
  const { hash } = await adding;
  assertEquals(rig.tasks.moduleBytes(hash), before);
});

Deno.test("TaskManager runs the module of a task, and none that bears its hash as a name", async () => {
  await using rig = await TaskRig.open();
  const id = (await rig.task(NEXT, { args: [1] })).id, { module } = rig.tasks.get(id);
  rig.runtime.modules.remove(module); // as when many others were loaded since
  const other: AegisModule = await rig.runtime.loadBytes(compileText(`(module ${TRAP})`), { name: module });
  assertEquals(rig.runtime.modules.get(module)?.hash, other.hash, "the name leads to another module");
  rig.tasks.start(id);
  await rig.state(id, "completed");
});

Deno.test("TaskManager keeps results that JSON has no digits for", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(`(func (export "main") (result f64) (f64.const nan))`);
  await rig.state(id, "completed");
  assertEquals(rig.executions(id)[0]?.results, '["nan"]');
});

Deno.test("D37 TaskManager bounds the log of a task, and keeps room for what it was denied", async () => {
  await using rig = await TaskRig.open({
    tasks: { logLines: 10 },
  });
  const id = await rig.started(
    `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 64) "a line\\n")
    (func (export "main") (local i32)
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 7))
      (loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 500)))))`,
  );
  await rig.state(id, "completed");
  const { lines, cut } = rig.tasks.log(rig.executions(id)[0]?.id ?? 0);
  assertEquals([lines.length, cut], [10, 490]);
  assertEquals([lines[0]?.source, lines[0]?.text], ["stdout", "a line"]);
});

Deno.test("TaskManager reads numbers beside text as the function that takes both means them", async () => {
  await using rig = await TaskRig.open();
  const guest = `${CONTENT_GUEST} (@custom "aegis:signatures" "length(f64, string, i64) -> f64")`;
  const given = { function: "length", args: ["inf", "abc", "-9007199254740993"] };
  const id = await rig.started(guest, given);
  await rig.state(id, "completed");
  assertEquals(rig.executions(id)[0]?.results, '["inf"]');
});

Deno.test("TaskManager.close() amid starts leaves every task accounted for", async () => {
  await using rig = await TaskRig.open();
  const ids: string[] = [];
  for (let number = 0; number < 12; number++) ids.push(await rig.started(LOOP, { limits: UNBOUNDED }));
  const states: string[] = [];
  rig.tasks.subscribe((event) => event.type === "task_state" && states.push(event.to));
  await rig.tasks.close({ grace: "20ms" });
  assertEquals(states.filter((state) => state !== "interrupted" && state !== "running"), []);
  assertEquals(rig.runtime.sandboxes.size, 0);
});

Deno.test("TaskManager.close() does not wait for tasks that stand still", async () => {
  await using rig = await TaskRig.open();
  const id = await rig.started(LOOP, { limits: UNBOUNDED });
  await rig.working(id);
  rig.tasks.pause(id);
  const before = performance.now();
  await rig.tasks.close({ grace: "60s" });
  assert(performance.now() - before < 10_000, "it has waited for the grace");
});

Deno.test("TaskManager makes room where the runtime has few sandboxes", async () => {
  await using rig = await TaskRig.open({
    runtime: { maxSandboxes: 3 },
    tasks: { slots: 2, guests: 2 },
  });
  const ids: string[] = [];
  for (let number = 0; number < 24; number++) {
    const limits = { fuelLimit: 1_000_000 - number % 5 }; // of five kinds, more than are kept
    ids.push(await rig.started(NEXT, { args: [number], limits }));
  }
  for (const id of ids) await rig.state(id, "completed");
});

Deno.test("a store that another manager has is Busy, and free when that is closed", async () => {
  const folder = await Deno.makeTempDir(), store = `${folder}/tasks.db`;
  try {
    await using rig = await TaskRig.open({ tasks: { store } });
    const id = await rig.started(NEXT, { args: [1] });
    await rig.state(id, "completed");
    assertEquals(await codeOf(() => TaskManager.open(rig.runtime, { store })), "Busy");
    await rig.tasks.close();
    await using next = await TaskRig.open({ tasks: { store } });
    assertEquals(next.tasks.get(id).state, "completed");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Every code that the tasks throw beside those of the library, made to happen through the public interface. */
const CODES: Partial<Record<ErrorCode, Record<string, (rig: TaskRig) => unknown>>> = {
  NotFound: {
    task: (rig) => rig.tasks.get("none"),
    start: (rig) => rig.tasks.start("none"),
    restart: (rig) => rig.tasks.restart("none"),
    remove: (rig) => rig.tasks.remove("none"),
    module: (rig) => rig.tasks.create("none", { name: "a task" }),
    removeModule: (rig) => rig.tasks.removeModule("none"),
    execution: (rig) => rig.tasks.execution(7),
    log: (rig) => rig.tasks.log(7),
    schedule: (rig) => rig.tasks.schedules.get("none"),
    "a schedule's task": (rig) => rig.tasks.schedules.add("none", { cron: "* * * * *" }),
  },
  WrongState: {
    pause: async (rig) => rig.tasks.pause((await rig.task(NEXT)).id),
    resume: async (rig) => rig.tasks.resume((await rig.task(NEXT)).id),
    stop: async (rig) => rig.tasks.stop((await rig.task(NEXT)).id),
    start: async (rig) => rig.tasks.start(await rig.started(LOOP)),
  },
  Full: {
    tasks: async (rig) => {
      for (;;) await rig.task(NEXT);
    },
    modules: (rig) => rig.tasks.addModule(compileText(`(module (data "${"x".repeat(2000)}"))`)),
  },
  Busy: {
    removeModule: async (rig) => rig.tasks.removeModule((await rig.task(NEXT)).module),
  },
  Closed: {
    start: async (rig) => {
      const { id } = await rig.task(NEXT);
      await rig.tasks.close();
      rig.tasks.start(id);
    },
    get: async (rig) => {
      await rig.tasks.close();
      rig.tasks.get("none");
    },
    addModule: async (rig) => {
      await rig.tasks.close();
      await rig.task(NEXT);
    },
  },
  InvalidOption: {
    name: (rig) => rig.task(NEXT, { name: "" }),
    "an option": (rig) => rig.task(NEXT, { nonsense: 1 } as Partial<TaskOptions>),
    cron: async (rig) => rig.tasks.schedules.add((await rig.task(NEXT)).id, { cron: "now" }),
    slots: (rig) => TaskManager.open(rig.runtime, { slots: 0 }),
    bulk: (rig) => rig.tasks.bulk("explode" as "stop", []),
  },
};

for (const [code, cases] of Object.entries(CODES)) {
  Deno.test(`${code} happens through the public interface of tasks`, async (test) => {
    for (const [name, happens] of Object.entries(cases)) {
      await test.step(name, async () => {
        await using rig = await TaskRig.open({ tasks: { tasks: 5, moduleBytes: "1KiB" } });
        assertEquals(await codeOf(() => happens(rig)), code as ErrorCode);
      });
    }
  });
}

Deno.test("TaskManager.bulk() asks each task, and reports what one refuses", async () => {
  await using rig = await TaskRig.open();
  const first = await rig.task(NEXT, { args: [1] }), second = await rig.task(NEXT, { args: [2] });
  const results = await rig.tasks.bulk("start", [first.id, "none", second.id]);
  assertEquals(results.map(({ error }) => error?.code), [undefined, "NotFound", undefined]);
  assertMatch(results[0]?.task?.state ?? "", /queued|running/);
  for (const { id } of [first, second]) await rig.state(id, "completed");
});

Deno.test("tasks that are paused leave room for others, and go on when they are resumed", async () => {
  await using rig = await TaskRig.open({ tasks: { guests: 2 } });
  const paused: string[] = [];
  for (let count = 0; count < 2; count++) {
    const id = await rig.started(LOOP, { preset: "standard", limits: UNBOUNDED });
    await rig.working(id);
    rig.tasks.pause(id);
    paused.push(id);
  }
  const other = await rig.started(NEXT, { args: [1] });
  await rig.state(other, "completed");
  for (const id of paused) rig.tasks.resume(id);
  for (const id of paused) await rig.working(id);
  for (const id of paused) rig.tasks.stop(id);
});
