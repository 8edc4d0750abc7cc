/**
 * A guest's Worker, seen from the host: its channel, its watchdog, and the end of it. One request is under way at a
 * time; the sandbox queues them.
 *
 * A guest that is to stop is told so in the control words and comes back by itself. Only if it does not, for longer
 * than the grace, is its Worker terminated and written off; terminating does not stop a thread that is looping.
 */
import { GUEST_WORKER_TEXT } from "./guest_worker.gen.ts";
import type { Attachment } from "./brokers.ts";
import { type HostServices, HostTurns } from "./host_turns.ts";
import { startWorker, type WorkerText } from "./worker.ts";
import { AegisError } from "../core/errors.ts";
import type { AbortReason } from "../core/outcome.ts";
import type { GuestMessage, StartMessage } from "../guest/messages.ts";
import { HostEnd } from "../protocol/channel.ts";
import { createSharedBuffer, FrameError, type FrameReader, type FrameWriter } from "../protocol/frame.ts";
const TEXT: WorkerText = { name: "aegis-guest", source: GUEST_WORKER_TEXT };

/**
 * Milliseconds that the host waits before it stops a guest whose deadline has passed: the guest looks at its own
 * clock, so this is for one that is parked, or that the host's clock is ahead of.
 */
const HEAD_START = 5;

/** Milliseconds from an abort until the guest is given up. V8 may be compiling for a second, which nothing can stop. */
const GRACE = 5000;

const NOT_STOPPED = `it did not stop within ${GRACE} ms`;

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
export interface ThreadServices extends HostServices {
  /** Makes the guest known to the brokers. */
  readonly attach: (channel: HostEnd, lose: (why: string) => void) => Attachment;
}

export class GuestThread {
  readonly channel: HostEnd;
  readonly attachment: Attachment;
  readonly #worker: Worker;
  readonly #turns: HostTurns;
  #lost: string | undefined;
  #stopReason: AbortReason | undefined;
  /** Whether a request is under way. */
  #working = false;
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** Aborts the request that is under way when its time is up. */
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  /** When that is; milliseconds of `performance.now()`. */
  #due = 0;
  /** Since when the guest is to stand still. */
  #pausedAt: number | undefined;

  private constructor(options: ThreadOptions, services: ThreadServices) {
    const buffer = createSharedBuffer(options.limits.frameSize);
    this.channel = new HostEnd(buffer, options.spin);
    this.#turns = new HostTurns(this.channel, {
      services,
      stopped: () => this.#stopReason !== undefined || this.lost,
    });
    this.attachment = services.attach(this.channel, (why) => this.#lose(why));
    this.#worker = startWorker(TEXT);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(event.message);
    };
    this.#worker.onmessageerror = () => this.#lose("a message could not be read");
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

  /** What a host function threw during the last request. */
  get hostError(): unknown {
    return this.#turns.error;
  }

  /** Whether a host function is on this thread's stack right now. */
  get inHostFunction(): boolean {
    return this.#turns.inHostFunction;
  }

  /**
   * Makes a request that goes in a frame, and serves the guest until its result is there.
   *
   * @throws {GuestLost}, {AegisError} `InvalidOption` for more than fits into a frame
   */
  async request(kind: number, write: (writer: FrameWriter) => void, timeout: number): Promise<FrameReader> {
    this.#write(write);
    return await this.#exchange(() => this.channel.give(kind), timeout);
  }

  /** The same, blocking this thread until the result is there. @throws as {@linkcode request} */
  requestSync(kind: number, write: (writer: FrameWriter) => void, timeout: number): FrameReader {
    this.#write(write);
    this.#begin(true);
    try {
      this.channel.give(kind);
      let until = performance.now() + timeout + HEAD_START;
      for (;;) {
        if (this.channel.waitForTurn(until - performance.now())) {
          this.#turns.serve(false);
          if (this.#turns.ended) return this.channel.reader();
        } else if (this.#stopReason === undefined) {
          this.#stop("timeout");
          until = performance.now() + GRACE;
        } else this.#lose(NOT_STOPPED);
        if (this.lost) throw this.#gone();
      }
    } finally {
      this.#working = false;
    }
  }

  #write(write: (writer: FrameWriter) => void): void {
    try {
      write(this.channel.writer());
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw new AegisError("InvalidOption", error.message, { field: "frameSize" });
    }
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
    if (!this.#working || this.#stopReason !== undefined || this.lost) return;
    this.#stop(reason);
    this.#grace = setTimeout(() => this.#lose(NOT_STOPPED), GRACE);
  }

  /** Whether the guest stands still, or will as soon as it looks. */
  get paused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** Has the guest stand still, and its time with it, until {@linkcode resume}. */
  pause(): void {
    if (this.paused || this.#stopReason !== undefined || this.lost) return;
    this.#pausedAt = performance.now();
    clearTimeout(this.#watchdog);
    this.channel.pause();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    this.#due += performance.now() - this.#pausedAt;
    this.#pausedAt = undefined;
    if (this.#stopReason !== undefined) return;
    if (this.#working) this.#watch();
    this.channel.run();
  }

  #watch(): void {
    this.#watchdog = setTimeout(() => this.abort("timeout"), Math.max(0, this.#due - performance.now()));
  }

  #stop(reason: AbortReason): void {
    this.#pausedAt = undefined;
    this.#stopReason = reason;
    this.channel.abort(reason);
    this.attachment.interrupt();
    this.#turns.interrupt();
  }

  /** Ends the Worker. A guest between two requests is gone at once. */
  close(): void {
    this.#lose("it was closed");
  }

  async #exchange(send: () => void, timeout: number): Promise<FrameReader> {
    this.#begin(false);
    this.#due = performance.now() + timeout + HEAD_START;
    if (!this.paused) this.#watch();
    try {
      send();
      while (await this.channel.nextTurn()) {
        await this.#turns.serve(true);
        if (this.#turns.ended) return this.channel.reader();
      }
      throw this.#gone();
    } finally {
      this.#working = false;
      clearTimeout(this.#watchdog);
      clearTimeout(this.#grace);
    }
  }

  /** A request begins. @param blocking whether this thread blocks until it ends */
  #begin(blocking: boolean): void {
    if (this.#lost !== undefined) throw new GuestLost(this.#lost, undefined);
    if (this.#stopReason !== undefined) this.attachment.resume();
    this.#stopReason = undefined;
    this.#turns.begin();
    if (this.#pausedAt === undefined) this.channel.run();
    else {
      this.#pausedAt = performance.now();
      this.channel.pause();
    }
    this.channel.setBlocking(blocking);
    this.#working = true;
  }

  #gone(): GuestLost {
    return new GuestLost(this.#lost ?? "its thread ended", this.#stopReason);
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
    // Its thread may still run, and ask for what it was granted.
    void this.attachment.release();
    this.#turns.interrupt();
  }
}
