/** Steps a call of a guest. The guest is parked between two steps, and its time stands still. */
import { type DebugStop, readFrames, readStop, type WatchedFrame } from "./watch_results.ts";
import { readFilter } from "./watch_options.ts";
import { AegisError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { encodeWatch, type WatchCommand, WATCHED } from "../protocol/watch_messages.ts";

/** Bytes of memory that are read at once. */
const MOST_BYTES = 1024 * 1024;

/** Instructions of one step. */
const MOST_STEPS = 0x7fffffff;

/** What a debugger does with the guest as a whole. */
interface Guest {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => void;
}

interface Said {
  readonly kind: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A call that stands still before its first instruction and is stepped from there; see `Sandbox.debug`. One thing is asked
 * of it at a time.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create({ engine: "interpreter" });
 * await using sandbox = await runtime.sandbox().build();
 * await sandbox.loadModule(await runtime.loadFile("examples/add.wat", { watch: "instructions" }));
 * await using call = await sandbox.debug("add", [2, 3]);
 * const stop = await call.step(2), [frame] = await call.frames();
 * console.log(stop?.text, frame?.operands.map(({ text }) => text)); // i32.add [ "2", "3" ]
 * await call.continue();
 * console.log(await call.outcome); // { kind: "value", values: [ 5 ] }
 * ```
 */
export class Debugger implements AsyncDisposable {
  readonly #guest: Guest;
  #outcome: Promise<Outcome> = Promise.withResolvers<Outcome>().promise;
  #ended = false;
  #standing: DebugStop | undefined;
  /** Answers the guest, which waits. */
  #answer: ((command: Uint8Array) => void) | undefined;
  /** Gets what the guest says next; undefined when the call has ended. */
  #listener: ((said: Said | undefined) => void) | undefined;

  /** Made by `Sandbox.debug`. */
  constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** @ignore What the guest says. */
  take(kind: number, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    this.#answer = resolve;
    this.#tell({ kind, bytes });
    return promise;
  }

  /** @ignore The guest was stopped, and waits no more. */
  abandon(): void {
    this.#answer = undefined;
    this.#standing = undefined;
  }

  /** @ignore Waits until the guest stands still, or the call has ended. */
  async start(outcome: Promise<Outcome>): Promise<void> {
    const first = this.#hear();
    this.#outcome = outcome;
    const ended = () => {
      this.#ended = true;
      this.abandon();
      this.#tell(undefined);
    };
    outcome.then(ended, ended);
    this.#stand(await first);
    if (this.#ended) await outcome; // which throws what the call was refused with
  }

  /** How the call has ended; pending as long as it has not. */
  get outcome(): Promise<Outcome> {
    return this.#outcome;
  }

  /** Where the guest stands still; undefined when the call has ended. */
  get standing(): DebugStop | undefined {
    return this.#standing;
  }

  /**
   * Runs so many instructions, in whatever functions.
   *
   * @returns where the guest stands then; undefined when the call has ended
   * @throws {AegisError} `InvalidOption`; `Busy` while something else is asked
   */
  async step(count = 1): Promise<DebugStop | undefined> {
    if (!Number.isSafeInteger(count) || count < 1 || count > MOST_STEPS) {
      throw new AegisError("InvalidOption", `Cannot step: give a whole number from 1 to ${MOST_STEPS}`, {
        field: "count",
      });
    }
    return await this.#go({ do: "step", count });
  }

  /** Runs to the next instruction of this function, or of its caller: what it calls runs through. @throws as {@linkcode step} */
  stepOver(): Promise<DebugStop | undefined> {
    return this.#go({ do: "over" });
  }

  /** Runs until this function has returned. @throws as {@linkcode step} */
  stepOut(): Promise<DebugStop | undefined> {
    return this.#go({ do: "out" });
  }

  /** Runs to a breakpoint, or to the end. @throws as {@linkcode step} */
  continue(): Promise<DebugStop | undefined> {
    return this.#go({ do: "continue" });
  }

  /**
   * Stops from now on where these functions begin.
   *
   * @param functions names, in which `*` stands for anything, and indices, with commas between; empty for none
   * @throws as {@linkcode step}
   */
  async breakAt(functions: string): Promise<void> {
    await this.#ask({ do: "break", at: readFilter(functions, "functions") });
  }

  /** The functions on the stack, innermost first; at most 64. None when the call has ended. @throws {AegisError} `Busy` */
  async frames(): Promise<readonly WatchedFrame[]> {
    const said = await this.#ask({ do: "frames" });
    return said === undefined ? [] : readFrames(said.bytes);
  }

  /**
   * Copies bytes out of a memory of the module in which the guest stands.
   *
   * @param length at most 1 MiB
   * @param memory its index
   * @throws {AegisError} `TypeMismatch` when there is no such memory, or the range lies outside; `InvalidOption`, `Busy`
   */
  async readMemory(offset: number, length: number, memory = 0): Promise<Uint8Array<ArrayBuffer>> {
    const natural = [offset, length, memory].every((value) => Number.isSafeInteger(value) && value >= 0);
    if (!natural || length > MOST_BYTES) {
      throw new AegisError(
        "InvalidOption",
        `Cannot read memory: give whole numbers from 0, and a length of at most ${MOST_BYTES}`,
        { field: "length" },
      );
    }
    const said = await this.#ask({ do: "memory", index: memory, offset, length });
    if (said?.kind === WATCHED.bytes && said.bytes.length === length) return said.bytes;
    throw new AegisError("TypeMismatch", `Cannot read ${length} bytes at ${offset} of memory ${memory}`);
  }

  /** Stops the call, if it has not ended, and waits for its end. */
  async close(): Promise<void> {
    if (!this.#ended) this.#guest.stop();
    await this.#outcome.catch(() => {});
  }

  /** As {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #go(command: WatchCommand): Promise<DebugStop | undefined> {
    this.#checkIdle();
    if (this.#standing === undefined) return undefined;
    const heard = this.#hear();
    this.#standing = undefined;
    this.#guest.resume();
    this.#say(command);
    this.#stand(await heard);
    return this.#standing;
  }

  /** @returns undefined when the call has ended */
  async #ask(command: WatchCommand): Promise<Said | undefined> {
    this.#checkIdle();
    if (this.#standing === undefined) return undefined;
    const heard = this.#hear();
    this.#say(command);
    return await heard;
  }

  #say(command: WatchCommand): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(encodeWatch(command));
  }

  /** @throws {AegisError} `Busy` */
  #checkIdle(): void {
    if (this.#listener === undefined) return;
    throw new AegisError("Busy", "Cannot ask the debugger: it has not answered what was asked before", {
      suggestion: "Await it first.",
    });
  }

  /** Waits for what the guest says next. */
  #hear(): Promise<Said | undefined> {
    const { promise, resolve } = Promise.withResolvers<Said | undefined>();
    this.#listener = resolve;
    return promise;
  }

  #tell(said: Said | undefined): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.(said);
  }

  #stand(said: Said | undefined): void {
    if (said?.kind !== WATCHED.stopped || this.#ended) return;
    this.#standing = readStop(said.bytes);
    this.#guest.pause();
  }
}
