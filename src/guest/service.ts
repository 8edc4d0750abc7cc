/** Serves the host's requests: one at a time, each answered by a `result` frame. */
import { classifyFailure } from "./failure.ts";
import type { Machine } from "./machine.ts";
import type { ReceivedMessage } from "./messages.ts";
import { NumberCalls } from "./number_calls.ts";
import { StatePieces } from "./send_state.ts";
import type { StopReason } from "./stop.ts";
import { framesOf } from "./trap_report.ts";
import type { Watching } from "./watching.ts";
import { type TrapCode, TRAPS } from "../core/trap.ts";
import { isContentKind, type Kind } from "../core/signature.ts";
import type { Value, ValueKind } from "../core/value.ts";
import { quote } from "../core/quote.ts";
import type { GuestEnd } from "../protocol/channel.ts";
import type { FrameValue, FrameWriter } from "../protocol/frame.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { writeMissing } from "../protocol/operation_frames.ts";
import { FRAMES, PIECES, RESULTS } from "../protocol/layout.ts";
import { decodeWatch, type WatchSettings } from "../protocol/watch_messages.ts";
import type { ProgramWords } from "../wasi/host.ts";

/** A result that is in the frame already. */
const WRITTEN = Symbol("written");

/** What a request does; it returns the values of its result, and their types. */
type Work = () => { values: readonly FrameValue[]; kinds: readonly Kind[] } | Uint8Array | typeof WRITTEN;

/** How some work ended, unless the guest was stopped. */
type End = { readonly result: ReturnType<Work> } | { readonly error: unknown };

/** Bytes of a state beside its memories. */
const MOST_BESIDE_MEMORY = 256 * 1024 * 1024;

const NOTHING = { values: [], kinds: [] };

export class Service {
  readonly #numberCalls: NumberCalls;
  #served: (() => void) | undefined;
  readonly #pieces: StatePieces;
  /** How the last batch ended. */
  #end: End = { result: NOTHING };

  constructor(readonly channel: GuestEnd, readonly machine: Machine) {
    this.#numberCalls = new NumberCalls(machine, channel.buffer);
    this.#pieces = new StatePieces(2 * machine.growth.limit + MOST_BESIDE_MEMORY);
  }

