/**
 * A guest's Worker, seen from the host: its channel, its watchdog, and the end of it. One request is under way at a
 * time; the sandbox queues them.
 *
 * A guest that is to stop is told so in the control words and comes back by itself. Only if it does not, for longer
 * than the grace, is its Worker terminated and written off; terminating does not stop a thread that is looping.
 */
import { GUEST_WORKER_TEXT } from "./guest_worker.gen.ts";
import {
  type HostFunction,
  type HostFunctions,
  type RegisteredFunction,
  returnedValues,
} from "./host_functions.ts";
import { describeValue } from "./arguments.ts";
import { startWorker, type WorkerText } from "./worker.ts";
import { AegisError } from "../core/errors.ts";
import type { AbortReason } from "../core/outcome.ts";
import type { Value } from "../core/value.ts";
import { quote } from "../core/quote.ts";
import type { GuestMessage, StartMessage } from "../guest/messages.ts";
import { HostEnd } from "../protocol/channel.ts";
import { createSharedBuffer, FrameError, type FrameReader, type FrameWriter } from "../protocol/frame.ts";
import { FRAMES } from "../protocol/layout.ts";

const TEXT: WorkerText = { name: "aegis-guest", source: GUEST_WORKER_TEXT };

/**
 * Milliseconds that the host waits before it stops a guest whose deadline has passed: the guest looks at its own
 * clock, so this is for one that is parked, or that the host's clock is ahead of.
 */
const HEAD_START = 5;

/** Milliseconds from an abort until the guest is given up. V8 may be compiling for a second, which nothing can stop. */
const GRACE = 5000;

/** What a host function that was not waited for "returns". */
const INTERRUPTED = Symbol("interrupted");

/** Why a request has no result: the guest's thread is gone. */
export class GuestLost extends Error {
  override readonly name = "GuestLost";

  /** @param stopReason what the guest had been told to stop for, if it had */
  constructor(message: string, readonly stopReason: AbortReason | undefined) {
    super(message);
  }
}

export type ThreadOptions = Omit<StartMessage, "kind" | "buffer">;

export class GuestThread {
  readonly channel: HostEnd;
  readonly #worker: Worker;
  readonly #functions: HostFunctions;
  #lost: string | undefined;
  #stopReason: AbortReason | undefined;
  /** Ends the wait for a host function; there is one while a request is under way. */
  #interrupt: (() => void) | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** What a host function threw during the request that is under way. */
  hostError: unknown;
  /** Whether a host function is on this thread's stack right now. */
  inHostFunction = false;

