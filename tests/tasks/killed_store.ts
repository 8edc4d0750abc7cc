/** A process with tasks that is killed by SIGKILL at random moments, again and again, and what its store says then. */
import { TaskStore } from "../../src/tasks/store/task_store.ts";
import type { ExecutionRecord, TaskRecord } from "../../tasks.ts";
import { assert, assertEquals } from "../assert.ts";
import type { Random } from "../wasm/random.ts";

const JOB = new URL("killed_job.ts", import.meta.url).pathname;

export interface KilledStore {
  /** The database's file. */
  readonly store: string;
  readonly kind: "short" | "long";
  /** Tasks that each process makes, the first ones alone where it says so. */
  readonly tasks: number;
  readonly makers: number;
  readonly kills: number;
  /** Milliseconds between which a process is killed, after it has said that it accepts tasks. */
  readonly from: number;
  readonly within: number;
  readonly random: Random;
}

export interface Found {
  readonly task: TaskRecord;
  /** The oldest first. */
  readonly executions: readonly ExecutionRecord[];
}

/** @returns all tasks that were accepted, by what the store says when a last process has nothing left to do */
export async function killAgain(
  of: KilledStore,
): Promise<{ readonly found: Found[]; readonly hits: number }> {
  const accepted = new Set<string>();
  let hits = 0;
  for (let process = 0; process < of.kills; process++) {
    const made = process < of.makers ? of.tasks : 0;
    if (await runOnce(of, { made, accepted, delay: of.from + of.random.below(of.within) })) hits++;
    for (const { task, executions } of found(of.store, accepted)) checkWhole(task, executions);
  }
  assertEquals(await runOnce(of, { made: 0, accepted, delay: undefined }), false);
  return { found: found(of.store, accepted), hits };
}

/** @returns whether it was killed in the midst of what it did */
async function runOnce(
  { store, kind }: KilledStore,
  { made, accepted, delay }: {
    readonly made: number;
    readonly accepted: Set<string>;
    readonly delay: number | undefined;
  },
): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-lock", JOB, store, String(made), kind],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let idle = false, timer: ReturnType<typeof setTimeout> | undefined;
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // it has just ended
    }
  };
  if (made === 0 && delay !== undefined) timer = setTimeout(kill, 250 + delay);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new LineStream());
  for await (const line of lines) {
    if (line === "idle") idle = true;
    else accepted.add(line);
    if (delay !== undefined) timer ??= setTimeout(kill, delay);
  }
  clearTimeout(timer);
  const { signal, code } = await child.status;
  assert(signal === "SIGKILL" || code === 0, `it ended with ${code}`);
  return signal === "SIGKILL" && !idle;
}

/** What has no line break behind it was cut off. */
class LineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(text, controller) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
    });
  }
}

function found(path: string, accepted: ReadonlySet<string>): Found[] {
  const store = new TaskStore(path);
  try {
    return [...accepted].map((id) => {
      const task = store.tasks.get(id);
      assert(task !== undefined, `task ${id} was accepted, and is lost`);
      const { items } = store.executions.list({ task: id }, { most: 1000 });
      return { task, executions: items.toReversed() };
    });
  } finally {
    store.close();
  }
}

/** What has to hold at any moment: no execution but the last one may still run, and each run has a record. */
function checkWhole(
  { state, executions: count, attempt }: TaskRecord,
  executions: readonly ExecutionRecord[],
): void {
  const running = executions.filter(({ status }) => status === "running");
  assertEquals(
    running.length,
    state === "running" ? 1 : 0,
    `${running.length} run of a task that is ${state}`,
  );
  assertEquals(running[0]?.id, state === "running" ? executions.at(-1)?.id : undefined);
  assertEquals(count, executions.length - running.length);
  assert(executions.filter(({ status }) => status === "succeeded").length <= 1, "it has succeeded twice");
  assertEquals(executions.at(-1)?.attempt ?? 0, attempt);
}