  /** Serves requests that come in frames, for ever. */
  async serve(): Promise<void> {
    for (;;) {
      if (!this.channel.soonHasTurn()) await this.channel.nextTurn();
      // A message may be delivered, and served, between the end of that wait and here.
      if (!this.channel.hasTurn) continue;
      // A turn without a frame belongs to a message, which the event loop delivers.
      if (this.channel.frameKind === FRAMES.none) {
        await new Promise<void>((resolve) => this.#served = resolve);
      } else this.#frame();
    }
  }

  /** Serves a request that came as a message. */
  message(message: Exclude<ReceivedMessage, { kind: "start" }>): void {
    this.#answer(() => {
      if (message.kind === "load") this.machine.load(message);
      else this.machine.reset(message);
      return NOTHING;
    });
    this.#served?.();
    this.#served = undefined;
  }

  #frame(): void {
    switch (this.channel.frameKind) {
      case FRAMES.call:
        return this.#call();
      case FRAMES.batch:
        return this.#batch();
      case FRAMES.save:
        return this.#answer(() => {
          this.machine.forgetStop();
          this.machine.sendState();
          return NOTHING;
        });
      case FRAMES.restore:
        return this.#restore();
      case FRAMES.goOn:
        return this.#goOn();
      case FRAMES.batchEnd:
        this.#writeEnd(this.#end);
        return this.channel.give(FRAMES.result);
      case FRAMES.watch:
        return this.#watch((watching) => {
          watching.begin(decodeWatch(this.channel.reader().rest()) as WatchSettings); // `as`: the host is believed
          return new Uint8Array();
        });
      case FRAMES.watchEnd:
        return this.#watch((watching) => watching.end());
      case FRAMES.program:
        return this.#answer(() => {
          this.machine.forgetStop();
          this.machine.give(decodeData(this.channel.reader().bytes()) as unknown as ProgramWords); // `as`: the host is believed
          return NOTHING;
        });
      case FRAMES.readMemory:
        return this.#accessMemory((reader, memory) => {
          const offset = reader.f64(), length = reader.f64();
          return rangeOf(memory, offset, length);
        });
      case FRAMES.writeMemory:
        return this.#accessMemory((reader, memory) => {
          const offset = reader.f64(), bytes = reader.bytes();
          rangeOf(memory, offset, bytes.length).set(bytes);
          return new Uint8Array();
        });
      default:
        return this.#answer(() => {
          throw new TypeError(`No request has kind ${this.channel.frameKind}`);
        });
    }
  }

  #batch(): void {
    try {
      this.#numberCalls.run();
      this.#end = { result: NOTHING };
    } catch (error) {
      this.#end = { error };
    }
    this.machine.finish();
    // What it printed last is taken at the end, and may be refused.
    const { done, length } = this.#numberCalls.answer(this.machine.stopReason === undefined);
    if (done > 0 || !("error" in this.#end) && this.machine.stopReason === undefined) {
      return this.channel.give(FRAMES.batchRows, length);
    }
    this.#writeEnd(this.#end);
    this.channel.give(FRAMES.result);
  }

  #call(): void {
    this.#answer(() => {
      const reader = this.channel.reader();
      const timeout = reader.f64(),
        fuel = reader.i64(),
        index = reader.u32(),
        exported = reader.u32(),
        content = reader.kind(),
        args = reader.valuesInPlace();
      const instance = this.machine.instance(index);
      const { name, type } = instance?.layout.exports[exported] ?? {};
      if (instance === undefined || name === undefined || type?.kind !== "function") {
        throw new TypeError(`No function is export ${exported}`);
      }
      this.machine.begin(timeout, fuel < 0n ? undefined : fuel);
      this.machine.pending = {
        instance: index,
        exported,
        rooms: [],
        ...(content === undefined ? {} : { content }),
      };
      if (content !== undefined && isContentKind(content)) {
        this.machine.exportCalls.callForContent(instance, { name, args }, (bytes) => {
          const writer = this.channel.writer();
          writer.u8(RESULTS.value);
          writer.values([bytes], [content]);
        });
        return WRITTEN;
      }
      const returned = this.machine.exportCalls.call(instance, name, args);
      return valuesOf(returned, type.results as ValueKind[]); // `as`: the host calls functions of numeric types only
    });
    this.machine.pending = undefined;
  }

  /** Takes a piece of a state; with the last one, what could not be opened again is told. */
  #restore(): void {
    this.#answer(() => {
      this.machine.forgetStop();
      const reader = this.channel.reader(), last = reader.u8() === PIECES.last;
      const state = this.#pieces.add(reader.bytes(), last);
      return encodeData(state === undefined ? [] : this.machine.restore(state));
    });
  }

  #goOn(): void {
    this.#answer(() => {
      const timeout = this.channel.reader().f64(), { pending } = this.machine;
      if (pending === undefined) throw new TypeError("No call was restored");
      const type = this.machine.instance(pending.instance)?.layout.exports[pending.exported]?.type;
      if (type?.kind !== "function") throw new TypeError(`No function is export ${pending.exported}`);
      this.machine.beginRest(timeout);
      let written = false;
      const returned = this.machine.exportCalls.goOn(pending, (bytes) => {
        const writer = this.channel.writer();
        writer.u8(RESULTS.value);
        writer.values([bytes], [pending.content ?? "bytes"]);
        written = true;
      });
      this.machine.pending = undefined;
      return written ? WRITTEN : valuesOf(returned, type.results as ValueKind[]); // as in #call
    });
  }

  /** Nothing of the guest runs: what its last call has ended with stays. */
  #watch(work: (watching: Watching) => Uint8Array): void {
    const { channel, machine } = this;
    let writer: FrameWriter;
    try {
      if (machine.watching === undefined) throw new TypeError("No module was loaded to be watched");
      const said = work(machine.watching);
      writer = channel.writer();
      writer.u8(RESULTS.value);
      writer.bytes(said);
    } catch (error) {
      writer = channel.writer();
      writer.u8(RESULTS.fault);
      writer.string(messageOf(error).slice(0, 1000));
    }
    channel.setState("idle");
    channel.give(FRAMES.result);
  }

  #accessMemory(
    access: (reader: ReturnType<GuestEnd["reader"]>, memory: WebAssembly.Memory) => Uint8Array,
  ): void {
    this.#answer(() => {
      this.machine.forgetStop();
      const reader = this.channel.reader();
      const index = reader.u32(), name = reader.string();
      const instance = this.machine.instance(index);
      const memory = instance?.typeOf(name)?.kind === "memory" ? instance.exports[name] : undefined;
      if (!(memory instanceof WebAssembly.Memory)) throw new TypeError(`No memory ${quote(name)}`);
      return access(reader, memory);
    });
  }

  /** Does the work and writes the result frame, whatever happens. */
  #answer(work: Work): void {
    let end: End;
    try {
      end = { result: work() };
    } catch (error) {
      end = { error };
    }
    this.machine.finish();
    this.#writeEnd(end);
    this.channel.give(FRAMES.result);
  }

  #writeEnd(end: End): void {
    const { channel, machine } = this, stop = machine.stopReason;
    if (stop === undefined && "result" in end && end.result === WRITTEN) return;
    try {
      const writer = channel.writer();
      if (stop?.kind === "outside") {
        this.#writeTrap(writer, { trap: "memoryOutOfBounds", error: "error" in end ? end.error : undefined });
      } else if (stop !== undefined) writeStop(writer, stop);
      else if ("error" in end) this.#writeFailure(writer, end.error);
      else if (end.result === WRITTEN) return;
      else if (end.result instanceof Uint8Array) {
        writer.u8(RESULTS.value);
        writer.bytes(end.result);
      } else {
        writer.u8(RESULTS.value);
        writer.values(end.result.values, end.result.kinds);
      }
    } catch (error) {
      const writer = channel.writer();
      writer.u8(RESULTS.fault);
      writer.string(messageOf(error).slice(0, 1000));
    }
  }

  #writeFailure(writer: FrameWriter, error: unknown): void {
    const failure = classifyFailure(error, this.machine.growth.refused);
    if (failure.kind === "link") {
      writer.u8(RESULTS.missingImport);
      writer.string(failure.message);
    } else if (failure.kind === "trap") {
      this.#writeTrap(writer, { trap: failure.trap, message: failure.message, error });
    } else writeStop(writer, failure);
  }

  /** @param failure `message`: V8's, for a trap that is not known; `error`: where its frames stand */
  #writeTrap(
    writer: FrameWriter,
    failure: { readonly trap: TrapCode; readonly message?: string; readonly error: unknown },
  ): void {
    const { trap, message = "", error } = failure;
    writer.u8(RESULTS.trap);
    writer.u8(TRAPS[trap].code);
    writer.string(trap === "unknown" ? message : TRAPS[trap].message);
    const frames = framesOf(error, this.machine.layouts);
    writer.u32(frames.length);
    for (const { instance, offset } of frames) {
      writer.u32(instance);
      writer.u32(offset);
    }
  }
}

