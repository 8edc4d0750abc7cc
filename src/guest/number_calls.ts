/** Calls with numbers alone, one or many in a request; see `protocol/batch_frames.ts`. */
import type { GuestInstance } from "./instance.ts";
import type { Machine } from "./machine.ts";
import type { Value, ValueKind } from "../core/value.ts";
import { type BatchHead, BatchReader, type BatchShape } from "../protocol/batch_frames.ts";

/** An export that takes and returns numbers. */
interface NumberFunction {
  readonly shape: BatchShape;
  readonly instance: GuestInstance;
  readonly run: (...args: Value[]) => readonly Value[] | Value | undefined;
}

export class NumberCalls {
  readonly #machine: Machine;
  readonly #reader: BatchReader;
  /** The function that was called last: it is likely called again. */
  #last: { readonly head: BatchHead; readonly found: NumberFunction } | undefined;

  constructor(machine: Machine, buffer: SharedArrayBuffer) {
    this.#machine = machine;
    this.#reader = new BatchReader(buffer);
  }

  /** Runs the rows until one is stopped. @throws what V8 throws when a row traps */
  run(): void {
    const reader = this.#reader, machine = this.#machine, head = reader.head(), target = this.#target(head);
    let left = reader.begin(target.shape);
    const { instance } = target, { fuel } = machine;
    machine.beginShort(instance, head);
    // A call among others is none that could go on elsewhere.
    machine.pending = left === 1 ? { instance: head.instance, exported: head.export, rooms: [] } : undefined;
    for (; left > 0; left--) {
      machine.growth.refused = undefined; // that of the row before says nothing about this one
      const returned = this.#call(target), consumed = left > 1 ? fuel.consumed : fuel.rest();
      // What ran after its fuel was gone has not succeeded.
      if (consumed > fuel.allowance && machine.overdrawn || machine.stopReason !== undefined) return;
      reader.row(returned, consumed);
    }
  }

  /**
   * Lays down the answer, with the rows that were done; the last thing before the turn is given away.
   *
   * @param complete false when the guest was stopped: if that was after the last row, it was in this row
   * @returns how many rows were done, and bytes of the frame
   */
  answer(complete: boolean): { readonly done: number; readonly length: number } {
    return this.#reader.end(complete);
  }

  /** The usual counts of arguments without a list of them. */
  #call({ run, shape: { params } }: NumberFunction): readonly Value[] | Value | undefined {
    const reader = this.#reader;
    switch (params.length) {
      case 0:
        return run();
      case 1:
        return run(reader.argument(0));
      case 2:
        return run(reader.argument(0), reader.argument(1));
      case 3:
        return run(reader.argument(0), reader.argument(1), reader.argument(2));
      default:
        return run(...params.map((_, index) => reader.argument(index)));
    }
  }

  #target(head: BatchHead): NumberFunction {
    const last = this.#last;
    if (last !== undefined && last.head.export === head.export) {
      if (last.found.instance === this.#machine.instance(head.instance)) return last.found;
    }
    const instance = this.#machine.instance(head.instance), item = instance?.layout.exports[head.export];
    const run = item === undefined ? undefined : instance?.exports[item.name];
    if (instance === undefined || item?.type.kind !== "function" || typeof run !== "function") {
      throw new TypeError(`No function is export ${head.export}`);
    }
    // `as`: the host calls functions of numeric types only in this way.
    const shape = { params: item.type.params as ValueKind[], results: item.type.results as ValueKind[] };
    const found = { shape, instance, run: run as NumberFunction["run"] };
    this.#last = { head, found };
    return found;
  }
}
