/** The view of one execution: what happened in it, what it came to, what it used. Live while it runs. */
import { ApiError } from "../api_error.ts";
import type { Activity, Execution, GuestMeters, Log, Task } from "../api_types.ts";
import { element, fill, part } from "../dom.ts";
import { bytesText, countText, durationText } from "../format.ts";
import type { PageFrame, PageProgram } from "../frame.ts";
import { executionLink, taskLink } from "../links.ts";
import { attempt } from "../notices.ts";
import { soon } from "../soon.ts";
import { READ_ONLY } from "./action_buttons.ts";
import { duplicateTask } from "./duplicate_dialog.ts";
import { MeterTiles } from "./meter_tiles.ts";
import { LogView } from "./log_view.ts";
import { showRunFacts } from "./run_facts.ts";
import { neighboursOf } from "./run_neighbours.ts";
import { showText, visibleName } from "./shown_text.ts";
import { isOffered } from "./task_actions.ts";
import { changedTask, taskEvent } from "./task_changes.ts";
import { timelineOf } from "./timeline.ts";
import { TimelineView } from "./timeline_view.ts";
import { setTitle } from "./view_title.ts";

/** Milliseconds between two looks at what a guest that runs has asked for. */
const LOOK_PAUSE = 1000;

export class RunView implements PageProgram {
  /** Meters come each second. */
  readonly query = { meters: true };
  readonly #frame: PageFrame;
  readonly #id: number;
  readonly #log: LogView;
  readonly #timeline: TimelineView = new TimelineView();
  readonly #meters: MeterTiles;
  readonly #lookSoon: () => void = soon(() => this.#look(), LOOK_PAUSE);
  readonly #again: HTMLButtonElement;
  readonly #previous: HTMLAnchorElement = element("a", { class: "button" }, "Previous");
  readonly #next: HTMLAnchorElement = element("a", { class: "button" }, "Next");
  #execution: Execution | undefined;
  #task: Task | undefined;
  #activity: Activity | undefined;
  /** Whether the person wants to see the next execution as soon as it begins. */
  #follows = false;

