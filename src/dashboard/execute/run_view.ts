/** A run: how it stands, what it returned, what it says and uses, and what can be asked of it. */
import type { Execution, LimitAmount, Policy, Task } from "../api_types.ts";
import { badge } from "../badges.ts";
import { Chart, type ChartData } from "../chart.ts";
import { element, fill } from "../dom.ts";
import { bytesText, countText, durationText } from "../format.ts";
import type { PageFrame } from "../frame.ts";
import type { NewTask } from "../forms/new_task.ts";
import { taskLink } from "../links.ts";
import { attempt } from "../notices.ts";
import { MeterTiles } from "../tasks/meter_tiles.ts";
import { LogView } from "../tasks/log_view.ts";
import { outcomeWords } from "../tasks/outcome_words.ts";
import { effectiveLimits } from "./local_run.ts";
import { shownResults } from "./result_text.ts";
import { RunModel, type RunState, type UsageSample } from "./run_model.ts";

/** A run to show. */
export interface ShownRun {
  readonly task: Task;
  /** Types of what its function returns; undefined where they are not known. */
  readonly results: readonly string[] | undefined;
}

/** What can be asked of a task, and in which of its states. */
const ACTIONS = {
  pause: { label: "Pause", states: ["queued", "running", "waiting"] },
  resume: { label: "Resume", states: ["paused"] },
  stop: { label: "Stop", states: ["queued", "running", "paused", "waiting"] },
  start: { label: "Run again", states: ["completed", "failed", "stopped", "interrupted"] },
} as const;

type ActionName = keyof typeof ACTIONS;

const METERS = ["fuel", "time", "cpu", "memory", "hostCalls", "denials"] as const;

export class RunView {
  readonly #frame: PageFrame;
  readonly #policy: Policy;
  readonly #place: HTMLElement;
  readonly #state: HTMLElement = element("span", {});
  readonly #outcome: HTMLElement = element("div", { class: "run-outcome", role: "status" });
  readonly #results: HTMLElement = element("div", {});
  readonly #link: HTMLAnchorElement = element("a", {}, "This task in Tasks");
  readonly #buttons: ReadonlyMap<ActionName, HTMLButtonElement>;
  readonly #body: HTMLElement;
  readonly #pictures: HTMLElement;
  readonly #meters: MeterTiles;
  readonly #charts: { readonly fuel: Chart; readonly memory: Chart };
  readonly #log: LogView;
  #run: ShownRun | undefined;
  #model: RunModel | undefined;
  /** Of the execution that is shown. */
  #execution: number | undefined;
  #outcomeKey = "";

