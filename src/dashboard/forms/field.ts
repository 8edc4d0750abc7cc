/** A field with its label, a hint, and a place for what is wrong with its value, which readers of the screen find, too. */
import { element, fill } from "../dom.ts";

/** What a person types into. */
export type FieldInput = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export interface FieldOptions<Input extends FieldInput> {
  readonly label: string;
  readonly input: Input;
  /** @default none */
  readonly hint?: string;
  /** What is wrong with a value; undefined where nothing is. @default nothing ever is */
  readonly check?: (value: string) => string | undefined;
  /** Called when the value changes. */
  readonly onChange: () => void;
}

/** What forms ask of a field, whatever is typed into it. */
export interface AnyField {
  readonly element: HTMLElement;
  readonly input: HTMLElement;
  readonly problem: string | undefined;
  showProblem(): boolean;
}

/** An id that no other element of the page has. */
export function uniqueId(kind: string): string {
  return `${kind}-${Math.random().toString(36).slice(2)}`;
}

export class Field<Input extends FieldInput = HTMLInputElement> implements AnyField {
  readonly element: HTMLElement;
  readonly input: Input;
  readonly #hint: HTMLElement;
  readonly #problem: HTMLElement;
  readonly #check: (value: string) => string | undefined;
  #seen = false;

  constructor({ label, input, hint = "", check = () => undefined, onChange }: FieldOptions<Input>) {
    const id = uniqueId("field");
    this.input = input;
    this.#check = check;
    this.#hint = element("p", { class: "hint", id: `${id}-hint`, hidden: hint === "" }, hint);
    this.#problem = element("p", { class: "problem", id: `${id}-problem`, hidden: true });
    input.id = id;
    input.setAttribute("aria-describedby", `${id}-hint ${id}-problem`);
    // What is not finished yet is not wrong yet: it is told when the person goes on, and from then on as they type.
    input.addEventListener("change", () => this.#show(true));
    input.addEventListener("input", () => {
      this.#show(this.#seen);
      onChange();
    });
    if (input instanceof HTMLSelectElement) input.addEventListener("change", onChange);
    this.element = element(
      "div",
      { class: "field" },
      element("label", { for: id }, label),
      input,
      this.#hint,
      this.#problem,
    );
  }

  get value(): string {
    return this.input.value;
  }

  set value(value: string) {
    this.input.value = value;
    this.#show(this.#seen && this.problem !== undefined);
  }

  /** What is wrong with the value. */
  get problem(): string | undefined {
    return this.#check(this.input.value);
  }

  set hint(text: string) {
    fill(this.#hint, text);
    this.#hint.hidden = text === "";
  }

  /** Shows what is wrong with the value, also where nobody has been yet. @returns whether something is */
  showProblem(): boolean {
    this.#show(true);
    return this.problem !== undefined;
  }

  #show(seen: boolean): void {
    this.#seen = seen;
    const problem = seen ? this.problem : undefined;
    fill(this.#problem, problem ?? "");
    this.#problem.hidden = problem === undefined;
    if (problem === undefined) this.input.removeAttribute("aria-invalid");
    else this.input.setAttribute("aria-invalid", "true");
  }
}

/** A field of one line. */
export function textInput(attributes: { readonly placeholder?: string } = {}): HTMLInputElement {
  return element("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
}

/** A field of several lines. */
export function textArea(rows: number, placeholder?: string): HTMLTextAreaElement {
  return element("textarea", { rows, autocomplete: "off", spellcheck: "false", placeholder });
}

/** A choice among few. @param choices what is told to a person, by value */
export function select(choices: Readonly<Record<string, string>>, chosen: string): HTMLSelectElement {
  return element(
    "select",
    {},
    Object.entries(choices).map(([value, text]) =>
      element("option", { value, selected: value === chosen }, text)
    ),
  );
}
