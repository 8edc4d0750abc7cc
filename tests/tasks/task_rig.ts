/** A task manager with a runtime of its own, for tests: both end with the scope that holds them. */
import { Aegis, AegisError, type AegisOptions, type ErrorCode } from "../../mod.ts";
import {
  type ExecutionRecord,
  type TaskEvent,
  TaskManager,
  type TaskManagerOptions,
  type TaskOptions,
  type TaskRecord,
  type TaskState,
} from "../../tasks.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Returns what it is given, plus one. */
export const NEXT = '(func (export "main") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))';

/** A loop that never ends by itself. */
export const LOOP = '(func (export "main") (loop (br 0)))';

/** A loop in the start function, which begins before there is anything to call. */
export const START_LOOP = '(func $loop (loop (br 0))) (start $loop) (func (export "main"))';

/** Ends with a trap. */
export const TRAP = '(func (export "main") unreachable)';

/** No bound but what a test sets. */
export const UNBOUNDED = { fuelLimit: "unlimited", timeout: "10m" } as const;

export interface RigOptions {
  readonly runtime?: AegisOptions;
  readonly tasks?: TaskManagerOptions;
}

export class TaskRig implements AsyncDisposable {
  readonly events: TaskEvent[] = [];

  private constructor(readonly runtime: Aegis, readonly tasks: TaskManager) {
    tasks.subscribe((event) => this.events.push(event));
  }

  static async open({ runtime: given, tasks }: RigOptions = {}): Promise<TaskRig> {
    const runtime = await Aegis.create({ fuelLimit: "unlimited", timeout: "20m", ...given });
    try {
      return new TaskRig(runtime, TaskManager.open(runtime, { slots: 2, ...tasks }));
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  /** Makes a task of the fields of a text module. */
  async task(fields: string, options: Partial<TaskOptions> = {}): Promise<TaskRecord> {
    const { hash } = await this.tasks.addModule(compileText(`(module ${fields})`));
    return this.tasks.create(hash, { name: "a task", ...options });
  }

  /** The same, started. @returns its id */
  async started(fields: string, options: Partial<TaskOptions> = {}): Promise<string> {
    const { id } = await this.task(fields, options);
    this.tasks.start(id);
    return id;
  }

  /** Waits until a task is in a state. */
  async state(id: string, state: TaskState): Promise<TaskRecord> {
    return await until(() => {
      const task = this.tasks.get(id);
      return task.state === state ? task : undefined;
    }, () => `the task is ${this.tasks.get(id).state}: ${this.tasks.get(id).error}, not ${state}`);
  }

  /** Waits until the guest of a task has used fuel. */
  async working(id: string): Promise<void> {
    const fuel = () => this.tasks.metrics(id)?.fuelConsumed ?? 0n, before = fuel();
    await until(() => fuel() > before ? true : undefined, () => "its guest does nothing");
  }

  /** The executions of a task, the oldest first. */
  executions(id: string): readonly ExecutionRecord[] {
    return this.tasks.executions({ task: id }).items.toReversed();
  }

  /** Nothing is left behind that was there for a task: no guests but those that are kept, nobody who waits. */
  async isIdle(most: number): Promise<void> {
    await until(
      () => this.tasks.stats().live === 0 && this.runtime.sandboxes.size <= most ? true : undefined,
      () => `${this.tasks.stats().live} live, ${this.runtime.sandboxes.size} sandboxes`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tasks.close({ grace: 0 });
    assertEquals(this.runtime.sandboxes.size, 0, "sandboxes that outlive the tasks");
    await this.runtime.close();
  }
}

/** Waits for something that comes by itself, and for ten seconds at most. */
export async function until<T>(look: () => T | undefined, why: () => string): Promise<T> {
  for (const end = performance.now() + 10_000;;) {
    const found = look();
    if (found !== undefined) return found;
    assert(performance.now() < end, why());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The code that something throws; fails for what throws none. */
export async function codeOf(work: () => unknown): Promise<ErrorCode | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    assert(error instanceof AegisError, String(error));
    return error.code;
  }
}
