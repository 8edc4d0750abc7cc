/** Starts Workers from self-contained text, with every Deno permission off. */

/** `deno` is not in the library's type of WorkerOptions, since it needs the unstable flag. */
interface DenoWorkerOptions extends WorkerOptions {
  readonly deno: { readonly permissions: "none" };
}

/** The text of a Worker's program; an object, so that its URL is made once. */
export class WorkerText {
  #url: string | undefined;

  constructor(readonly name: string, readonly source: string) {}

  /** A `data:` URL: a Worker started from one needs no permission to load, and has nothing beside it to import. */
  get url(): string {
    return this.#url ??= `data:text/javascript;charset=utf-8,${encodeURIComponent(this.source)}`;
  }
}

/**
 * Starts a Worker that holds no permission. Only call this where the flag `worker-options` is known to be on: without
 * it Deno ends the whole process.
 */
export function startWorker(text: WorkerText): Worker {
  const options: DenoWorkerOptions = { type: "module", name: text.name, deno: { permissions: "none" } };
  return new Worker(text.url, options);
}