  private constructor(options: ThreadOptions, functions: HostFunctions) {
    const buffer = createSharedBuffer(options.limits.frameSize);
    this.channel = new HostEnd(buffer);
    this.#functions = functions;
    this.#worker = startWorker(TEXT);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(event.message);
    };
    this.#worker.onmessageerror = () => this.#lose("a message could not be read");
    this.channel.giveSilently();
    this.#post({ kind: "start", buffer, ...options });
  }

  /** Starts a Worker and waits until it can serve requests. */
  static async start(options: ThreadOptions, functions: HostFunctions): Promise<GuestThread> {
    const thread = new GuestThread(options, functions);
    if (!await thread.channel.nextTurn()) {
      throw new AegisError("GuestFault", `Cannot start a guest: ${thread.#lost}`);
    }
    return thread;
  }

  /** Whether the Worker was written off. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /**
   * Makes a request that goes in a frame, and serves the guest until its result is there.
   *
   * @throws {GuestLost}, {AegisError} `InvalidOption` for more than fits into a frame
   */
  async request(kind: number, write: (writer: FrameWriter) => void, timeout: number): Promise<FrameReader> {
    try {
      write(this.channel.writer());
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw new AegisError("InvalidOption", error.message, { field: "frameSize" });
    }
    return await this.#exchange(() => this.channel.give(kind), timeout);
  }

  /** Makes a request that goes as a message. @throws {GuestLost} */
  requestByMessage(message: GuestMessage, timeout: number): Promise<FrameReader> {
    return this.#exchange(() => {
      this.channel.giveSilently();
      this.#post(message);
    }, timeout);
  }

  /** Stops the request that is under way, if there is one; it ends with an outcome, or with {@linkcode GuestLost}. */
  abort(reason: AbortReason): void {
    if (this.#interrupt === undefined || this.#stopReason !== undefined || this.lost) return;
    this.#stopReason = reason;
    this.channel.abort(reason);
    this.#interrupt();
    this.#grace = setTimeout(() => this.#lose(`it did not stop within ${GRACE} ms`), GRACE);
  }

  /** Ends the Worker. A guest between two requests is gone at once. */
  close(): void {
    this.#lose("it was closed");
  }

  async #exchange(send: () => void, timeout: number): Promise<FrameReader> {
    if (this.#lost !== undefined) throw new GuestLost(this.#lost, undefined);
    this.#stopReason = undefined;
    this.hostError = undefined;
    this.channel.run();
    const interrupted = new Promise<typeof INTERRUPTED>((resolve) =>
      this.#interrupt = () => resolve(INTERRUPTED)
    );
    const watchdog = setTimeout(() => this.abort("timeout"), timeout + HEAD_START);
    try {
      send();
      while (await this.channel.nextTurn()) {
        if (this.channel.frameKind !== FRAMES.hostCall) return this.channel.reader();
        await this.#serveHostCall(interrupted);
      }
      throw new GuestLost(this.#lost ?? "its thread ended", this.#stopReason);
    } finally {
      this.#interrupt = undefined;
      clearTimeout(watchdog);
      clearTimeout(this.#grace);
    }
  }

  /** Runs a host function. When the guest is stopped meanwhile, it gets its turn back without waiting for the function. */
  async #serveHostCall(interrupted: Promise<typeof INTERRUPTED>): Promise<void> {
    try {
      const reader = this.channel.reader(),
        entry = this.#functions.byId(reader.u32()),
        args = reader.values();
      if (this.#stopReason !== undefined || this.lost) return this.#giveThrow();
      if (entry === undefined) {
        throw new AegisError("GuestFault", "The guest called a host function that does not exist");
      }
      const pending = this.#run(entry, args);
      const returned: unknown = isThenable(pending) ? await Promise.race([pending, interrupted]) : pending;
      if (returned === INTERRUPTED) return this.#giveThrow();
      this.#giveValues(entry, returned);
    } catch (error) {
      this.hostError = error;
      this.#giveThrow();
    }
  }

  #giveThrow(): void {
    this.channel.writer();
    this.channel.give(FRAMES.hostThrow);
  }

  /** @throws {AegisError} `HostFunctionFailed` for what does not fit the function's type, or a frame */
  #giveValues(entry: RegisteredFunction, returned: unknown): void {
    const failed = (how: string, cause?: unknown) =>
      new AegisError(
        "HostFunctionFailed",
        `Host function ${quote(entry.module)} ${quote(entry.name)} returned ${how}`,
        { cause },
      );
    const values = returnedValues(entry, returned);
    if (values === undefined) {
      throw failed(`${describeValue(returned)}: expected (${entry.results.join(", ")})`);
    }
    try {
      this.channel.writer().values(values, entry.results);
    } catch (error) {
      throw failed("more than fits into a frame", error);
    }
    this.channel.give(FRAMES.hostReturn);
  }

  #run({ run }: RegisteredFunction, args: readonly Value[]): ReturnType<HostFunction> {
    this.inHostFunction = true;
    try {
      return run(...args);
    } finally {
      this.inHostFunction = false;
    }
  }

  #post(message: GuestMessage): void {
    this.#worker.postMessage(message);
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    clearTimeout(this.#grace);
    this.#worker.terminate();
    this.channel.end();
    this.#interrupt?.();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
