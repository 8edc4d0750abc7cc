/** What is called, with what: a function of the module, an argument for each parameter, words and input of a program. */
import { type Kind, KINDS } from "../../core/signature.ts";
import { formatFuncType } from "../../core/value.ts";
import { allowedWords, readValueWord } from "../../core/value_word.ts";
import { element, fill } from "../dom.ts";
import { argumentJson, argumentWord } from "./argument_json.ts";
import { argumentLine, readArgumentLines } from "./argument_lines.ts";
import { Combobox } from "./combobox.ts";
import { type AnyField, Field, type FieldInput, textArea, textInput } from "./field.ts";
import { defaultFunction, type ExportedFunction, type ModuleFacts } from "./module_facts.ts";
import type { CallSettings } from "./new_task.ts";

/** Characters of standard input, as the server takes them. */
const LONGEST_INPUT = 2 ** 20;

/** Parameters that are shown: nobody types more. */
const MOST_ARGUMENTS = 100;

export class CallForm {
  readonly element: HTMLElement = element("div", { class: "call-form" });
  readonly #onChange: () => void;
  readonly #functions: Combobox<ExportedFunction>;
  readonly #type: HTMLElement = element("p", { class: "hint mono" });
  readonly #arguments: HTMLElement = element("div", { class: "fields", "data-part": "arguments" });
  readonly #program: HTMLElement;
  readonly #argv: Field<HTMLTextAreaElement>;
  readonly #stdin: Field<HTMLTextAreaElement>;
  #facts: ModuleFacts | undefined;
  #chosen: ExportedFunction | undefined;
  /** One for each parameter. */
  #fields: readonly { readonly kind: Kind; readonly field: Field<FieldInput> }[] = [];
  /** Why the function cannot be called. */
  #refusal: string | undefined;

