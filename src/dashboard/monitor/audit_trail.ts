/** Who did what, the latest first. */
import type { Api } from "../api.ts";
import type { AuditRecord, Page } from "../api_types.ts";
import { auditRow, taskOfAudit } from "../audit_row.ts";
import { element, fill, part } from "../dom.ts";
import { soon } from "../soon.ts";
import type { TaskNames } from "../task_names.ts";

/** Entries that are shown. */
const MOST = 50;

export class AuditTrail {
  readonly #api: Api;
  readonly #names: TaskNames;
  readonly #drawSoon: () => void = soon(() => this.#draw(), 200);
  #records: readonly AuditRecord[] = [];

  constructor(api: Api, names: TaskNames) {
    this.#api = api;
    this.#names = names;
  }

  async refresh(): Promise<void> {
    this.#records = (await this.#api.get<Page<AuditRecord>>("/audit", { limit: MOST })).items;
    await this.#draw();
  }

  add(record: AuditRecord): void {
    this.#records = [record, ...this.#records].slice(0, MOST);
    this.#drawSoon();
  }

  async #draw(): Promise<void> {
    await this.#names.load(this.#records.map(taskOfAudit).filter((task) => task !== undefined));
    fill(
      part("audit", HTMLElement),
      this.#records.length === 0
        ? element("tr", {}, element("td", { class: "empty", colspan: 4 }, "Nobody has done anything yet"))
        : this.#records.map((record) => auditRow(record, this.#names)),
    );
  }
}
