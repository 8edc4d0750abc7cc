import type { WatchLevel } from "./load_options.ts";
import { STARTING_TIME, type WorkerPort } from "./worker.ts";
import type { Engine } from "../core/engine.ts";
import { AegisError, ModuleInvalidError, ModuleRefusedError } from "../core/errors.ts";
import type { Prepared } from "../guest/prepare.ts";
import type { PrepareFailure, PrepareReply, PrepareRequest, ServingRequest } from "../guest/prepare_main.ts";

/** Milliseconds that the Worker is kept without work: it would keep the process alive. */
const IDLE_TIME = 200;

interface Waiting {
  readonly resolve: (prepared: Prepared) => void;
  readonly reject: (error: unknown) => void;
}

/** What all modules of a runtime are prepared for. */
export type PreparerOptions = Pick<
  PrepareRequest["options"],
  "limits" | "deterministic" | "unboundedHeap" | "codeAsBytes"
>;

/** What one module is prepared for. */
export interface PrepareTarget {
  readonly hash: string;
  readonly engine: Engine;
  readonly watch: WatchLevel | undefined;
}

/** Prepares modules off the host's thread. One Worker, started when needed. */
export class Preparer {
  readonly #start: () => WorkerPort;
  readonly #options: PreparerOptions;
  readonly #waiting: Map<number, Waiting> = new Map();
  #worker: WorkerPort | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Gives the Worker up if it does not start. How long it may prepare is for who loads to say, by a signal. */
  #late: ReturnType<typeof setTimeout> | undefined;
  #requests = 0;
  #closed = false;

  /** @param start starts the program that prepares */
  constructor(start: () => WorkerPort, options: PreparerOptions) {
    this.#start = start;
    this.#options = options;
  }

  /**
   * @param bytes owned by the preparer from now on
   * @param target hash of the bytes, of which engines show the first letters as the module's name; and what shall run them
   * @throws {ModuleInvalidError}, {ModuleRefusedError}
   */
  async prepare(bytes: Uint8Array<ArrayBuffer>, target: PrepareTarget): Promise<Prepared> {
    if (this.#closed) throw new AegisError("Closed", "The runtime was closed");
    return await this.#request(bytes, target);
  }

  /**
   * Starts its Worker for a module that will come: while that is hashed, the Worker reads its program.
   *
   * @throws {AegisError} `GuestFault`
   */
  begin(): void {
    if (this.#closed || this.#worker !== undefined) return;
    this.#worker = this.#startWorker();
    this.#rest();
  }

  close(): void {
    this.#closed = true;
    this.#stopWorker();
    for (const { reject } of this.#waiting.values()) {
      reject(new AegisError("Closed", "The runtime was closed"));
    }
    this.#waiting.clear();
  }

  #request(bytes: Uint8Array<ArrayBuffer>, { hash, engine, watch }: PrepareTarget): Promise<Prepared> {
    clearTimeout(this.#idle);
    const worker = this.#worker ??= this.#startWorker();
    const id = ++this.#requests;
    const request: PrepareRequest = {
      id,
      bytes,
      options: { ...this.#options, engine, watch, label: hash.slice(0, 16) },
    };
    const { promise, resolve, reject } = Promise.withResolvers<Prepared>();
    try {
      worker.postMessage(request, [bytes.buffer]);
    } catch (error) {
      this.#rest();
      const reason = error instanceof Error ? error.message : String(error);
      throw new AegisError("GuestFault", `Cannot prepare the module: ${reason}`, { cause: error });
    }
    this.#waiting.set(id, { resolve, reject });
    return promise;
  }

  /** @throws {AegisError} `GuestFault` */
  #tryStart(): WorkerPort {
    try {
      return this.#start();
    } catch (error) {
      if (error instanceof AegisError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new AegisError("GuestFault", `Cannot prepare the module: ${reason}`, { cause: error });
    }
  }

  #startWorker(): WorkerPort {
    const worker = this.#tryStart();
    worker.onmessage = (event) => this.#reply(event.data as PrepareReply); // `as`: what our program answers
    const fail = (why: string) => {
      this.#stopWorker();
      for (const { reject } of this.#waiting.values()) {
        reject(new AegisError("GuestFault", `Cannot prepare the module: ${why}`));
      }
      this.#waiting.clear();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message);
    };
    worker.onmessageerror = () => fail("the answer could not be read");
    this.#late = setTimeout(() => fail(`it did not start within ${STARTING_TIME} ms`), STARTING_TIME);
    const serving: ServingRequest = { id: 0 };
    worker.postMessage(serving);
    return worker;
  }

  #reply(reply: PrepareReply): void {
    if (reply.id === 0) return clearTimeout(this.#late);
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("prepared" in reply) waiting?.resolve(reply.prepared);
    else if ("failure" in reply) waiting?.reject(failureError(reply.failure));
    this.#rest();
  }

  /** Ends the Worker soon, unless there is more to do. */
  #rest(): void {
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#stopWorker(), IDLE_TIME);
  }

  #stopWorker(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#late);
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function failureError(failure: PrepareFailure): AegisError {
  switch (failure.kind) {
    case "invalid":
      return new ModuleInvalidError(failure.reason, failure.offset);
    case "refused":
      return new ModuleRefusedError(failure.reason, {
        ...(failure.suggestion === undefined ? {} : { suggestion: failure.suggestion }),
        ...(failure.field === undefined ? {} : { field: failure.field }),
      });
    case "fault":
      return new AegisError("GuestFault", `Cannot prepare the module: ${failure.message}`);
  }
}
