/** The fields of a schedule: a cron expression, and whose clock it is meant by. */
import { element } from "../dom.ts";

export interface AskedSchedule {
  readonly cron: string;
  readonly timezone: string;
}

export class ScheduleFields {
  readonly elements: readonly HTMLElement[];
  readonly #cron: HTMLInputElement;
  readonly #timezone: HTMLInputElement;

  constructor() {
    this.#cron = element("input", {
      class: "mono",
      maxlength: 200,
      spellcheck: "false",
      autocomplete: "off",
      placeholder: "*/5 * * * *",
    });
    this.#timezone = element("input", {
      maxlength: 100,
      spellcheck: "false",
      autocomplete: "off",
      list: "time-zones",
    });
    this.#timezone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    this.elements = [
      element(
        "label",
        {},
        "Start by a schedule (cron)",
        this.#cron,
        element("span", { class: "hint" }, "Minute, hour, day of the month, month, day of the week"),
      ),
      element(
        "label",
        {},
        "Time zone",
        this.#timezone,
        element("span", { class: "hint" }, "Such as Europe/Paris"),
      ),
      element(
        "datalist",
        { id: "time-zones" },
        Intl.supportedValuesOf("timeZone").map((value) => element("option", { value })),
      ),
    ];
  }

  /** What is asked for; undefined where nothing is. */
  schedule(): AskedSchedule | undefined {
    const cron = this.#cron.value.trim(), timezone = this.#timezone.value.trim();
    return cron === "" ? undefined : { cron, timezone: timezone === "" ? "UTC" : timezone };
  }

  clear(): void {
    this.#cron.value = "";
  }

  focus(): void {
    this.#cron.focus();
  }
}
