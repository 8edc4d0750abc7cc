/**
 * A guest's Worker, seen from the host: its channel, its watchdog, and the end of it. One request is under way at a
 * time; the sandbox queues them.
 *
 * A guest that is to stop is told so in the control words and comes back by itself. Only if it does not, for longer
 * than the grace, is its Worker terminated and written off; terminating does not stop a thread that is looping.
 */
import type { Attachment } from "./brokers.ts";
import type { GuestBackEnd, StartGuest } from "./guest_back_end.ts";
import { loadHostStack } from "./host_stack.ts";
import { type HostServices, HostTurns } from "./host_turns.ts";
import type { HostError } from "./result.ts";
import { withOwnMemory } from "./own_memory.ts";
import type { StateReceiver } from "./state_receiver.ts";
import { STARTING_TIME } from "./worker.ts";
import { AegisError } from "../core/errors.ts";
import type { AbortReason } from "../core/outcome.ts";
import type { GuestMessage, StartMessage } from "../guest/messages.ts";
import { HostEnd } from "../protocol/channel.ts";
import { createSharedBuffer, FrameError, type FrameReader, type FrameWriter } from "../protocol/frame.ts";

/**
 * Milliseconds that the host waits before it stops a guest whose deadline has passed: the guest looks at its own
 * clock, so this is for one that is parked, or that the host's clock is ahead of.
 */
const HEAD_START = 5;

/** Milliseconds for which one guest is served before others have a turn of the event loop. */
const LONGEST_SERVICE = 5;

/** Turns of a guest that are served between two looks at the clock, while this thread blocks. */
const TURNS_UNTIMED = 16;

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
  /** Starts what the guest runs in. */
  readonly startGuest: StartGuest;
  /** Makes the guest known to the brokers. */
  readonly attach: (channel: HostEnd, lose: (why: string) => void) => Attachment;
}

export class GuestThread {
  readonly channel: HostEnd;
  readonly attachment: Attachment;
  readonly #backEnd: GuestBackEnd;
  readonly #turns: HostTurns;
  #lost: string | undefined;
  #stopReason: AbortReason | undefined;
  #working = false;
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** Aborts the request that is under way when its time is up. */
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  /** When that is; milliseconds of `performance.now()`. */
  #due = 0;
  /** Since when the guest is to stand still. */
  #pausedAt: number | undefined;

