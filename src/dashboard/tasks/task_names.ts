/** What tasks are called whose executions are shown: the latest thousand by one question, others one by one. */
import type { Api } from "../api.ts";
import { ApiError } from "../api_error.ts";
import type { Page, Task } from "../api_types.ts";
import { shortText } from "../format.ts";

/** What is told of a task. */
export type KnownTask = Pick<Task, "name" | "module">;

/** Tasks of the one question, and questions at once. */
const LATEST = 1000, AT_ONCE = 6;

export class TaskNames {
  readonly #api: Api;
  readonly #known: Map<string, KnownTask | undefined> = new Map();
  #first: Promise<void> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  get(id: string): KnownTask | undefined {
    return this.#known.get(id);
  }

  /** Its name; else the beginning of its id. */
  text(id: string): string {
    return this.#known.get(id)?.name ?? shortText(id);
  }

  /** Looks for those that are not known. @param onFound told after each few */
  async want(ids: Iterable<string>, onFound: () => void): Promise<void> {
    await (this.#first ??= this.#loadLatest());
    const unknown = [...new Set(ids)].filter((id) => !this.#known.has(id));
    onFound();
    while (unknown.length > 0) {
      await Promise.all(unknown.splice(0, AT_ONCE).map((id) => this.#load(id)));
      onFound();
    }
  }

  async #loadLatest(): Promise<void> {
    const { items } = await this.#api.get<Page<Task>>("/tasks", { limit: LATEST });
    for (const { id, name, module } of items) this.#known.set(id, { name, module });
  }

  async #load(id: string): Promise<void> {
    try {
      const { name, module } = await this.#api.get<Task>(`/tasks/${encodeURIComponent(id)}`);
      this.#known.set(id, { name, module });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "NotFound") this.#known.set(id, undefined); // it is gone
    }
  }
}
