/** Chooses a module: a file of the person's, in binary or text form, or one that the server keeps. */
import { errorText } from "../api_error.ts";
import type { Module } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { bytesText, shortText } from "../format.ts";
import type { PageFrame } from "../frame.ts";
import { KeptModules } from "./kept_modules.ts";
import { moduleDropBox } from "./module_drop_box.ts";
import { readModule } from "./read_module.ts";
import { hashOf, type PickedModule } from "./picked_module.ts";

/** Largest file that is read: no server takes more. */
const LARGEST = 2 ** 30;

export interface ModulePickerOptions {
  readonly frame: Pick<PageFrame, "api" | "startWorker">;
  /** Told of the module, and that there is none any more. */
  readonly onPick: (picked: PickedModule | undefined) => void;
}

export class ModulePicker {
  readonly element: HTMLElement;
  readonly #options: ModulePickerOptions;
  readonly #drop: HTMLElement;
  readonly #kept: KeptModules;
  readonly #picked: HTMLElement = element("div", { class: "picked", "aria-live": "polite" });
  #modules: readonly Module[] = [];
  /** Grows with each choice: what is read late is of no interest then. */
  #turn = 0;

  constructor(options: ModulePickerOptions) {
    this.#options = options;
    this.#drop = moduleDropBox({ onFile: (file) => void this.pickFile(file) });
    this.#takeDrops();
    this.#kept = new KeptModules((hash) => void this.pickKept(hash));
    this.element = element("div", { class: "module-picker" }, this.#drop, this.#kept.element, this.#picked);
  }

  /** Asks the server for its modules. */
  async refresh(): Promise<void> {
    this.#modules = (await this.#options.frame.api.get<{ items: Module[] }>("/modules")).items;
    this.#kept.show(this.#modules, this.#kept.chosen);
  }

  /** Chooses a module that the server keeps. @param wanted a function of it that is to be there to choose */
  async pickKept(hash: string, wanted?: string): Promise<void> {
    await this.#pick(hash, async () => {
      const { frame: { api, startWorker } } = this.#options, path = `/modules/${encodeURIComponent(hash)}`;
      const [{ name }, bytes] = await Promise.all([api.get<Module>(path), api.bytes(`${path}/bytes`)]);
      const { facts } = await readModule(bytes, { startWorker, wanted });
      return { name: name ?? shortText(hash), bytes, facts, hash, kept: true };
    });
  }

  /** The server has got the module that is chosen. @param picked as it is now */
  async kept(picked: PickedModule): Promise<void> {
    await this.refresh();
    this.#kept.show(this.#modules, picked.hash);
    fill(this.#picked, describePicked(picked));
  }

  /** Chooses a file of the person's. */
  async pickFile(file: File): Promise<void> {
    await this.#pick(file.name, async () => {
      if (file.size > LARGEST) throw new Error(`It has ${bytesText(file.size)}, more than any server takes`);
      const given = new Uint8Array(await file.arrayBuffer()), { startWorker } = this.#options.frame;
      const { bytes, facts } = await readModule(given, { startWorker });
      const hash = await hashOf(bytes), known = this.#modules.some((module) => module.hash === hash);
      return { name: file.name, bytes, facts, hash, kept: known };
    });
  }

  async #pick(what: string, read: () => Promise<PickedModule>): Promise<void> {
    const turn = ++this.#turn;
    this.#drop.setAttribute("aria-busy", "true");
    fill(this.#picked, element("p", { class: "soft" }, "Reading ", element("bdi", {}, what), " …"));
    try {
      const picked = await read();
      if (turn !== this.#turn) return;
      this.#kept.show(this.#modules, picked.kept ? picked.hash : undefined);
      fill(this.#picked, describePicked(picked));
      this.#options.onPick(picked);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#kept.show(this.#modules, undefined);
      fill(
        this.#picked,
        element("p", { class: "problem" }, "Cannot use ", element("bdi", {}, what), `: ${errorText(error)}`),
      );
      this.#options.onPick(undefined);
    } finally {
      if (turn === this.#turn) this.#drop.removeAttribute("aria-busy");
    }
  }

  #takeDrops(): void {
    const over = (is: boolean) => (event: DragEvent) => {
      event.preventDefault();
      this.#drop.dataset["over"] = String(is);
    };
    this.#drop.addEventListener("dragover", over(true));
    this.#drop.addEventListener("dragleave", over(false));
    this.#drop.addEventListener("drop", (event) => {
      over(false)(event);
      const [file] = event.dataTransfer?.files ?? [];
      if (file !== undefined) void this.pickFile(file);
    });
  }
}

function describePicked({ name, bytes, facts, hash, kept }: PickedModule): (HTMLElement | false)[] {
  return [
    element(
      "dl",
      { class: "facts" },
      element("dt", {}, "Module"),
      element("dd", {}, element("bdi", {}, name)),
      element("dt", {}, "Size"),
      element("dd", {}, bytesText(bytes.length)),
      element("dt", {}, "SHA-256"),
      element("dd", { class: "mono" }, hash ?? "told when it is sent"),
      element("dt", {}, "Server"),
      element("dd", {}, kept ? "keeps it" : "gets it with the first run"),
    ),
    facts.faults.length > 0 &&
    element(
      "div",
      { class: "problem" },
      element("p", {}, "It would not run:"),
      element("ul", {}, facts.faults.slice(0, 5).map((fault) => element("li", {}, fault))),
    ),
  ].flat();
}
