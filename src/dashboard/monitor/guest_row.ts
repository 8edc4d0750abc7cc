/** A guest that runs, as a row that stays while its figures change: what has the focus keeps it. */
import type { Api } from "../api.ts";
import type { GuestMeters, TaskState } from "../api_types.ts";
import { badge } from "../badges.ts";
import { element, fill } from "../dom.ts";
import { bytesText, countText, durationText, exactText, percentText } from "../format.ts";
import { executionLink } from "../links.ts";
import { attempt } from "../notices.ts";
import { Sparkline } from "./sparkline.ts";

export interface GuestRowOptions {
  readonly api: Api;
  readonly readOnly: boolean;
}

/** What can be asked of a task that has a guest. */
type Order = "pause" | "resume" | "stop";

const CELLS = ["fuel", "cpu", "memory", "hostCalls", "denials", "passed"] as const;

export class GuestRow {
  readonly root: HTMLTableRowElement;
  readonly #options: GuestRowOptions;
  readonly #task: string;
  readonly #name: string;
  readonly #state: HTMLElement = element("td");
  readonly #cells: Record<typeof CELLS[number], HTMLElement>;
  readonly #rate: HTMLElement = element("span", { class: "rate" }, "–");
  readonly #spark: Sparkline = new Sparkline();
  readonly #hold: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  #shown: TaskState | undefined;

  constructor({ task, name, execution, engine }: GuestMeters, options: GuestRowOptions) {
    this.#options = options;
    this.#task = task;
    this.#name = name;
    const cell = () => element("td", { class: "number" });
    this.#cells = {
      fuel: cell(),
      cpu: cell(),
      memory: cell(),
      hostCalls: cell(),
      denials: cell(),
      passed: cell(),
    };
    const { fuel, cpu, memory, hostCalls, denials, passed } = this.#cells;
    this.#hold = this.#button("pause");
    this.#stop = this.#button("stop");
    this.root = element(
      "tr",
      { "data-task": task },
      element("th", { scope: "row", class: "name" }, element("a", { href: executionLink(execution) }, name)),
      this.#state,
      element("td", {}, engine === "v8" ? "V8" : engine),
      fuel,
      element("td", { class: "number" }, this.#spark.element, this.#rate),
      cpu,
      memory,
      hostCalls,
      denials,
      passed,
      element("td", {}, element("div", { class: "row-actions" }, this.#hold, this.#stop)),
    );
  }

  /** @param now milliseconds since 1970, by the server's clock */
  show(guest: GuestMeters, now: number): void {
    const { fuel, cpu, memory, hostCalls, denials, passed } = this.#cells;
    fuel.textContent = countText(guest.fuel);
    fuel.title = `${exactText(guest.fuel)} units`;
    this.#rate.textContent = `${countText(guest.fuelPerSecond)}/s`;
    this.#spark.add(guest.fuelPerSecond);
    cpu.textContent = percentText(guest.cpu, 1);
    cpu.title = `${durationText(guest.cpuMs * 1000)} in which it was let run`;
    memory.textContent = bytesText(guest.memory);
    hostCalls.textContent = countText(guest.hostCalls);
    denials.textContent = countText(guest.denials);
    denials.classList.toggle("problem", guest.denials > 0);
    passed.textContent = durationText(1_000_000 * Math.max(0, Math.floor((now - guest.startedAt) / 1000)));
    this.showState(guest.state);
  }

  showState(state: TaskState): void {
    if (state === this.#shown) return;
    this.#shown = state;
    fill(this.#state, badge(state));
    const order = this.#order();
    this.#hold.textContent = order === "pause" ? "Pause" : "Resume";
    this.#hold.setAttribute("aria-label", `${this.#hold.textContent} ${this.#name}`);
    if (!this.#options.readOnly) this.#hold.disabled = this.#stop.disabled = state === "stopped";
  }

  #order(): Order {
    return this.#shown === "paused" ? "resume" : "pause";
  }

  #button(order: "pause" | "stop"): HTMLButtonElement {
    const { readOnly } = this.#options, text = order === "stop" ? "Stop" : "Pause";
    return element("button", {
      type: "button",
      class: "small",
      "data-order": order === "stop" ? "stop" : "hold",
      "aria-label": `${text} ${this.#name}`,
      disabled: readOnly,
      title: readOnly ? "You have signed in with a token that may only look" : undefined,
      onclick: () => void this.#ask(order === "stop" ? "stop" : this.#order()),
    }, text);
  }

  async #ask(order: Order): Promise<void> {
    await attempt(() => this.#options.api.send("POST", `/tasks/${encodeURIComponent(this.#task)}/${order}`));
  }
}
