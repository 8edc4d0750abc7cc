/** How the server is: whether it takes work, since when, with what, who listens, what waits, and what comes by the clock. */
import type { Api } from "../api.ts";
import type { Schedule, Session, Stats } from "../api_types.ts";
import { type Child, element, fill, part } from "../dom.ts";
import { durationText, exactText, timeElement } from "../format.ts";
import { taskLink } from "../links.ts";
import type { TaskNames } from "../task_names.ts";

/** Schedules that are told of: those that come first. */
const MOST = 5;

const ENGINES: Readonly<Record<Session["engine"], string>> = { v8: "V8", interpreter: "interpreter" };

export class HealthPanel {
  readonly #api: Api;
  readonly #names: TaskNames;
  readonly #facts: Record<"ready" | "uptime" | "listeners" | "queue" | "errors", HTMLElement>;
  #session: Session;
  /** Milliseconds that the server's clock is ahead of the browser's. */
  #ahead: number;

  constructor(api: Api, { session, names }: { readonly session: Session; readonly names: TaskNames }) {
    this.#api = api;
    this.#names = names;
    this.#session = session;
    this.#ahead = session.now - Date.now();
    const made = () => element("dd", {}, "–");
    this.#facts = { ready: made(), uptime: made(), listeners: made(), queue: made(), errors: made() };
    const { ready, uptime, listeners, queue, errors } = this.#facts;
    fill(
      part("health", HTMLElement),
      fact("State", ready),
      fact("Up for", uptime),
      fact("Version", element("dd", {}, session.version)),
      fact("Engine", element("dd", {}, ENGINES[session.engine])),
      fact("Work", queue),
      fact("Listeners", listeners),
      fact("Database errors", errors),
    );
    setInterval(() => this.#showUptime(), 1000);
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
    const { listeners, queue, errors } = this.#facts;
    this.#showReady(ready === "ready");
    listeners.textContent = exactText(stats.listeners);
    queue.textContent = `${exactText(stats.live)} running, ${exactText(stats.queued)} queued`;
    errors.textContent = stats.storeErrors === 0 ? "none" : exactText(stats.storeErrors);
    errors.classList.toggle("problem", stats.storeErrors > 0);
    this.#showUptime();
    await this.#showSchedules(items);
  }

  #showReady(isReady: boolean): void {
    const { ready } = this.#facts;
    fill(
      ready,
      element(
        "span",
        { class: `badge badge-${isReady ? "succeeded" : "failed"}` },
        element("span", { class: "badge-mark", "aria-hidden": "true" }, isReady ? "✓" : "✕"),
        isReady ? "ready" : "takes no work",
      ),
    );
  }

  #showUptime(): void {
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

function fact(name: string, value: HTMLElement): Child {
  return element("div", {}, element("dt", {}, name), value);
}
