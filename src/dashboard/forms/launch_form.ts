/**
 * All that is said of a run before it begins: the module, what is called, what it may reach and use. The pages Execute and
 * Tasks show it; what it comes to is the body of `POST /tasks`.
 */
import type { Module, Policy } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import type { PageFrame } from "../frame.ts";
import { AdvancedForm } from "./advanced_form.ts";
import { CallForm } from "./call_form.ts";
import { GrantsForm } from "./grants_form.ts";
import { LimitsForm } from "./limits_form.ts";
import type { ExportedFunction } from "./module_facts.ts";
import { ModulePicker } from "./module_picker.ts";
import { needsList } from "./needs_list.ts";
import type { NewTask } from "./new_task.ts";
import type { PickedModule } from "./picked_module.ts";

export interface LaunchFormOptions {
  readonly frame: PageFrame;
  /** Called whenever {@linkcode LaunchForm.ready} or what is asked for may have changed. */
  readonly onChange: () => void;
}

/** Something on the form cannot be used; it is shown at its field, which has the focus. */
export class FormError extends Error {
  override readonly name: string = "FormError";
}

/** The parts of the form. */
interface Forms {
  readonly call: CallForm;
  readonly grants: GrantsForm;
  readonly limits: LimitsForm;
  readonly advanced: AdvancedForm;
}

export class LaunchForm {
  readonly #frame: PageFrame;
  readonly #onChange: () => void;
  readonly #picker: ModulePicker;
  readonly #needs: HTMLElement = element("div", { "aria-live": "polite" });
  readonly #place: HTMLElement;
  #forms: Forms | undefined;
  #policy: Policy | undefined;
  #picked: PickedModule | undefined;
  /** Function to choose when the module is there. */
  #wanted: string | undefined;

  constructor(place: HTMLElement, { frame, onChange }: LaunchFormOptions) {
    this.#place = place;
    this.#frame = frame;
    this.#onChange = onChange;
    this.#picker = new ModulePicker({ frame, onPick: (picked) => this.#show(picked) });
    place.classList.add("launch-form");
    fill(place, element("p", { class: "soft" }, "Asking the server what runs may use …"));
  }

  /** Asks the server for its modules, and at first for what runs may use. */
  async refresh(): Promise<void> {
    if (this.#forms === undefined) this.#build(await this.#frame.api.get<Policy>("/policy"));
    await this.#picker.refresh();
  }

  /** Whether a run may be asked for. */
  get ready(): boolean {
    return this.settings !== undefined;
  }

  /** The module that was chosen. */
  get module(): PickedModule | undefined {
    return this.#picked;
  }

  /** The function that was chosen. */
  get function(): ExportedFunction | undefined {
    return this.#forms?.call.chosen;
  }

  /** What runs may use at most. */
  get policy(): Policy | undefined {
    return this.#policy;
  }

  /** All that was said, but for the module; undefined while it cannot be used. */
  get settings(): Omit<NewTask, "module"> | undefined {
    const forms = this.#forms, picked = this.#picked;
    if (forms === undefined || picked === undefined || picked.facts.faults.length > 0) return undefined;
    const call = forms.call.read(), grants = forms.grants.read();
    const limits = forms.limits.read(), advanced = forms.advanced.read();
    if (call === undefined || grants === undefined || limits === undefined || advanced === undefined) {
      return undefined;
    }
    return { ...advanced, ...call, ...limits, ...grants };
  }

  /** Chooses a module that the server keeps, and a function of it. */
  async choose(
    { module, function: wanted }: { readonly module: string; readonly function?: string },
  ): Promise<void> {
    this.#wanted = wanted;
    await this.#picker.pickKept(module, wanted);
  }

  /** Fills in all but the module and the function: what was said of an earlier run. */
  set(settings: Partial<NewTask>): void {
    for (const form of Object.values(this.#forms ?? {})) form.set(settings);
    this.#onChange();
  }

  /** Chooses a file, in binary or text form: one that was dropped elsewhere on the page. */
  async pickFile(file: File): Promise<void> {
    await this.#picker.pickFile(file);
  }

  /**
   * The body of `POST /tasks`; a module that is new is sent to the server before.
   *
   * @throws {FormError} where something cannot be used
   * @throws {ApiError} where the server does not take the module
   */
  async newTask(): Promise<NewTask> {
    const picked = this.#picked, { settings } = this;
    if (picked === undefined || settings === undefined) throw this.#problem();
    const hash = picked.kept && picked.hash !== undefined ? picked.hash : await this.#keep(picked);
    return { ...settings, module: hash };
  }

  /** Shows what is wrong, and goes there. */
  #problem(): FormError {
    const { call, limits, grants, advanced } = this.#forms ?? {};
    if (this.#picked === undefined) return new FormError("Choose a module first");
    if (this.#picked.facts.faults.length > 0) return new FormError("The module would not run");
    const wrong = [call, grants, limits, advanced].map((form) => form?.showProblems())
      .find((field) => field !== undefined);
    wrong?.focus();
    return new FormError("Something on the form cannot be used; it is said at its field");
  }

  async #keep(picked: PickedModule): Promise<string> {
    const { hash } = await this.#frame.api.upload<Module>(picked.bytes, picked.name);
    if (this.#picked !== picked) return hash; // another one was chosen in the meantime
    this.#picked = { ...picked, hash, kept: true };
    await this.#picker.kept(this.#picked);
    return hash;
  }

  #build(policy: Policy): void {
    const onChange = this.#onChange,
      forms: Forms = {
        call: new CallForm({ onChange }),
        grants: new GrantsForm({ policy, onChange }),
        limits: new LimitsForm({ policy, onChange }),
        advanced: new AdvancedForm({ engine: policy.engine, onChange }),
      };
    this.#policy = policy;
    this.#forms = forms;
    fill(
      this.#place,
      section("Module", this.#picker.element),
      section("Call", forms.call.element),
      section("Capabilities", this.#needs, forms.grants.element),
      section("Limits", forms.limits.element),
      forms.advanced.element,
    );
    this.#show(this.#picked);
  }

  #show(picked: PickedModule | undefined): void {
    const forms = this.#forms, policy = this.#policy;
    this.#picked = picked;
    if (forms === undefined || policy === undefined) return;
    forms.call.show(picked?.facts, this.#wanted);
    this.#wanted = undefined;
    forms.grants.show({ needs: picked?.facts.needs ?? [] });
    forms.advanced.defaultName = (picked?.name ?? "run").replace(/\.(?:wasm|wat)$/i, "").slice(0, 200) ||
      "run";
    fill(
      this.#needs,
      picked === undefined
        ? element("p", { class: "soft" }, "Choose a module to see what it needs.")
        : needsList(picked.facts, policy),
    );
    this.#onChange();
  }
}

function section(title: string, ...children: readonly Element[]): HTMLElement {
  return element("fieldset", { class: "form-section" }, element("legend", {}, title), children);
}
