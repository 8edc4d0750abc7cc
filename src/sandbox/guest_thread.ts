/**
 * A guest's Worker, seen from the host: its channel, its watchdog, and the end of it. One request is under way at a
 * time; the sandbox queues them.
 *
 * A guest that is to stop is told so in the control words and comes back by itself. Only if it does not, for longer
 * than the grace, is its Worker terminated and written off; terminating does not stop a thread that is looping.
 */
import type { GuestBackEnd, StartGuest } from "./guest_back_end.ts";
import {
  type HostFunction,
  type HostFunctions,
  type RegisteredFunction,
  returnedValues,
} from "./host_functions.ts";
import { describeValue } from "./arguments.ts";
import type { Attachment } from "./brokers.ts";
import { HostOperations } from "./host_operations.ts";
import { AegisError, CapabilityDeniedError } from "../core/errors.ts";
import type { AbortReason } from "../core/outcome.ts";
import type { Value } from "../core/value.ts";
import { quote } from "../core/quote.ts";
import type { GuestMessage, StartMessage } from "../guest/messages.ts";
import { HostEnd } from "../protocol/channel.ts";
import { createSharedBuffer, FrameError, type FrameReader, type FrameWriter } from "../protocol/frame.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FRAMES } from "../protocol/layout.ts";
import { readRequest, writeAnswer } from "../protocol/operation_frames.ts";
import { type Answer, type OperationName, operationOf } from "../protocol/operations.ts";

/**
 * Milliseconds that the host waits before it stops a guest whose deadline has passed: the guest looks at its own
 * clock, so this is for one that is parked, or that the host's clock is ahead of.
 */
const HEAD_START = 5;

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

export type ThreadOptions = Omit<StartMessage, "kind" | "buffer" | "brokers">;

/** What a guest can turn to while it works on a request. */
export interface ThreadServices {
  /** Starts what the guest runs in. */
  readonly startGuest: StartGuest;
  readonly functions: HostFunctions;
  readonly operations: HostOperations;
  /** Makes the guest known to the brokers. */
  readonly attach: (channel: HostEnd, lose: (why: string) => void) => Attachment;
}

export class GuestThread {
  readonly channel: HostEnd;
  readonly attachment: Attachment;
  readonly #backEnd: GuestBackEnd;
  readonly #functions: HostFunctions;
  readonly #operations: HostOperations;
  #lost: string | undefined;
  #stopReason: AbortReason | undefined;
  /** Ends the wait for a host function; there is one while a request is under way. */
  #interrupt: (() => void) | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** What a host function threw during the request that is under way. */
  hostError: unknown;
  /** Whether a host function is on this thread's stack right now. */
  inHostFunction = false;

  private constructor(options: ThreadOptions, services: ThreadServices) {
    const buffer = createSharedBuffer(options.limits.frameSize);
    this.channel = new HostEnd(buffer);
    this.#functions = services.functions;
    this.#operations = services.operations;
    this.attachment = services.attach(this.channel, (why) => this.#lose(why));
    this.#backEnd = services.startGuest((why) => this.#lose(why));
    this.channel.giveSilently();
    try {
      this.#post({ kind: "start", buffer, brokers: this.attachment.links, ...options });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Starts a Worker and waits until it can serve requests. */
  static async start(options: ThreadOptions, services: ThreadServices): Promise<GuestThread> {
    const thread = new GuestThread(options, services);
    if (!await thread.channel.nextTurn()) {
      await thread.attachment.release();
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
    this.attachment.interrupt();
    this.#interrupt();
    const { grace } = this.#backEnd;
    this.#grace = setTimeout(() => this.#lose(`it did not stop within ${grace} ms`), grace);
  }

  /** Ends the Worker. A guest between two requests is gone at once. */
  close(): void {
    this.#lose("it was closed");
  }

  async #exchange(send: () => void, timeout: number): Promise<FrameReader> {
    if (this.#lost !== undefined) throw new GuestLost(this.#lost, undefined);
    if (this.#stopReason !== undefined) this.attachment.resume();
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
        const { frameKind } = this.channel;
        if (frameKind === FRAMES.hostCall) await this.#serveHostCall(interrupted);
        else if (frameKind === FRAMES.operation) await this.#serveOperation(interrupted);
        else return this.channel.reader();
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
      this.#checkCapability(entry);
      const pending = this.#run(entry, args);
      const returned: unknown = isThenable(pending) ? await Promise.race([pending, interrupted]) : pending;
      if (returned === INTERRUPTED) return this.#giveThrow();
      this.#giveValues(entry, returned);
    } catch (error) {
      this.hostError = error;
      this.#giveThrow();
    }
  }

  /** Performs an operation that is the host's. What a guest has printed is taken even when it is stopped. */
  async #serveOperation(interrupted: Promise<typeof INTERRUPTED>): Promise<void> {
    try {
      const reader = this.channel.reader(), name = operationOf(reader.u32());
      if (name === undefined || !HostOperations.performs(name)) {
        return this.#giveAnswer("writeOutput", { errno: ERRNO.nosys });
      }
      const request = readRequest(reader, name);
      if (this.lost || this.#stopReason !== undefined && name !== "writeOutput") {
        return this.#giveAnswer(name, { errno: ERRNO.intr });
      }
      const pending = this.#operations.perform(name, request);
      const answer = isThenable(pending) ? await Promise.race([pending, interrupted]) : pending;
      if (answer === INTERRUPTED) this.#operations.abandon();
      this.#giveAnswer(name, answer === INTERRUPTED ? { errno: ERRNO.intr } : answer);
    } catch (error) {
      this.hostError = error;
      this.#giveThrow();
    }
  }

  #giveAnswer<Name extends OperationName>(name: Name, answer: Answer<Name>): void {
    writeAnswer(this.channel.writer(), name, answer);
    this.channel.give(FRAMES.answer);
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

  /** @throws {CapabilityDeniedError} */
  #checkCapability({ capability }: RegisteredFunction): void {
    if (capability === undefined) return;
    const decision = this.#operations.decide({ kind: "custom", name: capability });
    if (decision.allowed) return;
    throw new CapabilityDeniedError(capability, "use", decision.reason, `Grant it: ${decision.hint}.`);
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
    this.#backEnd.post(message);
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    clearTimeout(this.#grace);
    this.#backEnd.terminate();
    this.channel.end();
    // Its thread may still run, and ask for what it was granted.
    void this.attachment.release();
    this.#interrupt?.();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
