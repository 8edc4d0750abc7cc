/** When a task starts by itself: looked at, turned on and off, added, removed. */
import type { Api } from "../api.ts";
import type { Schedule } from "../api_types.ts";
import { confirmed } from "../confirm.ts";
import { element, fill } from "../dom.ts";
import { timeElement } from "../format.ts";
import { attempt } from "../notices.ts";
import { READ_ONLY } from "./action_buttons.ts";
import { ScheduleFields } from "./schedule_fields.ts";

export class SchedulePanel {
  readonly #api: Api;
  readonly #task: string;
  readonly #readOnly: boolean;
  readonly #list: HTMLElement = element("div");
  readonly #fields: ScheduleFields = new ScheduleFields();

  constructor(
    place: HTMLElement,
    { api, task, readOnly }: { readonly api: Api; readonly task: string; readonly readOnly: boolean },
  ) {
    this.#api = api;
    this.#task = task;
    this.#readOnly = readOnly;
    fill(
      place,
      this.#list,
      !readOnly && element(
        "form",
        { class: "schedule-form", onsubmit: (event) => this.#submit(event) },
        this.#fields.elements,
        element("button", {}, "Add schedule"),
      ),
    );
  }

  async refresh(): Promise<void> {
    const { items } = await this.#api.get<{ items: Schedule[] }>("/schedules");
    this.#show(items.filter(({ task }) => task === this.#task));
  }

  #show(schedules: readonly Schedule[]): void {
    // What has the focus is found again by its name.
    const focused = this.#list.contains(document.activeElement)
      ? document.activeElement?.getAttribute("aria-label")
      : undefined;
    fill(
      this.#list,
      schedules.length === 0
        ? element("p", { class: "soft" }, "It starts only when it is asked to.")
        : element(
          "div",
          { class: "table-frame" },
          element(
            "table",
            {},
            element("caption", { class: "visually-hidden" }, "Schedules"),
            element(
              "thead",
              {},
              element(
                "tr",
                {},
                ["On", "When", "Time zone", "Next start", "Last start"].map((label) =>
                  element("th", { scope: "col" }, label)
                ),
                element("th", { scope: "col", class: "number" }, "Left out"),
                element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, "Remove")),
              ),
            ),
            element("tbody", {}, schedules.map((schedule) => this.#row(schedule))),
          ),
        ),
    );
    if (focused) this.#list.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  #row({ id, cron, timezone, enabled, nextAt, lastAt, skipped }: Schedule): HTMLElement {
    const title = this.#readOnly ? READ_ONLY : undefined, path = `/schedules/${encodeURIComponent(id)}`;
    const box = element("input", {
      type: "checkbox",
      "aria-label": `On: ${cron}`,
      disabled: this.#readOnly,
      title,
      onchange: () => void this.#change(() => this.#api.send("PATCH", path, { enabled: box.checked })),
    });
    box.checked = enabled;
    const remove = async () => {
      const text = "The task goes on to exist, and no longer starts by it.";
      if (!await confirmed({ title: `Remove the schedule ${cron}?`, text, action: "Remove" })) return;
      await this.#change(() => this.#api.send("DELETE", path), "The schedule was removed");
    };
    return element(
      "tr",
      {},
      element("td", {}, box),
      element("th", { scope: "row" }, element("code", {}, cron)),
      element("td", {}, timezone),
      element("td", {}, enabled ? timeElement(nextAt) : "off"),
      element("td", {}, timeElement(lastAt)),
      element("td", { class: "number" }, skipped.toLocaleString()),
      element(
        "td",
        { class: "number" },
        element("button", {
          type: "button",
          class: "small quiet",
          disabled: this.#readOnly,
          title,
          "aria-label": `Remove ${cron}`,
          onclick: () => void remove(),
        }, "Remove"),
      ),
    );
  }

  #submit(event: Event): void {
    event.preventDefault();
    const asked = this.#fields.schedule();
    if (asked === undefined) return this.#fields.focus();
    void this.#change(
      () => this.#api.send("POST", "/schedules", { task: this.#task, ...asked }),
      "The schedule was added",
    ).then((added) => {
      if (added) this.#fields.clear();
    });
  }

  async #change(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    const isDone = await attempt(work, done);
    await attempt(() => this.refresh());
    return isDone;
  }
}