function valuesOf(
  returned: unknown,
  kinds: readonly ValueKind[],
): { values: readonly Value[]; kinds: readonly ValueKind[] } {
  if (kinds.length === 0) return { values: [], kinds };
  return { values: kinds.length === 1 ? [returned as Value] : [...returned as Value[]], kinds };
}

function rangeOf(memory: WebAssembly.Memory, offset: number, length: number): Uint8Array {
  const size = memory.buffer.byteLength,
    natural = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (!natural(offset) || !natural(length) || offset + length > size) {
    throw new RangeError(`${length} bytes at ${offset} lie outside its ${size} bytes`);
  }
  return new Uint8Array(memory.buffer, offset, length);
}

function writeStop(writer: FrameWriter, stop: Exclude<StopReason, { readonly kind: "outside" }>): void {
  writer.u8(RESULTS[stop.kind]);
  switch (stop.kind) {
    case "outOfFuel":
      writer.i64(stop.consumed);
      return writer.i64(stop.allowed);
    case "timeout":
    case "cpuTime":
      return writer.f64(stop.elapsed);
    case "exit":
      return writer.u32(stop.status);
    case "memory":
      writer.f64(stop.used);
      return writer.f64(stop.allowed);
    case "aborted":
      return writer.u8(stop.reason);
    case "fault":
    case "inlineError":
    case "abi":
      return writer.string(stop.message.slice(0, 1000));
    case "denied":
      return writeMissing(writer, stop.missing);
    case "stack":
    case "hostCalls":
    case "hostError":
      return;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
