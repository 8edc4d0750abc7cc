/** H61: a server is killed in mid-task, both of its processes; the next one on the same data accounts for every task. */
import { startServerProcess } from "../../../bench/tasks/server_process.ts";
import { assert, assertEquals } from "../../assert.ts";
import { compileText } from "../../testsuite/module_bytes.ts";

interface Task {
  readonly id: string;
  readonly state: string;
}

interface Execution {
  readonly status: string;
  readonly attempt: number;
}

const ENDLESS = compileText('(module (func (export "main") (loop $l (br $l))))');
const QUICK = compileText('(module (func (export "main") (result i32) (i32.const 42)))');
/** Some hundred milliseconds. */
const WORK = compileText(`(module (func (export "main") (result i32) (local i32)
  (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100000000))))
  (i32.const 42)))`);

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + 20_000;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert(performance.now() < end, "it did not become so in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("H61 a server that is killed in mid-task loses none, and does none twice unless it was told to and says so", async () => {
  const data = await Deno.makeTempDir({ prefix: "aegis_killed_" });
  const policy = 'fuel_limit = "unlimited"\ntimeout = "10m"\n';
  const limits = { fuelLimit: "unlimited", timeout: "5m" };
  try {
    const first = await startServerProcess({ data, policy });
    const make = async (bytes: Uint8Array<ArrayBuffer>, more: object = {}) => {
      const json = { name: "task", module: await first.module(bytes), start: true, limits, ...more };
      return (await first.ask("POST", "/api/v1/tasks", json) as Task).id;
    };
    const stateOf = async (server: typeof first, id: string) =>
      (await server.ask("GET", `/api/v1/tasks/${id}`) as Task).state;
    const done = await make(QUICK), once = await make(ENDLESS);
    const again = await make(WORK, { retries: { count: 3, delay: 10, interrupted: true } });
    const waiting = await make(QUICK, { start: false });
    await until(async () =>
      await stateOf(first, done) === "completed" && await stateOf(first, once) === "running"
        ? true
        : undefined
    );
    await first.kill();

    await using second = await startServerProcess({ data, policy });
    const executions = async (id: string) =>
      (await second.ask("GET", `/api/v1/tasks/${id}/executions`) as { items: Execution[] }).items.map((
        { status },
      ) => status);
    await until(async () => await stateOf(second, again) === "completed" ? true : undefined);
    assertEquals(await executions(done), ["succeeded"], "what was done is not done again");
    assertEquals([await stateOf(second, once), await executions(once)], ["interrupted", ["interrupted"]]);
    const [last, ...before] = await executions(again);
    assertEquals([last, new Set(before)], ["succeeded", new Set(before.length === 0 ? [] : ["interrupted"])]);
    assertEquals([await stateOf(second, waiting), await executions(waiting)], ["ready", []]);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
