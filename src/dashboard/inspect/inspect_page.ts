/** The page: what was chosen, read in Workers, and shown part by part. */
import { ApiError, errorText } from "../api_error.ts";
import type { Module, Policy } from "../api_types.ts";
import { element, fill, part } from "../dom.ts";
import { bytesText, shortText } from "../format.ts";
import type { PageFrame } from "../frame.ts";
import { LARGEST_MODULE } from "../inspector/inspector_client.ts";
import { attempt, notice } from "../notices.ts";
import { ModuleChooser } from "./module_chooser.ts";
import { moduleHead } from "./module_head.ts";
import { ModuleTabs } from "./module_tabs.ts";
import { placeText, readPlace } from "./place.ts";
import { type ModuleSource, readShownModule, type ShownModule } from "./shown_module.ts";

export class InspectPage {
  readonly #frame: PageFrame;
  readonly #chooser: ModuleChooser;
  readonly #status = part("inspect-status", HTMLElement);
  readonly #head = part("inspect-head", HTMLElement);
  readonly #body = part("inspect-body", HTMLElement);
  #modules: readonly Module[] = [];
  #policy: Policy | undefined;
  #source: ModuleSource | undefined;
  #module: ShownModule | undefined;
  #tabs: ModuleTabs | undefined;
  /** Hash of the module that is shown, where the server keeps it. */
  #kept: string | undefined;
  /** Grows with each choice: what is read late is of no interest then. */
  #turn = 0;
  #isFirst = true;

  constructor(frame: PageFrame) {
    this.#frame = frame;
    this.#chooser = new ModuleChooser({
      onFile: (file) => {
        this.#forgetPlace();
        void this.#open(file.name, () => readFile(file));
      },
      onKept: (hash) => {
        this.#forgetPlace();
        void this.#openKept(hash);
      },
    });
    fill(part("inspect-chooser", HTMLElement), this.#chooser.element);
    addEventListener("hashchange", () => this.#showPlace());
    addEventListener("popstate", () => this.#showAddress());
  }

  async refresh(): Promise<void> {
    const { api } = this.#frame;
    const [modules, policy] = await Promise.all([
      api.get<{ items: Module[] }>("/modules"),
      api.get<Policy>("/policy"),
    ]);
    this.#modules = modules.items;
    this.#policy = policy;
    this.#showKept();
    if (!this.#isFirst) return;
    this.#isFirst = false;
    await this.#showAddress();
  }

  /** What the address asks for. */
  async #showAddress(): Promise<void> {
    const hash = new URLSearchParams(location.search).get("module");
    if (hash !== null && hash !== this.#kept) await this.#openKept(hash);
  }

  async #openKept(hash: string): Promise<void> {
    const name = this.#modules.find((module) => module.hash === hash)?.name ?? shortText(hash);
    const path = `/modules/${encodeURIComponent(hash)}/bytes`;
    await this.#open(name, async () => ({ name, bytes: await this.#frame.api.bytes(path) }), hash);
  }

  async #open(name: string, get: () => Promise<ModuleSource>, kept?: string): Promise<void> {
    const turn = ++this.#turn;
    this.#close();
    fill(
      this.#status,
      element("span", { class: "working", "aria-hidden": "true" }),
      "Looking into ",
      element("bdi", {}, name),
      " …",
    );
    try {
      const source = await get(), module = await readShownModule(source, this.#frame.startWorker);
      if (turn !== this.#turn) return module.inspector?.close();
      this.#source = source;
      this.#module = module;
      const known = this.#modules.some(({ hash }) => hash === module.hash) ? module.hash : undefined;
      this.#kept = kept ?? known;
      fill(this.#status);
      this.#chooser.fold();
      this.#show();
    } catch (error) {
      if (turn !== this.#turn) return;
      const unknown = error instanceof ApiError && error.code === "NotFound" && kept !== undefined;
      fill(
        this.#status,
        element("span", { class: "problem", role: "alert" }, [
          unknown ? "The server does not keep this module. " : `${errorText(error)}. `,
        ]),
        !unknown && element(
          "button",
          { type: "button", class: "small", onclick: () => void this.#open(name, get, kept) },
          "Try again",
        ),
      );
    }
  }

  #close(): void {
    this.#module?.inspector?.close();
    this.#module = this.#tabs = this.#kept = undefined;
    fill(this.#head);
    fill(this.#body);
  }

  #show(): void {
    const module = this.#module;
    if (module === undefined) return;
    this.#showHead();
    this.#tabs = new ModuleTabs(module, {
      policy: this.#policy,
      again: () => this.#again(),
    });
    fill(this.#body, this.#tabs.element);
    this.#writeAddress();
    this.#showPlace();
  }

  #showHead(): void {
    const module = this.#module;
    if (module === undefined) return;
    fill(
      this.#head,
      moduleHead(module, {
        kept: this.#kept,
        readOnly: this.#frame.readOnly,
        onUpload: () => void this.#upload(module),
      }),
    );
  }

  #showPlace(): void {
    const place = readPlace(location.hash);
    // A fragment of the page's own, such as the one that skips to the content, changes nothing.
    if (place === undefined && location.hash !== "" && this.#tabs?.isShown === true) return;
    this.#tabs?.show(place ?? { tab: this.#module?.inspector === undefined ? "bytes" : "overview" });
  }

  #showKept(): void {
    this.#chooser.show(this.#modules, this.#kept);
  }

  #writeAddress(): void {
    const query = this.#kept === undefined ? "" : `?module=${encodeURIComponent(this.#kept)}`;
    const place = readPlace(location.hash), fragment = place === undefined ? "" : placeText(place);
    history.replaceState(null, "", `${location.pathname}${query}${fragment}`);
    this.#showKept();
  }

  /** Another module has other functions and offsets; the tab stays. */
  #forgetPlace(): void {
    const place = readPlace(location.hash);
    if (this.#module === undefined || place === undefined) return;
    history.replaceState(null, "", `${location.pathname}${location.search}${placeText({ tab: place.tab })}`);
  }

  #again(): void {
    const source = this.#source, kept = this.#kept;
    if (source !== undefined) void this.#open(source.name, () => Promise.resolve(source), kept);
  }

  async #upload(module: ShownModule): Promise<void> {
    await attempt(async () => {
      const kept = await this.#frame.api.upload<Module>(module.bytes, module.name);
      this.#modules = (await this.#frame.api.get<{ items: Module[] }>("/modules")).items;
      if (module !== this.#module) return;
      this.#kept = kept.hash;
      this.#showHead();
      this.#writeAddress();
      notice("The server keeps the module now");
    });
  }
}

async function readFile(file: File): Promise<ModuleSource> {
  if (file.size > LARGEST_MODULE) {
    throw new Error(
      `The file has ${bytesText(file.size)}, and pages look into ${bytesText(LARGEST_MODULE)} at most`,
    );
  }
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}
