/** A run that is followed: its task, its latest execution, what it says and what it uses, as the server tells them. */
import type { Api } from "../api.ts";
import type { Execution, Log, LogLine, Page, Task, Usage } from "../api_types.ts";
import { soon } from "../soon.ts";

/** What a guest had used at a time. */
export interface UsageSample extends Usage {
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** All that is known of a run. */
export interface RunState {
  readonly task: Task;
  /** Undefined before it has begun. */
  readonly execution: Execution | undefined;
  readonly lines: readonly LogLine[];
  /** Lines that were not kept. */
  readonly cut: number;
  readonly samples: readonly UsageSample[];
}

/** States in which a task has, or will have, a guest. */
const ACTIVE_STATES: readonly string[] = ["queued", "running", "paused", "waiting"];

/** Milliseconds between two looks at what a guest uses, and between two at everything when much happens. */
const LOOK = 400, REFRESH = 150;

/** Samples that are kept; then every other one is dropped, so that a long run is seen whole. */
const MOST_SAMPLES = 600;

export class RunModel {
  readonly #api: Api;
  readonly #onChange: (state: RunState) => void;
  readonly #refreshSoon: () => void;
  #state: RunState;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** @param onChange told of each change */
  constructor(
    api: Api,
    { task, onChange }: { readonly task: Task; readonly onChange: (state: RunState) => void },
  ) {
    this.#api = api;
    this.#onChange = onChange;
    this.#state = { task, execution: undefined, lines: [], cut: 0, samples: [] };
    this.#refreshSoon = soon(() => this.refresh(), REFRESH);
    this.#refreshSoon();
    this.#watch();
  }

  get state(): RunState {
    return this.#state;
  }

  /** It is followed no more. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Takes the answer to something that was asked of the task. */
  take(task: Task): void {
    this.#change({ task });
    this.#refreshSoon();
  }

  /** Told of each event of the server. */
  onEvent(type: string, data: unknown): void {
    const event = data as { task?: string; execution?: number; line?: LogLine; index?: number }; // as the server tells events
    if (type === "missed") this.#refreshSoon();
    if (event.task !== this.#state.task.id) return;
    const { lines, execution } = this.#state;
    const isNext = type === "log" && event.execution === execution?.id && event.index === lines.length;
    if (isNext && event.line !== undefined) this.#change({ lines: [...lines, event.line] });
    else if (type !== "log" || event.execution !== execution?.id || (event.index ?? 0) > lines.length) {
      this.#refreshSoon();
    }
  }

  /** Asks for everything. */
  async refresh(): Promise<void> {
    if (this.#closed) return;
    const { id } = this.#state.task, path = `/tasks/${encodeURIComponent(id)}`;
    const [task, { items: [execution] }] = await Promise.all([
      this.#api.get<Task>(path),
      this.#api.get<Page<Execution>>(`${path}/executions`, { limit: 1 }),
    ]);
    const isOther = execution?.id !== this.#state.execution?.id;
    const log = execution === undefined
      ? undefined
      : await this.#api.get<Log>(`/executions/${execution.id}/logs`);
    if (this.#closed) return;
    this.#change({
      task,
      execution,
      ...(isOther ? { samples: [] } : {}),
      ...(log === undefined ? { lines: [], cut: 0 } : { lines: log.lines, cut: log.cut }),
    });
  }

  #change(change: Partial<RunState>): void {
    if (this.#closed) return;
    this.#state = { ...this.#state, ...change };
    this.#watch();
    this.#onChange(this.#state);
  }

  /** Looks at what the guest uses while there is one. */
  #watch(): void {
    const active = ACTIVE_STATES.includes(this.#state.task.state);
    if (active && this.#timer === undefined) {
      const look = soon(() => this.#look(), LOOK);
      this.#timer = setInterval(look, LOOK);
    } else if (!active) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  async #look(): Promise<void> {
    const { task, execution } = this.#state;
    const usage = await this.#api.get<Usage | null>(`/tasks/${encodeURIComponent(task.id)}/usage`);
    if (usage === null || execution?.id !== this.#state.execution?.id) return;
    const samples = [...this.#state.samples, { ...usage, time: Date.now() }];
    this.#change({
      samples: samples.length > MOST_SAMPLES ? samples.filter((_, index) => index % 2 === 0) : samples,
    });
  }
}
