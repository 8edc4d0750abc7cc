/** What has happened lately: the latest executions, and events of tasks with who asked for them. */
import type { Api } from "../api.ts";
import type { AuditRecord, Execution, Page, TaskState } from "../api_types.ts";
import { auditRow, taskOfAudit } from "../audit_row.ts";
import { badge } from "../badges.ts";
import { type Child, element, fill, part } from "../dom.ts";
import { countText, durationText, timeElement } from "../format.ts";
import { executionLink, taskLink } from "../links.ts";
import { soon } from "../soon.ts";
import type { EventHandlers } from "../task_events.ts";
import type { TaskNames } from "../task_names.ts";

/** Rows of each table. */
const MOST = 12;

/** States that a task comes to without anybody asking, and that are told of. */
const TOLD: readonly TaskState[] = ["completed", "failed", "interrupted", "waiting"];

/** An event that was heard while the page was open. */
interface Heard {
  readonly at: number;
  readonly task: string | undefined;
  readonly what: Child;
}

export class Activity {
  readonly #api: Api;
  readonly #names: TaskNames;
  readonly #draw: () => void = soon(() => this.#drawEvents(), 300);
  #audit: AuditRecord[] = [];
  #heard: Heard[] = [];

  constructor(api: Api, names: TaskNames) {
    this.#api = api;
    this.#names = names;
  }

  /** What the page does at events. */
  readonly handlers: EventHandlers = {
    task_created: ({ task, name }) => this.#names.learn(task, name),
    task_removed: ({ task, name }) => this.#names.learn(task, name),
    task_state: ({ time, task, to }) => TOLD.includes(to) && this.#hear(time, task, badge(to)),
    alert: ({ time, task, level, message }) => this.#hear(time, task, `alert, ${level}: ${message}`),
    denial: ({ time, task, capability, action, target }) =>
      this.#hear(time, task, `denied: ${capability} ${action} ${target}`),
    store_error: ({ time, task, error }) => this.#hear(time, task, `the database failed: ${error}`),
    audit: (record) => {
      this.#audit = [record, ...this.#audit].slice(0, MOST);
      this.#draw();
    },
  };

  async refresh(): Promise<void> {
    await Promise.all([this.refreshExecutions(), this.#refreshAudit()]);
  }

  async refreshExecutions(): Promise<void> {
    const { items } = await this.#api.get<Page<Execution>>("/executions", { limit: MOST });
    await this.#names.load(items.map(({ task }) => task));
    fill(
      part("executions", HTMLElement),
      items.length === 0 ? none(5, "Nothing has run yet") : items.map((one) => this.#row(one)),
    );
  }

  async #refreshAudit(): Promise<void> {
    this.#audit = (await this.#api.get<Page<AuditRecord>>("/audit", { limit: MOST })).items;
    await this.#drawEvents();
  }

  #row({ id, task, status, startedAt, durationUs, fuel }: Execution): HTMLTableRowElement {
    return element(
      "tr",
      {},
      element("td", {}, badge(status)),
      element("td", { class: "name" }, element("a", { href: executionLink(id) }, this.#names.of(task))),
      element("td", { class: "time" }, timeElement(startedAt)),
      element("td", { class: "number" }, durationText(durationUs)),
      element("td", { class: "number" }, countText(fuel)),
    );
  }

  #hear(at: number, task: string | undefined, what: Child): void {
    this.#heard = [{ at, task, what }, ...this.#heard].slice(0, MOST);
    this.#draw();
  }

  async #drawEvents(): Promise<void> {
    const tasks = [...this.#heard.map(({ task }) => task), ...this.#audit.map(taskOfAudit)];
    await this.#names.load(tasks.filter((task) => task !== undefined));
    const rows = [
      ...this.#audit.map((record) => ({ at: record.at, row: auditRow(record, this.#names) })),
      ...this.#heard.map((heard) => ({ at: heard.at, row: this.#heardRow(heard) })),
    ].sort((a, b) => b.at - a.at).slice(0, MOST);
    fill(
      part("events", HTMLElement),
      rows.length === 0 ? none(4, "Nothing has happened yet") : rows.map(({ row }) => row),
    );
  }

  #heardRow({ at, task, what }: Heard): HTMLTableRowElement {
    return element(
      "tr",
      {},
      element("td", { class: "time" }, timeElement(at)),
      element("td", { class: "soft" }, "server"),
      element("td", { class: "name" }, what),
      element(
        "td",
        { class: "name" },
        task === undefined ? "–" : element("a", { href: taskLink(task) }, this.#names.of(task)),
      ),
    );
  }
}

function none(columns: number, text: string): HTMLTableRowElement {
  return element("tr", {}, element("td", { class: "empty", colspan: columns }, text));
}