  constructor(place: HTMLElement, { frame, policy }: { readonly frame: PageFrame; readonly policy: Policy }) {
    this.#place = place;
    this.#frame = frame;
    this.#policy = policy;
    const names = Object.keys(ACTIONS) as ActionName[]; // its own keys
    this.#buttons = new Map(names.map((name) => [name, this.#button(name)]));
    const meters = element("div", {}),
      log = element("div", {}),
      fuel = element("div", {}),
      memory = element("div", {});
    this.#pictures = element("div", { class: "run-charts" }, fuel, memory);
    this.#body = element(
      "div",
      { class: "run-body" },
      this.#outcome,
      this.#results,
      meters,
      this.#pictures,
      element("h3", {}, "Output"),
      log,
    );
    this.#meters = new MeterTiles(meters, METERS);
    this.#charts = { fuel: usageChart(fuel, "fuel"), memory: usageChart(memory, "memory") };
    this.#log = new LogView(log, { search: true, tail: true });
    this.#showNothing();
  }

  /** Shows a run from now on, in place of the one before. */
  show(run: ShownRun): void {
    this.#model?.close();
    this.#run = run;
    this.#execution = undefined;
    this.#log.clear();
    this.#link.href = taskLink(run.task.id);
    fill(
      this.#place,
      element(
        "div",
        { class: "title-row" },
        element("h2", {}, "Run of ", element("bdi", {}, run.task.name)),
        this.#state,
        [...this.#buttons.values()],
      ),
      this.#body,
      element("p", { class: "run-link" }, this.#link),
    );
    this.#model = new RunModel(this.#frame.api, { task: run.task, onChange: (state) => this.#show(state) });
    this.#show(this.#model.state);
    if (this.#place.getBoundingClientRect().top > innerHeight) this.#place.scrollIntoView();
  }

  /** Told of each event of the server. */
  onEvent(type: string, data: unknown): void {
    this.#model?.onEvent(type, data);
  }

  /** Looks at everything again. */
  async refresh(): Promise<void> {
    await this.#model?.refresh();
  }

  #showNothing(): void {
    fill(
      this.#place,
      element("h2", {}, "Run"),
      element(
        "p",
        { class: "empty" },
        this.#frame.readOnly
          ? "You have signed in to look: nothing can be run."
          : "Nothing was run yet. Choose a module, then Run: what it prints, returns and uses is shown here.",
      ),
    );
  }

  #button(name: ActionName): HTMLButtonElement {
    return element("button", {
      type: "button",
      disabled: this.#frame.readOnly,
      title: this.#frame.readOnly && "You have signed in to look, not to change",
      onclick: () => void this.#ask(name),
    }, ACTIONS[name].label);
  }

  async #ask(name: ActionName): Promise<void> {
    const model = this.#model;
    if (model === undefined) return;
    const path = `/tasks/${encodeURIComponent(model.state.task.id)}/${name}`;
    await attempt(async () => model.take(await this.#frame.api.send<Task>("POST", path)));
  }

  #show(state: RunState): void {
    const { task, execution, lines, cut, samples } = state;
    if (execution?.id !== this.#execution) this.#log.clear();
    this.#execution = execution?.id;
    if (this.#state.textContent?.endsWith(task.state) !== true) fill(this.#state, badge(task.state));
    for (const [name, button] of this.#buttons) {
      const states: readonly string[] = ACTIONS[name].states;
      button.hidden = !states.includes(task.state);
    }
    this.#showOutcome(state);
    this.#meters.show(this.#readings(state));
    // What has ended before it was looked at has no course to be seen.
    this.#pictures.hidden = samples.length < 2;
    if (samples.length >= 2) {
      this.#charts.fuel.show(series(samples, ({ fuel }) => Number(fuel)));
      this.#charts.memory.show(series(samples, ({ memory }) => memory));
    }
    this.#log.show(lines, { cut, empty: "Nothing was printed or logged." });
  }

  /** Drawn anew only when it says something else: it is read aloud. */
  #showOutcome({ task, execution }: RunState): void {
    const key = JSON.stringify([task.state, execution?.id, execution?.status, execution?.outcome]);
    if (key === this.#outcomeKey) return;
    this.#outcomeKey = key;
    const ended = execution !== undefined && execution.status !== "running" ? execution : undefined;
    const error = ended?.error ?? (execution === undefined ? task.error : null);
    fill(
      this.#outcome,
      element("p", { class: `run-words run-${ended?.status ?? task.state}` }, wordsOf(task, ended)),
      error !== null && error !== undefined && element("p", { class: "run-error" }, error),
    );
    const results = shownResults(ended?.results, this.#run?.results);
    fill(
      this.#results,
      results.length > 0 && [
        element("h3", {}, results.length === 1 ? "Result" : "Results"),
        element(
          "ol",
          { class: "results", "data-part": "results" },
          results.map(({ type, text }) =>
            element(
              "li",
              {},
              element("output", { class: "result mono" }, text),
              type !== "" && element("span", { class: "soft mono" }, type),
            )
          ),
        ),
      ],
    );
  }

  #readings({ task, execution, samples }: RunState): Parameters<MeterTiles["show"]>[0] {
    const latest = samples.at(-1), limits = effectiveLimits(task.settings as Partial<NewTask>, this.#policy); // as it was made
    if (execution === undefined) return {};
    const isRunning = execution.status === "running", running = isRunning ? latest : undefined;
    const elapsed = isRunning
      ? Math.max(0, this.#frame.now() - execution.startedAt) * 1000
      : execution.durationUs;
    const cpu = running === undefined ? execution.cpuUs : running.cpuMs * 1000;
    const memory = isRunning ? Math.max(0, ...samples.map((one) => one.memory)) : execution.peakMemory;
    const of = (text: string, limit: LimitAmount, limitText: (amount: number) => string) =>
      limit === null ? text : `${text} of ${limitText(Number(limit))}`;
    return {
      fuel: of(countText(running?.fuel ?? execution.fuel), limits.fuelLimit, countText),
      time: durationText(elapsed),
      cpu: durationText(cpu),
      memory: of(bytesText(memory), limits.memoryLimit, bytesText),
      hostCalls: countText(running?.hostCalls ?? execution.hostCalls),
      denials: countText(running?.denials ?? execution.denials),
    };
  }
}

function wordsOf(task: Task, ended: Execution | undefined): string {
  if (ended !== undefined && task.state !== "running" && task.state !== "queued") return outcomeWords(ended);
  switch (task.state) {
    case "ready":
      return "Not started yet";
    case "queued":
      return "Waits for its turn";
    case "waiting":
      return "Waits to be tried again";
    case "paused":
      return "Stands still until it is resumed";
    default:
      return "Runs";
  }
}

function usageChart(place: HTMLElement, kind: "fuel" | "memory"): Chart {
  return kind === "fuel"
    ? new Chart(place, {
      label: "Fuel that the guest has used",
      series: [{ label: "Fuel", colour: "--colour-running", kind: "area" }],
      value: countText,
      axis: "Fuel",
      height: 150,
    })
    : new Chart(place, {
      label: "Memory of the guest",
      series: [{ label: "Memory", colour: "--colour-paused", kind: "area" }],
      value: bytesText,
      axis: "Memory",
      unit: "bytes",
      height: 150,
    });
}

function series(samples: readonly UsageSample[], value: (sample: UsageSample) => number): ChartData {
  return [samples.map(({ time }) => time / 1000), samples.map(value)];
}
