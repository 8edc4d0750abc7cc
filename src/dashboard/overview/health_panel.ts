/** How the server is: whether it takes work, since when, with what, who listens, what waits, and what comes by the clock. */
import type { Api } from "../api.ts";
import type { Schedule, Session, Stats } from "../api_types.ts";
import { element, fill, part } from "../dom.ts";
import { durationText, exactText, timeElement } from "../format.ts";
import { taskLink } from "../links.ts";
import type { LiveState } from "../live.ts";
import type { TaskNames } from "../task_names.ts";

/** Schedules that are told of: those that come first. */
const MOST = 5;

const ENGINES: Readonly<Record<Session["engine"], string>> = { v8: "V8", interpreter: "interpreter" };

/** What is told, by its name. */
const FACTS = {
  state: "State",
  connection: "Connection",
  uptime: "Up for",
  version: "Version",
  engine: "Engine",
  work: "Work",
  listeners: "Listeners",
  errors: "Database errors",
} as const;

/** Those that change by themselves, so that nobody knows them without a connection. */
const UNKNOWN_WHEN_LOST = [
  "state",
  "uptime",
  "work",
  "listeners",
] as const satisfies readonly (keyof typeof FACTS)[];

export class HealthPanel {
  readonly #api: Api;
  readonly #names: TaskNames;
  readonly #facts: Readonly<Record<keyof typeof FACTS, HTMLElement>>;
  #session: Session;
  /** Milliseconds that the server's clock is ahead of the browser's. */
  #ahead: number;
  #isLost = false;

  constructor(api: Api, { session, names }: { readonly session: Session; readonly names: TaskNames }) {
    this.#api = api;
    this.#names = names;
    this.#session = session;
    this.#ahead = session.now - Date.now();
    const made = Object.keys(FACTS).map((key) => [key, element("dd", {}, "–")]);
    this.#facts = Object.fromEntries(made) as Record<keyof typeof FACTS, HTMLElement>; // its keys
    const keys = Object.keys(FACTS) as (keyof typeof FACTS)[]; // the same
    fill(
      part("health", HTMLElement),
      keys.map((key) => element("div", {}, element("dt", {}, FACTS[key]), this.#facts[key])),
    );
    this.#facts.version.textContent = session.version;
    this.#facts.engine.textContent = ENGINES[session.engine];
    setInterval(() => this.#showUptime(), 1000);
  }

  /** What is not known while there is no connection is a dash. */
  showConnection(state: LiveState): void {
    const { connection } = this.#facts;
    this.#isLost = state === "lost";
    connection.textContent = state;
    connection.classList.toggle("problem", this.#isLost);
    if (this.#isLost) { for (const name of UNKNOWN_WHEN_LOST) this.#facts[name].textContent = "–"; }
  }

  /** @param stats of this moment */
  async refresh(stats: Stats): Promise<void> {
    const [ready, session, { items }] = await Promise.all([
      this.#api.get<{ status: string }>("/ready").then(({ status }) => status, () => undefined),
      this.#api.get<Session>("/session"),
      this.#api.get<{ items: Schedule[] }>("/schedules"),
    ]);
    this.#session = session;
    this.#ahead = session.now - Date.now();
    const { listeners, work, errors } = this.#facts;
    this.#showState(ready === "ready");
    listeners.textContent = exactText(stats.listeners);
    work.textContent = `${exactText(stats.live)} running, ${exactText(stats.queued)} queued`;
    errors.textContent = stats.storeErrors === 0 ? "none" : exactText(stats.storeErrors);
    errors.classList.toggle("problem", stats.storeErrors > 0);
    this.#showUptime();
    await this.#showSchedules(items);
  }

  #showState(isReady: boolean): void {
    fill(
      this.#facts.state,
      element(
        "span",
        { class: `badge badge-${isReady ? "succeeded" : "failed"}` },
        element("span", { class: "badge-mark", "aria-hidden": "true" }, isReady ? "✓" : "✕"),
        isReady ? "ready" : "takes no work",
      ),
    );
  }

  #showUptime(): void {
    if (this.#isLost) return;
    const passed = Date.now() + this.#ahead - this.#session.startedAt;
    this.#facts.uptime.textContent = durationText(1_000_000 * Math.max(0, Math.floor(passed / 1000)));
  }

  async #showSchedules(schedules: readonly Schedule[]): Promise<void> {
    const next = schedules.filter(({ enabled, nextAt }) => enabled && nextAt !== null)
      .sort((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0)).slice(0, MOST);
    await this.#names.load(next.map(({ task }) => task));
    fill(
      part("schedules", HTMLElement),
      next.length === 0
        ? element("li", { class: "soft" }, "No task starts by the clock.")
        : next.map(({ task, nextAt, cron, timezone }) =>
          element(
            "li",
            {},
            element("a", { href: taskLink(task) }, this.#names.of(task)),
            element("span", { class: "soft" }, element("code", {}, cron), " ", timezone),
            timeElement(nextAt),
          )
        ),
    );
  }
}
