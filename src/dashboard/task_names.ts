/**
 * What tasks are called, by their ids: a task's name and module stay as it was made, so each is asked for once. Many at once
 * are looked for among the latest, by one question; others one by one, a few at a time.
 */
import type { Api } from "./api.ts";
import { ApiError } from "./api_error.ts";
import type { Page, Task } from "./api_types.ts";
import { shortText } from "./format.ts";

/** What is told of a task. */
export interface KnownTask {
  readonly name: string;
  /** Its hash; undefined where only the name was heard. */
  readonly module: string | undefined;
}

/** Names at most; then those that were learned first are forgotten. */
export const MOST_NAMES = 2000;

/** Tasks of the one question, and questions at once. */
const LATEST = 200, AT_ONCE = 6;

export class TaskNames {
  readonly #api: Pick<Api, "get">;
  /** Undefined for one that is gone. */
  readonly #known: Map<string, KnownTask | undefined> = new Map();
  /** Questions that are under way: who wants the same waits for the same answer. */
  readonly #asked: Map<string, Promise<void>> = new Map();
  #latest: Promise<void> | undefined;

  constructor(api: Pick<Api, "get">) {
    this.#api = api;
  }

  get(id: string): KnownTask | undefined {
    return this.#known.get(id);
  }

  /** Its name; the beginning of its id where it is not known. */
  of(id: string): string {
    return this.#known.get(id)?.name ?? shortText(id);
  }

  /** Takes what an event has told. */
  learn(id: string, name: string): void {
    this.#learn(id, { name, module: this.#known.get(id)?.module });
  }

  /**
   * Asks for those that are not known yet. A task that is gone keeps its id for a name, and one of which nothing could be
   * heard is asked for again the next time: ids stand for them, so this does not fail where the server refuses.
   *
   * @param onFound told after each few
   */
  async load(ids: Iterable<string>, onFound?: () => void): Promise<void> {
    const wanted = new Set(ids), missing = () => [...wanted].filter((id) => !this.#known.has(id));
    if (missing().length > AT_ONCE) {
      await (this.#latest ??= this.#loadLatest().finally(() => this.#latest = undefined));
      onFound?.();
    }
    const others = missing();
    while (others.length > 0) {
      await Promise.all(others.splice(0, AT_ONCE).map((id) => this.#loadOnce(id)));
      onFound?.();
    }
  }

  #loadOnce(id: string): Promise<void> {
    const asked = this.#asked.get(id) ?? this.#load(id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  async #loadLatest(): Promise<void> {
    const page = await this.#ask<Page<Task>>("/tasks", { limit: LATEST });
    for (const { id, name, module } of page instanceof ApiError ? [] : page.items) {
      this.#learn(id, { name, module });
    }
  }

  async #load(id: string): Promise<void> {
    const task = await this.#ask<Task>(`/tasks/${encodeURIComponent(id)}`);
    if (!(task instanceof ApiError)) this.#learn(id, { name: task.name, module: task.module });
    else if (task.code === "NotFound" && !this.#known.has(id)) this.#learn(id, undefined);
  }

  async #ask<Answer>(path: string, query?: { readonly limit: number }): Promise<Answer | ApiError> {
    try {
      return await this.#api.get<Answer>(path, query);
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
  }

  #learn(id: string, task: KnownTask | undefined): void {
    this.#known.set(id, task);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_NAMES) break;
      this.#known.delete(oldest);
    }
  }
}
