import { formatDuration } from "../../core/unit_text.ts";
import { WorkerError, type WorkerErrorCode } from "./worker_failure.ts";
import type { WorkerPort, WorkerReply } from "./worker_messages.ts";

interface Waiting {
  readonly request: unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: WorkerError) => void;
}

export interface WorkerDeskOptions {
  readonly worker: WorkerPort;
  /** What the Worker does, for messages: `look into the module`. */
  readonly task: string;
  /** Milliseconds that one request may take, those before it not counted. */
  readonly timeLimit: number;
}

/**
 * The page's end of a Worker: passes requests on one by one. The first that takes longer than it may is the last, since
 * nothing but the end of the Worker stops what it does.
 */
export class WorkerDesk {
  readonly #options: WorkerDeskOptions;
  readonly #queue: Waiting[] = [];
  #current: Waiting | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #end: WorkerError | undefined;

  constructor(options: WorkerDeskOptions) {
    this.#options = options;
    const { worker, task } = options;
    worker.onmessage = ({ data }) => this.#settle(data as WorkerReply); // as our own program in the Worker posts
    worker.onmessageerror = () => this.#fail("Failed", `Cannot ${task}: its answer cannot be read`);
    worker.onerror = (event) => {
      event.preventDefault(); // it is told to whoever asked
      this.#fail("Failed", `Cannot ${task}: ${event.message || "its program cannot be loaded"}`);
    };
  }

  /** Whether the Worker has ended; every request is refused then. */
  get closed(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Has the Worker answer a request.
   *
   * @throws {WorkerError} of any code, `Closed` after {@linkcode close}
   */
  ask(request: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#queue.push({ request, resolve, reject });
      this.#next();
    });
  }

  /** Ends the Worker, and with it everything that is under way. */
  close(): void {
    this.#fail("Closed", `Cannot ${this.#options.task}: it was closed`);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#queue.shift();
    if (this.#current === undefined) return;
    const { worker, task, timeLimit } = this.#options;
    this.#timer = setTimeout(() => {
      this.#fail(
        "Timeout",
        `Cannot ${task}: it took longer than ${formatDuration(timeLimit)} and was stopped`,
      );
    }, timeLimit);
    try {
      worker.postMessage(this.#current.request);
    } catch (error) {
      this.#fail("Failed", `Cannot ${task}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #settle(reply: WorkerReply): void {
    const current = this.#current;
    if (current === undefined || this.#end !== undefined) return;
    clearTimeout(this.#timer);
    this.#current = undefined;
    if ("failure" in reply) current.reject(new WorkerError(reply.failure));
    else current.resolve(reply.answer);
    this.#next();
  }

  #fail(code: WorkerErrorCode, message: string): void {
    if (this.#end !== undefined) return;
    this.#end = new WorkerError({ code, message });
    clearTimeout(this.#timer);
    this.#options.worker.terminate();
    for (const waiting of [this.#current, ...this.#queue]) waiting?.reject(this.#end);
    this.#current = undefined;
    this.#queue.length = 0;
  }
}