  constructor(frame: PageFrame, { id }: { readonly id: number }) {
    const title = frame.readOnly ? READ_ONLY : undefined, disabled = frame.readOnly;
    this.#frame = frame;
    this.#id = id;
    this.#log = new LogView(part("run-log", HTMLElement), { search: true, tail: false });
    this.#meters = new MeterTiles(part("run-meters", HTMLElement), [
      "fuel",
      "time",
      "cpu",
      "memory",
      "hostCalls",
      "denials",
    ]);
    this.#again = element("button", {
      type: "button",
      class: "primary",
      disabled,
      title,
      onclick: () => void this.#runAgain(),
    }, "Run again");
    const duplicate = element("button", {
      type: "button",
      disabled,
      title,
      onclick: () => this.#task !== undefined && duplicateTask(frame.api, this.#task),
    }, "Duplicate");
    fill(part("run-controls", HTMLElement), this.#previous, this.#next, duplicate, this.#again);
    part("run-name", HTMLElement).textContent = `Execution #${id}`;
    setTitle(`Execution #${id}`);
  }

  /** Keys of the view. */
  readonly shortcuts = [
    { keys: "[", doc: "Previous execution of the task", run: () => this.#previous.click() },
    { keys: "]", doc: "Next execution of the task", run: () => this.#next.click() },
  ];

  readonly refresh = async (): Promise<void> => {
    const { api } = this.#frame;
    try {
      this.#execution = await api.get<Execution>(`/executions/${this.#id}`);
      this.#task = await api.get<Task>(`/tasks/${encodeURIComponent(this.#execution.task)}`);
    } catch (error) {
      if (error instanceof ApiError && error.code === "NotFound") {
        return this.#showGone(
          "There is no such execution. Those of a task are forgotten with it, and after a while.",
        );
      }
      throw error;
    }
    this.#log.follows = this.#execution.status === "running";
    await this.#look();
    await this.#findNeighbours();
  };

  readonly onEvent = (type: string, data: unknown): void => {
    if (type === "meters") return this.#readMeters(data);
    if (type === "missed") void this.refresh().catch(() => {}); // the next connection shows it
    const event = taskEvent(type, data), task = this.#task;
    if (event === undefined || task === undefined || event.task !== task.id) return;
    this.#task = changedTask(task, event);
    switch (event.type) {
      case "task_removed":
        return this.#showGone("Its task was deleted, and with it its history.");
      case "log":
        if (event.execution !== this.#id) return;
        this.#log.add(event.line, event.index);
        return this.#lookSoon();
      case "execution_started":
        if (this.#follows) location.assign(executionLink(event.execution));
        else void this.#findNeighbours().catch(() => {}); // the next connection shows it
        return;
      case "execution_finished":
        if (event.execution.id !== this.#id) return;
        this.#execution = event.execution;
        this.#show();
        return this.#lookSoon();
      case "task_state":
        this.#showControls();
    }
  };

  /** Reads what comes bit by bit: what it has asked for, what it has logged. */
  async #look(): Promise<void> {
    const { api } = this.#frame, path = `/executions/${this.#id}`;
    const [log, activity] = await Promise.all([
      api.get<Log>(`${path}/logs`),
      api.get<Activity>(`${path}/activity`),
    ]);
    this.#activity = activity;
    const empty = this.#execution?.status === "running"
      ? "It has logged nothing yet."
      : "It has logged nothing.";
    this.#log.show(log.lines, { cut: log.cut, empty });
    this.#show();
  }

  #show(): void {
    const execution = this.#execution, task = this.#task;
    if (execution === undefined || task === undefined) return;
    const link = part("run-task", HTMLAnchorElement);
    link.href = taskLink(task.id);
    showText(link, visibleName(task.name));
    showRunFacts(execution, task);
    this.#showControls();
    if (execution.status !== "running") {
      this.#meters.show({
        fuel: countText(execution.fuel),
        time: durationText(execution.durationUs),
        cpu: durationText(execution.cpuUs),
        memory: bytesText(execution.peakMemory),
        hostCalls: countText(execution.hostCalls),
        denials: countText(execution.denials),
      });
    }
    const { items: activity = [], cut = 0 } = this.#activity ?? {};
    const now = Date.now() + this.#clockDifference;
    this.#timeline.show(timelineOf({ execution, activity, lines: this.#log.lines, now }), cut);
    part("run-body", HTMLElement).hidden = false;
  }

  #showControls(): void {
    const { state } = this.#task ?? {};
    if (this.#frame.readOnly || state === undefined) return;
    const isIdle = isOffered("start", state);
    this.#again.disabled = !isIdle;
    this.#again.title = isIdle ? "" : `Its task is ${state}`;
  }

  #showGone(text: string): void {
    const gone = part("run-gone", HTMLElement);
    this.#execution = undefined;
    gone.textContent = text;
    gone.hidden = false;
    part("run-body", HTMLElement).hidden = true;
    part("run-controls", HTMLElement).hidden = true;
    fill(part("run-badge", HTMLElement));
  }

  async #findNeighbours(): Promise<void> {
    if (this.#execution === undefined) return;
    const { previous, next } = await neighboursOf(this.#frame.api, this.#execution);
    showStep(this.#previous, previous);
    showStep(this.#next, next);
  }

  async #runAgain(): Promise<void> {
    const task = this.#task;
    if (task === undefined) return;
    this.#follows = true;
    this.#again.disabled = true;
    const path = `/tasks/${encodeURIComponent(task.id)}/start`;
    if (
      await attempt(
        () => this.#frame.api.send("POST", path),
        "It was started; its execution opens when it begins",
      )
    ) {
      return;
    }
    this.#follows = false;
    this.#showControls();
  }

  /** Milliseconds by which the server's clock is ahead. */
  #clockDifference = 0;

  #readMeters(data: unknown): void {
    const { guests, sample } = data as {
      readonly guests: readonly GuestMeters[];
      readonly sample: { readonly time: number };
    }; // as the server sends events of this type
    const guest = guests.find(({ execution }) => execution === this.#id);
    if (guest === undefined || this.#execution?.status !== "running") return;
    this.#clockDifference = sample.time - Date.now();
    this.#meters.show({
      fuel: countText(guest.fuel),
      time: durationText((sample.time - guest.startedAt) * 1000),
      cpu: durationText(guest.cpuMs * 1000),
      memory: bytesText(guest.memory),
      hostCalls: countText(guest.hostCalls),
      denials: countText(guest.denials),
    });
    this.#lookSoon();
  }
}

function showStep(link: HTMLAnchorElement, id: number | undefined): void {
  if (id === undefined) {
    link.removeAttribute("href");
    link.setAttribute("aria-disabled", "true");
  } else {
    link.href = executionLink(id);
    link.removeAttribute("aria-disabled");
  }
}
