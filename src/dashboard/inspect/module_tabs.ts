/** The tabs of a module. What stands in one is made when it is first looked at. */
import { errorText } from "../api_error.ts";
import type { Policy } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { countText } from "../format.ts";
import { WorkerError } from "../inspector/worker_failure.ts";
import { notice } from "../notices.ts";
import { BytesView } from "./bytes_view.ts";
import { capabilitiesView } from "./capabilities_view.ts";
import { CodeView } from "./code_view.ts";
import { ContentsView } from "./contents_view.ts";
import { findingsView } from "./findings_view.ts";
import { problemPanel } from "./module_head.ts";
import type { ModuleView, ViewContext } from "./module_view.ts";
import { overviewView } from "./overview_view.ts";
import { type Place, placeText, type TabName, TABS } from "./place.ts";
import { sectionsView } from "./sections_view.ts";
import { findingCount } from "./severity.ts";
import type { ShownModule } from "./shown_module.ts";
import { Tabs } from "./tabs.ts";

/** Makes each part for a module that was read. */
const MAKERS: Readonly<Record<TabName, (context: ViewContext) => ModuleView>> = {
  overview: overviewView,
  findings: findingsView,
  capabilities: capabilitiesView,
  sections: sectionsView,
  contents: (context) => new ContentsView(context),
  code: (context) => new CodeView(context),
  bytes: (context) => new BytesView(context),
};

export interface ModuleTabsOptions {
  readonly policy: Policy | undefined;
  /** Reads the module again. */
  readonly again: () => void;
}

export class ModuleTabs {
  readonly element: HTMLElement;
  readonly #module: ShownModule;
  readonly #options: ModuleTabsOptions;
  readonly #tabs: Tabs<TabName>;
  readonly #trouble = element("div", { class: "trouble", role: "alert" });
  readonly #views = new Map<TabName, ModuleView>();
  #shown: TabName | undefined;

  constructor(module: ShownModule, options: ModuleTabsOptions) {
    this.#module = module;
    this.#options = options;
    this.#tabs = new Tabs({
      titles: TABS,
      label: "Parts of the module",
      onChoose: (tab) => location.hash = placeText({ tab }),
    });
    this.element = element("div", { class: "stack" }, this.#trouble, this.#tabs.element);
    const { summary } = module.inspector ?? {};
    if (summary === undefined) return;
    this.#tabs.setCount("findings", countText(findingCount(summary.findings)));
    this.#tabs.setCount("capabilities", countText(summary.needs.length));
    this.#tabs.setCount("sections", countText(summary.counts.sections));
  }

  /** Whether anything is shown yet. */
  get isShown(): boolean {
    return this.#shown !== undefined;
  }

  /** Shows a place. */
  show(place: Place): void {
    const { tab } = place, before = this.#shown;
    // Who has followed a link that is hidden now goes on where it has led to.
    const hadFocus = before !== undefined && before !== tab &&
      this.#tabs.panel(before).contains(document.activeElement);
    let view = this.#views.get(tab);
    if (view === undefined) {
      view = this.#make(tab);
      this.#views.set(tab, view);
      fill(this.#tabs.panel(tab), view.element);
    }
    this.#shown = tab;
    this.#tabs.show(tab);
    view.show?.(place);
    for (const field of this.element.querySelectorAll("[data-search]")) field.removeAttribute("data-search");
    view.search?.setAttribute("data-search", "");
    if (!hadFocus) return;
    const panel = this.#tabs.panel(tab), target = panel.querySelector<HTMLElement>(".window:not([hidden])");
    panel.tabIndex = -1;
    (target ?? panel).focus();
  }

  #make(tab: TabName): ModuleView {
    const { inspector } = this.#module, { policy } = this.#options;
    const fail = (error: unknown) => this.#fail(error);
    if (inspector !== undefined) return MAKERS[tab]({ module: this.#module, inspector, policy, fail });
    if (tab === "bytes") {
      const view = new BytesView({ module: this.#module, fail });
      const panel = problemPanel(this.#module, this.#options.again);
      return {
        element: element("div", { class: "stack" }, panel, view.element),
        search: view.search,
        show: (place) => view.show(place),
      };
    }
    return { element: problemPanel(this.#module, this.#options.again) };
  }

  #fail(error: unknown): void {
    const { inspector } = this.#module;
    if (error instanceof WorkerError && error.code === "Closed") return; // somebody has gone on
    if (inspector?.closed !== true) return notice(errorText(error), "failed");
    fill(
      this.#trouble,
      element(
        "div",
        { class: "panel" },
        element("p", { class: "problem" }, errorText(error)),
        element("p", {}, "What is shown stays, and nothing more can be asked of it. "),
        element("button", { type: "button", onclick: this.#options.again }, "Try again"),
      ),
    );
  }
}