  private constructor(options: ThreadOptions, services: ThreadServices) {
    const buffer = withOwnMemory("Cannot start a guest", () => createSharedBuffer(options.limits.frameSize));
    this.channel = new HostEnd(buffer, options.spin);
    this.#turns = new HostTurns(this.channel, {
      services,
      stopped: () => this.#stopReason !== undefined || this.lost,
      lose: (why) => this.#lose(why),
    });
    this.attachment = services.attach(this.channel, (why) => this.#lose(why));
    try {
      this.#backEnd = services.startGuest((why) => this.#lose(why));
    } catch (error) {
      void this.attachment.release();
      throw error;
    }
    this.channel.giveSilently();
    try {
      this.#post({ kind: "start", buffer, brokers: this.attachment.links, ...options });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Starts a Worker and waits until it can serve requests. @throws {AegisError} `GuestFault` */
  static async start(options: ThreadOptions, services: ThreadServices): Promise<GuestThread> {
    const thread = new GuestThread(options, services);
    const late = setTimeout(() => thread.#lose(`it did not start within ${STARTING_TIME} ms`), STARTING_TIME);
    const [started] = await Promise.all([thread.channel.nextTurn(), loadHostStack()]);
    clearTimeout(late);
    if (!started) {
      await thread.attachment.release();
      throw new AegisError("GuestFault", `Cannot start a guest: ${thread.#lost}`);
    }
    return thread;
  }

  /** Whether the Worker was written off. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Whether a request is under way. */
  get working(): boolean {
    return this.#working;
  }

  /** What a host function threw during the last request, if one has. */
  get hostError(): HostError | undefined {
    return this.#turns.thrown;
  }

  /** Whether whoever asks is a host function of this guest, or was called by one. */
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
    await this.exchange(() => this.channel.give(kind), timeout);
    return this.channel.reader();
  }

  /** The same, blocking this thread until the result is there. @throws as {@linkcode request} */
  requestSync(kind: number, write: (writer: FrameWriter) => void, timeout: number): FrameReader {
    this.#write(write);
    this.exchangeSync(() => this.channel.give(kind), timeout);
    return this.channel.reader();
  }

  /** Asks how the request before ended. @throws {GuestLost} */
  async ask(kind: number): Promise<FrameReader> {
    const grace = setTimeout(() => this.#lose(this.#notStopped), this.#backEnd.grace);
    try {
      this.channel.give(kind, 0);
      if (!await this.channel.nextTurn()) throw this.#gone();
      return this.channel.reader();
    } finally {
      clearTimeout(grace);
    }
  }

  /** The same, blocking this thread. @throws {GuestLost} */
  askSync(kind: number): FrameReader {
    this.channel.give(kind, 0);
    if (this.channel.waitForTurn(this.#backEnd.grace)) return this.channel.reader();
    this.#lose(this.#notStopped);
    throw this.#gone();
  }

  /** Gives the turn away and serves the guest, blocking this thread, until it has ended. @throws {GuestLost} */
  exchangeSync(give: () => void, timeout: number): void {
    this.beginSync();
    try {
      give();
      this.serveSync(timeout);
    } finally {
      this.endSync();
    }
  }

  /** A request begins for which this thread blocks. @throws {GuestLost} */
  beginSync(): void {
    this.#begin(true);
  }

  endSync(): void {
    this.#working = false;
  }

  /** Serves the guest, blocking this thread, until it has ended. @throws {GuestLost} */
  serveSync(timeout: number): void {
    const { channel } = this;
    let until: number | undefined;
    for (let turns = 1;; turns++) {
      // Telling the time costs as much as a short call: not before the guest has not answered at once.
      if (
        channel.soonHasTurn() ||
        channel.parkForTurn((until ??= performance.now() + timeout + HEAD_START) - performance.now())
      ) {
        this.#turns.serve(false);
        if (this.#turns.ended) return;
        if (this.lost) throw this.#gone();
        // Nor at every turn; but a guest that always has its next question ready is out of time, too. Host functions, which
        // may take long, are timed anyway.
        until ??= performance.now() + timeout + HEAD_START;
        if ((turns % TURNS_UNTIMED === 0 ? performance.now() : this.#turns.seen) < until) continue;
      }
      if (this.#stopReason === undefined) {
        this.#stop("timeout");
        until = performance.now() + this.#backEnd.grace;
      } else this.#lose(this.#notStopped);
      if (this.lost) throw this.#gone();
    }
  }

  #write(write: (writer: FrameWriter) => void): void {
    fitting(() => write(this.channel.writer()));
  }

  /** Makes a request that goes as a message. @throws {GuestLost} */
  async requestByMessage(message: GuestMessage, timeout: number): Promise<FrameReader> {
    await this.exchange(() => {
      this.channel.giveSilently();
      this.#post(message);
    }, timeout);
    return this.channel.reader();
  }

  /** From now on the guest's state is taken; in the midst of a request it is asked for. */
  receiveState(receiver: StateReceiver): void {
    this.#turns.receiver = receiver;
    if (this.#working) this.channel.requestSave();
  }

  /** Stops the request that is under way, if there is one; it ends with an outcome, or with {@linkcode GuestLost}. */
  abort(reason: AbortReason): void {
    if (!this.#working || this.#stopReason !== undefined || this.lost) return;
    this.#stop(reason);
    this.#grace = setTimeout(() => this.#lose(this.#notStopped), this.#backEnd.grace);
  }

  /** Whether the guest stands still, or will as soon as it looks. */
  get paused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** Milliseconds for which it has stood still now. @param now milliseconds of `performance.now()` */
  pausedFor(now: number): number {
    return this.#pausedAt === undefined ? 0 : now - this.#pausedAt;
  }

  /** Has the guest stand still, and its time with it, until {@linkcode resume}. */
  pause(): void {
    // What was told to stop does so first: a pause would keep it.
    if (this.paused || this.#working && this.#stopReason !== undefined || this.lost) return;
    this.#pausedAt = performance.now();
    clearTimeout(this.#watchdog);
    this.channel.pause();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    const paused = performance.now() - this.#pausedAt;
    this.#due += paused;
    this.channel.addPausedTime(paused);
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

  /** Gives the turn away and serves the guest until it has ended. @throws {GuestLost} */
  async exchange(give: () => void, timeout: number): Promise<void> {
    this.#begin(false);
    this.#due = performance.now() + timeout + HEAD_START;
    if (!this.paused) this.#watch();
    try {
      give();
      for (let since = performance.now(); await this.channel.nextTurn();) {
        await this.#turns.serve(true);
        if (this.#turns.ended) return;
        // A guest that always has its next question ready would keep the event loop from everything else.
        if (performance.now() - since < LONGEST_SERVICE) continue;
        await new Promise((resolve) => setTimeout(resolve));
        since = performance.now();
      }
      throw this.#gone();
    } finally {
      this.#working = false;
      clearTimeout(this.#watchdog);
      clearTimeout(this.#grace);
      this.#turns.receiver?.end();
      this.#turns.receiver = undefined;
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

  get #notStopped(): string {
    return `it did not stop within ${this.#backEnd.grace} ms`;
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
    this.#turns.interrupt();
  }
}

/** Writes a request. @throws {AegisError} `InvalidOption` for more than fits into a frame */
export function fitting<Result>(write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new AegisError("InvalidOption", error.message, { field: "frameSize" });
  }
}
