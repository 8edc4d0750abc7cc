/** What few runs want: a name, another engine, a place in the queue, further tries, a deadline. */
import { ENGINES } from "../../core/engine.ts";
import { parseDuration } from "../../core/units.ts";
import { element } from "../dom.ts";
import { type AnyField, Field, select, textInput } from "./field.ts";
import { type AdvancedSettings, PRIORITIES } from "./new_task.ts";

/** Characters of a name, and tries, as the server takes them. */
const LONGEST_NAME = 200, MOST_RETRIES = 100;

/** Milliseconds of the shortest and the longest deadline that the server takes. */
const LEAST_DEADLINE = 100, MOST_DEADLINE = 2 ** 31 - 1000;

const ENGINE_WORDS = {
  v8: "v8 – compiled, fast",
  interpreter: "interpreter – can be saved, many times slower",
} as const satisfies Record<typeof ENGINES[number], string>;

export class AdvancedForm {
  readonly element: HTMLDetailsElement;
  readonly #name: Field;
  readonly #group: Field;
  readonly #engine: Field<HTMLSelectElement>;
  readonly #priority: Field<HTMLSelectElement>;
  readonly #retries: Field;
  readonly #deadline: Field;

  constructor({ engine, onChange }: { readonly engine: string; readonly onChange: () => void }) {
    const short = (text: string) =>
      text.length > LONGEST_NAME ? `At most ${LONGEST_NAME} characters` : undefined;
    this.#name = new Field({ label: "Name of the task", input: textInput(), check: short, onChange });
    this.#group = new Field({
      label: "Group",
      input: textInput({ placeholder: "none" }),
      hint: "Tasks of a group are dealt with together",
      check: short,
      onChange,
    });
    this.#engine = new Field({
      label: "Engine",
      input: select({ "": `as the server: ${engine}`, ...ENGINE_WORDS }, ""),
      onChange,
    });
    this.#priority = new Field({
      label: "Priority",
      input: select(Object.fromEntries(PRIORITIES.map((name) => [name, name])), "normal"),
      onChange,
    });
    this.#retries = new Field({
      label: "Tries after one that failed",
      input: textInput({ placeholder: "0" }),
      check: (text) =>
        /^\s*(\d{1,3})?\s*$/.test(text) && Number(text) <= MOST_RETRIES
          ? undefined
          : `A whole number from 0 to ${MOST_RETRIES}`,
      onChange,
    });
    this.#deadline = new Field({
      label: "Deadline",
      input: textInput({ placeholder: "none" }),
      hint: "How long an execution may take in all, pauses included: 30s, 10m, 2h",
      check: deadlineProblem,
      onChange,
    });
    this.element = element(
      "details",
      {},
      element("summary", {}, "More settings"),
      element("div", { class: "fields" }, this.#fields.map((field) => field.element)),
    );
  }

  /** What the task is called where nobody says otherwise. */
  set defaultName(name: string) {
    this.#name.input.placeholder = name;
  }

  /** What was typed, and the name; undefined while it cannot be used. */
  read(): (AdvancedSettings & { readonly name: string }) | undefined {
    if (this.#fields.some(({ problem }) => problem !== undefined)) return undefined;
    const group = this.#group.value.trim(), deadline = this.#deadline.value.trim();
    const count = Number(this.#retries.value),
      priority = PRIORITIES.find((one) => one === this.#priority.value);
    const engine = ENGINES.find((one) => one === this.#engine.value);
    return {
      name: this.#name.value.trim() || this.#name.input.placeholder || "run",
      ...(group === "" ? {} : { group }),
      ...(engine === undefined ? {} : { engine }),
      ...(priority === undefined || priority === "normal" ? {} : { priority }),
      ...(count === 0 ? {} : { retries: { count } }),
      ...(deadline === "" ? {} : { deadline }),
    };
  }

  /** Shows what is wrong. @returns the first field that is */
  showProblems(): HTMLElement | undefined {
    const first = this.#fields.filter((field) => field.showProblem())[0];
    if (first !== undefined) this.element.open = true;
    return first?.input;
  }

  /** Fills in settings, such as those of an earlier run. */
  set(settings: Partial<AdvancedSettings & { readonly name: string }>): void {
    const { name = "", group = "", engine, priority = "normal", retries, deadline = "" } = settings;
    this.#name.value = name;
    this.#group.value = group;
    this.#engine.value = engine ?? "";
    this.#priority.value = priority;
    this.#retries.value = retries === undefined || retries.count === 0 ? "" : String(retries.count);
    this.#deadline.value = deadline;
  }

  get #fields(): readonly AnyField[] {
    return [this.#name, this.#group, this.#engine, this.#priority, this.#retries, this.#deadline];
  }
}

function deadlineProblem(text: string): string | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (/^[\d_.]+$/.test(typed)) return "Say the unit, as 500ms, 5s or 2m";
  try {
    const time = parseDuration(typed, "the deadline");
    if (time < LEAST_DEADLINE) return `At least ${LEAST_DEADLINE}ms`;
    return time > MOST_DEADLINE ? "At most 596h" : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
