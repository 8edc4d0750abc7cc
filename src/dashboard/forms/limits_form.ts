/** Limits of a run: those of a preset, and what is typed in their place, at most what the server allows. */
import { type LimitName, LIMITS, type PresetName, PRESETS } from "../../core/limits.ts";
import type { LimitAmount, Policy } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { Field, select, textInput } from "./field.ts";
import { COMMON_LIMITS, isMore, LIMIT_LABELS, limitProblem, limitText } from "./limit_text.ts";
import type { LimitSettings } from "./new_task.ts";

/** What tasks have that name no preset. */
const DEFAULT_PRESET: PresetName = "os";

const PRESET_WORDS: Readonly<Record<PresetName, string>> = {
  os: "os – short tasks",
  minimal: "minimal – small, pure computations",
  standard: "standard – the defaults of Aegis",
  generous: "generous – large programs",
};

export class LimitsForm {
  readonly element: HTMLElement;
  readonly #policy: Policy;
  readonly #preset: Field<HTMLSelectElement>;
  readonly #fields: ReadonlyMap<LimitName, Field>;
  readonly #more: HTMLDetailsElement;

  constructor({ policy, onChange }: { readonly policy: Policy; readonly onChange: () => void }) {
    this.#policy = policy;
    this.#preset = new Field({
      label: "Limits to start from",
      input: select(PRESET_WORDS, DEFAULT_PRESET),
      onChange: () => {
        this.#showPreset();
        onChange();
      },
    });
    const names = Object.keys(LIMITS) as LimitName[]; // its own keys
    this.#fields = new Map(names.map((name) => [name, this.#field(name, onChange)]));
    const common: readonly LimitName[] = COMMON_LIMITS, rest = names.filter((name) => !common.includes(name));
    this.#more = element(
      "details",
      {},
      element("summary", {}, "More limits"),
      element("div", { class: "fields" }, this.#elements(rest)),
    );
    this.element = element("div", { class: "limits-form" });
    fill(
      this.element,
      element("div", { class: "fields" }, this.#preset.element, this.#elements(common)),
      this.#more,
    );
    this.#showPreset();
  }

  /** What was typed; undefined while it cannot be used. */
  read(): LimitSettings | undefined {
    const fields = [...this.#fields], typed: Partial<Record<LimitName, string | number>> = {};
    if (fields.some(([, { problem }]) => problem !== undefined)) return undefined;
    for (const [name, field] of fields) {
      const text = field.value.trim(), lowered = this.#lowered(name);
      if (text !== "") typed[name] = text;
      else if (lowered !== undefined) typed[name] = lowered;
    }
    return { preset: this.#presetName, ...(Object.keys(typed).length === 0 ? {} : { limits: typed }) };
  }

  /** Shows what is wrong. @returns the first field that is */
  showProblems(): HTMLElement | undefined {
    const wrong = [...this.#fields].filter(([, field]) => field.showProblem()), first = wrong[0];
    if (first === undefined) return undefined;
    if (!first[1].input.checkVisibility()) this.#more.open = true;
    return first[1].input;
  }

  /** Fills in limits, such as those of an earlier run. */
  set({ preset = DEFAULT_PRESET, limits = {} }: LimitSettings): void {
    this.#preset.value = preset;
    for (const [name, field] of this.#fields) {
      const amount = limits[name] ?? "";
      // A number is in the limit's own unit, which a time that is typed has to name.
      field.value = typeof amount === "number" ? limitText(name, amount) : amount;
    }
    this.#showPreset();
  }

  get #presetName(): PresetName {
    const { value } = this.#preset;
    return Object.hasOwn(PRESETS, value) ? value as PresetName : DEFAULT_PRESET; // one of its keys
  }

  #elements(names: readonly LimitName[]): (HTMLElement | undefined)[] {
    return names.map((name) => this.#fields.get(name)?.element);
  }

  #field(name: LimitName, onChange: () => void): Field {
    const field: Field = new Field({
      label: LIMIT_LABELS[name],
      input: textInput(),
      check: (text) => limitProblem(name, { text, most: this.#most(name) }),
      onChange,
    });
    field.input.title = LIMITS[name].doc;
    return field;
  }

  #most(name: LimitName): LimitAmount {
    return this.#policy.limits[name]?.value ?? null;
  }

  #ofPreset(name: LimitName): LimitAmount {
    return this.#policy.presets[this.#presetName]?.[name] ?? null;
  }

  /** What a preset asks for beyond what the server allows is asked for no further than that. */
  #lowered(name: LimitName): number | string | undefined {
    const most = this.#most(name);
    if (!Object.hasOwn(PRESETS[this.#presetName], name) || most === null) return undefined;
    return isMore(this.#ofPreset(name), most) ? most : undefined;
  }

  #showPreset(): void {
    for (const [name, field] of this.#fields) {
      const most = this.#most(name), lowered = this.#lowered(name);
      field.input.placeholder = limitText(name, lowered ?? this.#ofPreset(name));
      field.hint = lowered !== undefined
        ? "As much as this server allows"
        : `At most ${limitText(name, most)}`.replace("At most unlimited", "No bound here");
    }
  }
}
