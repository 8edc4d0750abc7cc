/**
 * `deno task test:killed`: a server takes tasks over HTTP and is killed with SIGKILL at random moments; after each restart
 * every task that it said it had taken is accounted for.
 *
 *     --kills N     @default 20      --seed N     @default the time
 */
import { parseArgs } from "node:util";
import { type ServerProcess, startServerProcess } from "../../bench/tasks/server_process.ts";
import { Random } from "../wasm/random.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});

/** Takes some milliseconds. */
const WORK = compileText(`(module (func (export "main") (param i32) (result i32) (local i32)
  (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 30000000))))
  (local.get 0)))`);

interface Task {
  readonly id: string;
  readonly state: string;
  readonly executions: number;
  readonly settings: { readonly retries: { readonly interrupted: boolean } };
}

interface Execution {
  readonly task: string;
  readonly status: string;
  readonly trigger: string;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const random = new Random(Number(values.seed)), data = await Deno.makeTempDir({ prefix: "aegis_killed_" });

/** Tasks that the server said it had taken, by what is to become of those that are cut off. */
const accepted: Map<string, { readonly again: boolean }> = new Map();

/** Asks for tasks until the server is gone. */
async function askOn(server: ServerProcess, module: string, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    const again = turn % 2 === 0, retries = { count: 100, delay: 10, interrupted: again };
    try {
      const json = {
        name: `task ${accepted.size}`,
        module,
        args: [turn],
        start: true,
        preset: "standard",
        retries,
        history: 1000,
      };
      const { id } = await server.ask("POST", "/api/v1/tasks", json) as { id: string };
      accepted.set(id, { again });
    } catch {
      return; // it was killed: what it had not answered is not promised
    }
    await sleep(random.below(8));
  }
}

async function everything<Item>(server: ServerProcess, path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let from: number | null = null;;) {
    const page = await server.ask("GET", `${path}limit=1000${from === null ? "" : `&from=${from}`}`) as {
      items: Item[];
      next: number | null;
    };
    items.push(...page.items);
    if (page.next === null) return items;
    from = page.next;
  }
}

/** What is wrong with what the server tells of its tasks. */
async function check(server: ServerProcess): Promise<string[]> {
  const tasks = new Map((await everything<Task>(server, "/api/v1/tasks?")).map((task) => [task.id, task]));
  const executions = Map.groupBy(
      await everything<Execution>(server, "/api/v1/executions?"),
      ({ task }) => task,
    ),
    wrong: string[] = [];
  for (const [id] of accepted) {
    const task = tasks.get(id), runs = executions.get(id) ?? [];
    if (task === undefined) {
      wrong.push(`${id} is lost`);
      continue;
    }
    const succeeded = runs.filter(({ status }) => status === "succeeded").length;
    if (succeeded > 1) wrong.push(`${id} was done ${succeeded} times`);
    // What ran twice was cut off in between, and that stands in its history.
    const ended = runs.filter(({ status }) => status !== "running");
    if (ended.some(({ status }) => status !== "succeeded" && status !== "interrupted")) {
      wrong.push(`${id} failed`);
    }
    if (runs.length - succeeded > 1 && !task.settings.retries.interrupted) {
      wrong.push(`${id} was tried again unasked`);
    }
  }
  return wrong;
}

let interrupted = 0;
try {
  for (let kill = 1; kill <= Number(values.kills); kill++) {
    const server = await startServerProcess({ data });
    const wrong = await check(server);
    if (wrong.length > 0) throw new Error(`After ${kill - 1} kills: ${wrong.slice(0, 5).join("; ")}`);
    const module = await server.module(WORK);
    let over = false;
    const asking = askOn(server, module, () => over);
    await sleep(50 + random.below(700));
    await server.kill();
    over = true;
    await asking;
  }
  const server = await startServerProcess({ data });
  for (;;) {
    const { total } = await server.ask("GET", "/api/v1/tasks?state=queued,running,waiting&limit=1") as {
      total: number;
    };
    if (total === 0) break;
    await sleep(50);
  }
  const wrong = await check(server), tasks = await everything<Task>(server, "/api/v1/tasks?");
  for (const { id, state } of tasks) {
    const again = accepted.get(id)?.again;
    if (state === "interrupted") interrupted++;
    if (
      again === true && state !== "completed" ||
      again === false && !["completed", "interrupted"].includes(state)
    ) {
      wrong.push(`${id} is ${state}`);
    }
  }
  const cut = (await everything<Execution>(server, "/api/v1/executions?status=interrupted&")).length;
  console.log(
    `${values.kills} kills (seed ${values.seed}): ${accepted.size} tasks accepted, ${cut} executions cut off, ${
      tasks.length - interrupted
    } completed, ${interrupted} interrupted as their policy says, ${wrong.length} unaccounted for`,
  );
  for (const line of wrong.slice(0, 20)) console.log(line);
  Deno.exitCode = wrong.length === 0 ? 0 : 1;
  await server[Symbol.asyncDispose]();
} finally {
  await Deno.remove(data, { recursive: true });
}
