/** The program of the page. */
import type { Task } from "./api_types.ts";
import { part } from "./dom.ts";
import { ElsewhereView } from "./execute/elsewhere_view.ts";
import { settingsOfTask } from "./execute/task_settings.ts";
import { RunView } from "./execute/run_view.ts";
import { addressText, readAddress } from "./execute/url_state.ts";
import { FormError, LaunchForm } from "./forms/launch_form.ts";
import type { NewTask } from "./forms/new_task.ts";
import { type PageFrame, startPage } from "./frame.ts";
import { saveFile } from "./save_file.ts";
import { attempt } from "./notices.ts";

/** The parts of the page. */
class ExecutePage {
  readonly #frame: PageFrame;
  readonly #form: LaunchForm;
  readonly #elsewhere: ElsewhereView;
  readonly #button: HTMLButtonElement = part("run-button", HTMLButtonElement);
  #view: RunView | undefined;
  #task: string | undefined;
  #busy = false;

  constructor(frame: PageFrame) {
    this.#frame = frame;
    this.#form = new LaunchForm(part("launch", HTMLElement), { frame, onChange: () => this.#onChange() });
    this.#elsewhere = new ElsewhereView(part("elsewhere", HTMLElement), { save: (name) => this.#save(name) });
    this.#button.addEventListener("click", () => void this.#run());
    if (frame.readOnly) this.#button.title = "You have signed in to look, not to run";
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.ctrlKey && !event.metaKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      void this.#run();
    });
  }

  async refresh(): Promise<void> {
    const isFirst = this.#view === undefined;
    await this.#form.refresh();
    const { policy } = this.#form;
    if (isFirst && policy !== undefined) {
      this.#view = new RunView(part("run", HTMLElement), { frame: this.#frame, policy });
      await this.#openAddress();
    }
    this.#onChange();
    await this.#view?.refresh();
  }

  onEvent(type: string, data: unknown): void {
    this.#view?.onEvent(type, data);
  }

  /** What the address asks for: a module and a function of it, or a run, with what was said for it. */
  async #openAddress(): Promise<void> {
    const { module, function: name, task: id } = readAddress(location.search);
    await attempt(async () => {
      const task = id === undefined
        ? undefined
        : await this.#frame.api.get<Task>(`/tasks/${encodeURIComponent(id)}`);
      const settings = task === undefined ? undefined : settingsOfTask(task);
      const wanted = name ?? settings?.function, hash = module ?? task?.module;
      if (hash !== undefined) {
        await this.#form.choose({ module: hash, ...(wanted === undefined ? {} : { function: wanted }) });
      }
      if (task === undefined || settings === undefined) return;
      this.#task = task.id;
      this.#view?.show({ task, results: this.#resultsOf(task) });
      // Of another module, or another function, the arguments are others, too.
      if (hash === task.module && wanted === settings.function) this.#form.set(settings);
    });
  }

  #onChange(): void {
    const { module, function: called } = this.#form;
    this.#button.disabled = this.#frame.readOnly || this.#busy || module === undefined ||
      module.facts.faults.length > 0;
    this.#elsewhere.show(this.#form);
    if (this.#view === undefined) return;
    const address = {
      module: module?.kept ? module.hash : undefined,
      function: called?.name,
      task: this.#task,
    };
    history.replaceState(null, "", `${location.pathname}${addressText(address)}`);
  }

  /** Makes a task of what the form says, and starts it. */
  async #run(): Promise<void> {
    if (this.#button.disabled) return;
    this.#busy = true;
    this.#onChange();
    await attempt(async () => {
      const body = await this.#body();
      if (body === undefined) return;
      const task = await this.#frame.api.send<Task>("POST", "/tasks", { ...body, start: true });
      this.#task = task.id;
      this.#view?.show({ task, results: this.#resultsOf(task) });
    });
    this.#busy = false;
    this.#onChange();
  }

  /** What the form says; undefined where something cannot be used, which is said at its field then. */
  async #body(): Promise<NewTask | undefined> {
    try {
      return await this.#form.newTask();
    } catch (error) {
      if (error instanceof FormError) return undefined;
      throw error;
    }
  }

  /** Types of the results of a task, where its module is the one on the form. */
  #resultsOf({ module, settings }: Task): readonly string[] | undefined {
    const { module: picked } = this.#form;
    if (picked?.hash !== module) return undefined;
    return picked.facts.functions.find(({ name }) => name === settings["function"])?.type.results;
  }

  #save(name: string): void {
    const { module } = this.#form;
    if (module === undefined) return;
    saveFile(new Blob([module.bytes], { type: "application/wasm" }), name);
  }
}

await startPage((frame) => {
  const page = new ExecutePage(frame);
  return { refresh: () => page.refresh(), onEvent: (type, data) => page.onEvent(type, data) };
});
