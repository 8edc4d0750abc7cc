/** The world as the functions that Aegis provides to guests see it: operations, output, time, and the guest's end. */
import { OutputBuffer } from "./output.ts";
import {
  type Answer,
  closes,
  type OperationName,
  type Operations,
  type RequestOf,
} from "../protocol/operations.ts";
import type { WasiHost } from "../wasi/host.ts";

/** What the machine does for it. */
export interface WorldMachine {
  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>, even?: boolean): Answer<Name>;
  sleep(milliseconds: number): void;
  exit(status: number): void;
  trapOutside(): void;
  mayGoOn(): boolean;
}

// Taken before the global scope is emptied.
const { crypto } = globalThis;

export class MachineWorld implements WasiHost {
  readonly operations: Operations;
  readonly room: number;
  readonly changes: Int32Array;
  readonly #machine: WorldMachine;
  readonly #output: OutputBuffer;

  constructor(
    machine: WorldMachine,
    options: { readonly room: number; readonly changes: SharedArrayBuffer },
  ) {
    this.#machine = machine;
    this.room = options.room;
    this.changes = new Int32Array(options.changes);
    this.#output = new OutputBuffer(
      options.room,
      (pieces) => void machine.perform("writeOutput", { pieces }, true),
    );
    this.operations = {
      perform: (name, request) => machine.perform(name, request, closes(name)),
    };
  }

  now(): number {
    return performance.now();
  }

  wallTime(): number {
    return performance.timeOrigin + performance.now();
  }

  secureRandom(bytes: Uint8Array<ArrayBuffer>): void {
    crypto.getRandomValues(bytes);
  }

  output(stream: 1 | 2, bytes: Uint8Array): void {
    this.#output.append(stream, bytes, performance.now());
  }

  flushOutput(): void {
    this.#output.flush();
  }

  /** Hands over output that has been kept back for long. @param now milliseconds */
  flushIfOld(now: number): void {
    this.#output.flushIfOld(now);
  }

  sleep(milliseconds: number): void {
    this.flushOutput();
    this.#machine.sleep(milliseconds);
  }

  exit(status: number): void {
    this.#machine.exit(status);
  }

  trapOutside(): void {
    this.#machine.trapOutside();
  }

  mayGoOn(): boolean {
    return this.#machine.mayGoOn();
  }
}