  constructor({ onChange }: { readonly onChange: () => void }) {
    this.#onChange = onChange;
    this.#functions = new Combobox({
      label: "Function",
      placeholder: "Search the exported functions",
      empty: "No function fits",
      onChoose: (chosen) => {
        this.#choose(chosen);
        onChange();
      },
    });
    this.#argv = new Field({
      label: "Arguments of the program",
      input: textArea(2),
      hint: 'One on each line; with quotes, as JSON, for one that is empty or has line breaks: "a\\nb"',
      check: (text) => readArgumentLines(text).problem,
      onChange,
    });
    this.#stdin = new Field({
      label: "Standard input",
      input: textArea(3),
      check: (text) =>
        text.length > LONGEST_INPUT ? `At most ${LONGEST_INPUT.toLocaleString()} characters` : undefined,
      onChange,
    });
    this.#program = element("div", { class: "fields" }, this.#argv.element, this.#stdin.element);
    this.show(undefined);
  }

  /** The function that is chosen. */
  get chosen(): ExportedFunction | undefined {
    return this.#chosen;
  }

  /** Shows what can be called. @param wanted the function to choose; else the one that runs by itself */
  show(facts: ModuleFacts | undefined, wanted?: string): void {
    this.#facts = facts;
    const { functions = [] } = facts ?? {};
    const name = wanted ?? (facts === undefined ? undefined : defaultFunction(facts));
    this.#chosen = functions.find((one) => one.name === name) ?? functions[0];
    this.#functions.show(
      functions.map((value) => ({ value, label: value.name, detail: typeText(value) })),
      this.#chosen,
    );
    fill(
      this.element,
      facts === undefined
        ? element("p", { class: "soft" }, "Choose a module first.")
        : functions.length === 0
        ? element("p", { class: "problem" }, "The module exports no function, so there is nothing to call.")
        : [
          this.#functions.element,
          facts.more > 0 &&
          element("p", { class: "hint" }, `${facts.more.toLocaleString()} more are not listed.`),
          this.#type,
          this.#arguments,
          this.#program,
        ],
    );
    this.#choose(this.#chosen);
  }

  /** What was typed; undefined while it cannot be used. */
  read(): CallSettings | undefined {
    const chosen = this.#chosen, argv = readArgumentLines(this.#argv.value), isProgram = this.#isProgram;
    if (chosen === undefined || this.#refusal !== undefined) return undefined;
    if (this.#all().some(({ problem }) => problem !== undefined)) return undefined;
    const args = this.#fields.flatMap(({ kind, field }) => {
      const value = readValueWord(field.value.trim(), kind);
      return value === undefined ? [] : [argumentJson(kind === "string" ? field.value : value)];
    });
    return {
      function: chosen.name,
      ...(args.length === 0 ? {} : { args }),
      ...(isProgram && argv.words.length > 0 ? { argv: argv.words } : {}),
      ...(isProgram && this.#stdin.value !== "" ? { stdin: this.#stdin.value } : {}),
    };
  }

  /** Fills in arguments, such as those of an earlier run. */
  set({ args = [], argv = [], stdin = "" }: CallSettings): void {
    for (const [index, { kind, field }] of this.#fields.entries()) {
      const value = args[index];
      if (value !== undefined) field.value = argumentWord(value, kind);
    }
    this.#argv.value = argv.map(argumentLine).join("\n");
    this.#stdin.value = stdin;
  }

  /** Shows what is wrong. @returns the first field that is */
  showProblems(): HTMLElement | undefined {
    if (this.#refusal !== undefined) return this.#functions.input;
    return this.#all().filter((field) => field.showProblem())[0]?.input;
  }

  get #isProgram(): boolean {
    return this.#facts?.needsWasi === true;
  }

  #all(): AnyField[] {
    return [...this.#fields.map(({ field }) => field), ...(this.#isProgram ? [this.#argv, this.#stdin] : [])];
  }

  #choose(chosen: ExportedFunction | undefined): void {
    this.#chosen = chosen;
    this.#program.hidden = !this.#isProgram;
    fill(this.#type, chosen === undefined ? "" : typeText(chosen));
    this.#refusal = chosen === undefined ? undefined : refusalOf(chosen);
    const params = chosen === undefined || this.#refusal !== undefined ? [] : chosen.type.params;
    this.#fields = params.map((param, index) => {
      const kind = param as Kind; // refusalOf() has seen all others
      return { kind, field: this.#argument(kind, index) };
    });
    this.#arguments.hidden = this.#refusal === undefined && this.#fields.length === 0;
    fill(
      this.#arguments,
      this.#refusal !== undefined && element("p", { class: "problem", role: "alert" }, this.#refusal),
      this.#fields.map(({ field }) => field.element),
    );
  }

  #argument(kind: Kind, index: number): Field<FieldInput> {
    const isText = kind === "string" || kind === "json" || kind === "msgpack";
    const input: FieldInput = isText ? textArea(2) : textInput({ placeholder: placeholderOf(kind) });
    return new Field<FieldInput>({
      label: `Argument ${index + 1}, ${kind}`,
      input,
      check: (word) => {
        if (kind !== "string" && word.trim() === "") return `It needs ${allowedWords(kind)}`;
        return readValueWord(word.trim(), kind) === undefined ? `Not ${allowedWords(kind)}` : undefined;
      },
      onChange: this.#onChange,
    });
  }
}

function typeText({ type, problem }: ExportedFunction): string {
  return problem === undefined ? formatFuncType(type) : "cannot be called from outside";
}

/** Why no task can call a function of this type. */
function refusalOf({ type: { params }, problem }: ExportedFunction): string | undefined {
  if (problem !== undefined) return `It cannot be called from here: ${problem}.`;
  const strange = params.find((param) => !(KINDS as readonly string[]).includes(param));
  if (strange !== undefined) {
    return `It cannot be called from here: it takes a ${strange}, which cannot be typed.`;
  }
  if (params.includes("bytes")) {
    return "It cannot be called from here: it takes bytes, and a task is given text.";
  }
  if (params.length > MOST_ARGUMENTS) {
    return `It cannot be called from here: it takes ${params.length} arguments, more than ${MOST_ARGUMENTS}.`;
  }
  return undefined;
}

function placeholderOf(kind: Kind): string {
  switch (kind) {
    case "i32":
    case "i64":
      return "42, -1 or 0xff";
    default:
      return "0.5, 1e9, inf or nan";
  }
}
