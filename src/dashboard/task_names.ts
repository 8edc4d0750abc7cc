/** Names of tasks by their ids, each asked for once: a task's name stays as it was made. */
import type { Api } from "./api.ts";
import { shortText } from "./format.ts";
import type { Task } from "./api_types.ts";

/** Names at most; then those that were learned first are forgotten. */
const MOST = 2000;

export class TaskNames {
  readonly #api: Api;
  readonly #names: Map<string, string> = new Map();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Its name; the beginning of its id where it is not known. */
  of(id: string): string {
    return this.#names.get(id) ?? shortText(id);
  }

  learn(id: string, name: string): void {
    this.#names.set(id, name);
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= MOST) break;
      this.#names.delete(oldest);
    }
  }

  /** Asks for those that are not known yet; a task that is gone keeps its id for a name. */
  async load(ids: Iterable<string>): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#names.has(id));
    await Promise.all(unknown.map(async (id) => {
      const name = await this.#api.get<Task>(`/tasks/${encodeURIComponent(id)}`).then(
        (task) => task.name,
        () => undefined,
      );
      this.learn(id, name ?? shortText(id));
    }));
  }
}
