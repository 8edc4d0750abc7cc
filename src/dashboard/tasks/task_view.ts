/** The view of one task: what it is, what it does now, what it has done. */
import { ApiError } from "../api_error.ts";
import type { GuestMeters, Log, Policy, Task, Usage } from "../api_types.ts";
import { badge } from "../badges.ts";
import { element, fill, part } from "../dom.ts";
import { bytesText, countText, durationText } from "../format.ts";
import type { PageFrame, PageProgram } from "../frame.ts";
import { executionLink } from "../links.ts";
import { ActionButtons, READ_ONLY } from "./action_buttons.ts";
import { duplicateTask } from "./duplicate_dialog.ts";
import { MeterTiles } from "./meter_tiles.ts";
import { LogView } from "./log_view.ts";
import { ModuleNames } from "./module_names.ts";
import { nextFrame } from "./next_frame.ts";
import { SchedulePanel } from "./schedule_panel.ts";
import { showText, visibleName } from "./shown_text.ts";
import { changedTask, type TaskEvent, taskEvent } from "./task_changes.ts";
import { showTaskFacts, showTaskSettings } from "./task_facts.ts";
import { TaskHistory } from "./task_history.ts";
import { orderTask } from "./task_order.ts";
import { setTitle } from "./view_title.ts";

export class TaskView implements PageProgram {
  /** Meters come each second. */
  readonly query = { meters: true };
  readonly #frame: PageFrame;
  readonly #id: string;
  readonly #modules: ModuleNames;
  readonly #actions: ActionButtons;
  readonly #history: TaskHistory;
  readonly #schedules: SchedulePanel;
  readonly #log: LogView;
  readonly #meters: MeterTiles;
  readonly #draw: () => void = nextFrame(() => this.#show());
  #task: Task | undefined;
  #policy: Policy | undefined;
  /** Events since the task was asked for: the answer may be older than they are. */
  #since: TaskEvent[] | undefined;
  /** The execution whose log is shown. */
  #logged: number | undefined;

  constructor(frame: PageFrame, { id }: { readonly id: string }) {
    const { api, readOnly } = frame;
    this.#frame = frame;
    this.#id = id;
    this.#modules = new ModuleNames(api);
    this.#actions = new ActionButtons({
      readOnly,
      size: "words",
      onOrder: (action) => this.#task !== undefined && void orderTask(api, this.#task, action),
    });
    const duplicate = element("button", {
      type: "button",
      disabled: readOnly,
      title: readOnly ? READ_ONLY : undefined,
      onclick: () => this.#task !== undefined && duplicateTask(api, this.#task),
    }, "Duplicate");
    part("task-controls", HTMLElement).append(this.#actions.root, duplicate);
    this.#history = new TaskHistory(frame, id);
    this.#schedules = new SchedulePanel(part("task-schedules", HTMLElement), { api, task: id, readOnly });
    this.#log = new LogView(part("task-log", HTMLElement), { search: true, tail: true });
    this.#meters = new MeterTiles(part("task-meters", HTMLElement), [
      "fuel",
      "fuelPerSecond",
      "cpu",
      "memory",
      "hostCalls",
      "denials",
    ]);
  }

  readonly refresh = async (): Promise<void> => {
    const { api } = this.#frame, path = `/tasks/${encodeURIComponent(this.#id)}`;
    const since: TaskEvent[] = this.#since = [];
    try {
      [this.#task, this.#policy] = await Promise.all([
        api.get<Task>(path),
        this.#policy ?? api.get<Policy>("/policy"),
      ]);
    } catch (error) {
      if (error instanceof ApiError && error.code === "NotFound") {
        return this.#showGone("There is no such task.");
      }
      throw error;
    }
    this.#since = undefined;
    for (const event of since) this.#task = changedTask(this.#task, event);
    await this.#modules.want([this.#task.module]);
    this.#show();
    showTaskSettings(this.#task, this.#policy);
    await Promise.all([
      this.#history.refresh(),
      this.#schedules.refresh(),
      this.#readLog(),
      this.#readUsage(),
    ]);
  };

  readonly onEvent = (type: string, data: unknown): void => {
    if (type === "missed") void this.refresh().catch(() => {}); // the next connection shows it
    if (type === "meters") return this.#readMeters(data);
    const event = taskEvent(type, data);
    if (event === undefined || event.task !== this.#id) return;
    this.#since?.push(event);
    if (event.type === "task_removed") return this.#showGone("This task was deleted.");
    if (event.type === "log") return this.#takeLine(event);
    if (this.#task !== undefined) this.#task = changedTask(this.#task, event);
    if (event.type === "execution_started") {
      this.#follow(event.execution);
      this.#history.takeStart();
    }
    if (event.type === "execution_finished") {
      this.#history.takeEnd(event.execution);
      void this.#readLog(true).catch(() => {}); // what was denied is told at the end
      void this.#schedules.refresh().catch(() => {}); // the next connection shows it
    }
    this.#draw();
  };

  #show(): void {
    const task = this.#task;
    if (task === undefined) return;
    const { name, state, lastExecution: last } = task, isLive = state === "running" || state === "paused";
    setTitle(name);
    showText(part("task-name", HTMLElement), visibleName(name));
    fill(part("task-badge", HTMLElement), badge(state));
    this.#actions.update(state, name);
    showTaskFacts(task, this.#modules);
    part("task-live", HTMLElement).hidden = !isLive;
    if (last !== null) {
      fill(
        part("task-last", HTMLElement),
        "Of the ",
        element("a", { href: executionLink(last.id) }, `execution #${last.id}`),
        ".",
      );
    }
    part("task-body", HTMLElement).hidden = false;
  }

  #showGone(text: string): void {
    this.#task = undefined;
    part("task-body", HTMLElement).hidden = true;
    part("task-controls", HTMLElement).hidden = true;
    fill(part("task-badge", HTMLElement));
    const gone = part("task-gone", HTMLElement);
    gone.textContent = text;
    gone.hidden = false;
  }

  /** Shows the log of a new execution. */
  #follow(execution: number): void {
    if (this.#logged === execution) return;
    this.#logged = execution;
    this.#log.clear();
  }

  #takeLine({ execution, line, index }: Extract<TaskEvent, { type: "log" }>): void {
    this.#follow(execution);
    this.#log.add(line, index);
  }

  /** @param ended whether the execution that is shown has ended */
  async #readLog(ended = false): Promise<void> {
    const last = this.#task?.lastExecution ?? undefined;
    if (last === undefined) return this.#log.show([], { cut: 0, empty: "It was never started." });
    const { execution, lines, cut } = await this.#frame.api.get<Log>(`/executions/${last.id}/logs`);
    this.#follow(execution);
    const empty = ended || last.status !== "running"
      ? "It has logged nothing."
      : "It has logged nothing yet.";
    this.#log.show(lines, { cut, empty });
  }

  async #readUsage(): Promise<void> {
    const usage = await this.#frame.api.get<Usage | null>(`/tasks/${encodeURIComponent(this.#id)}/usage`);
    if (usage !== null) this.#showMeters(usage);
  }

  #readMeters(data: unknown): void {
    const { guests } = data as { readonly guests: readonly GuestMeters[] }; // as the server sends events of this type
    const guest = guests.find(({ task }) => task === this.#id);
    if (guest !== undefined) this.#showMeters(guest);
  }

  #showMeters(usage: Usage & { readonly fuelPerSecond?: number }): void {
    this.#meters.show({
      fuel: countText(usage.fuel),
      fuelPerSecond: usage.fuelPerSecond === undefined ? undefined : countText(usage.fuelPerSecond),
      cpu: durationText(usage.cpuMs * 1000),
      memory: bytesText(usage.memory),
      hostCalls: countText(usage.hostCalls),
      denials: countText(usage.denials),
    });
  }
}
