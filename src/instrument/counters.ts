/**
 * The code that counts: fuel down, stack up. Every fragment leaves the operand stack as it was.
 *
 * Fuel is an i64 global that holds what is left of the slice; below zero the code calls the refuel hook, which grants
 * the next slice or never returns. The stack counter is an i32 global that holds the bytes in use; above the cap (a
 * global too, since several modules of a sandbox share one stack) the code calls the stack hook.
 */
import { CODE, EMPTY_BLOCK, i32Const, i64Const, indexed } from "./code.ts";
import { HOOKS } from "./layout.ts";
import { ByteWriter } from "../wasm/encoder.ts";

/** Indices of what was appended to the module. */
export interface CounterIndices {
  readonly fuel: number;
  readonly stackUsed: number;
  readonly stackCap: number;
  readonly stackShared: number;
  readonly hookTable: number;
  /** The type `() -> ()`. */
  readonly hookType: number;
}

export class Counters {
  readonly #indices: CounterIndices;
  readonly #readFuel: Uint8Array;
  readonly #writeFuel: Uint8Array;
  readonly #test: Uint8Array;

  constructor(indices: CounterIndices) {
    this.#indices = indices;
    this.#readFuel = fragment((writer) => indexed(writer, CODE.globalGet, indices.fuel));
    this.#writeFuel = fragment((writer) => {
      writer.u8(CODE.i64Sub);
      indexed(writer, CODE.globalSet, indices.fuel);
    });
    this.#test = fragment((writer) => {
      indexed(writer, CODE.globalGet, indices.fuel);
      i64Const(writer, 0);
      writer.u8(CODE.i64LtS);
      writer.u8(CODE.if);
      writer.u8(EMPTY_BLOCK);
      this.#callHook(writer, HOOKS.refuel);
      writer.u8(CODE.end);
    });
  }

  /** Charges a constant. */
  charge(writer: ByteWriter, units: number): void {
    if (units === 0) return;
    writer.bytes(this.#readFuel);
    i64Const(writer, units);
    writer.bytes(this.#writeFuel);
  }

  /** Charges the value that `amount` leaves on the stack, an i64, times `unit`. */
  chargeDynamic(writer: ByteWriter, unit: number, amount: () => void): void {
    writer.bytes(this.#readFuel);
    amount();
    if (unit !== 1) {
      i64Const(writer, unit);
      writer.u8(CODE.i64Mul);
    }
    writer.bytes(this.#writeFuel);
  }

  /** Refuels if the counter is below zero. */
  test(writer: ByteWriter): void {
    writer.bytes(this.#test);
  }

  /** Counts a frame; `saved` is the local that keeps the counter for handlers, where the function has any. */
  enter(writer: ByteWriter, frame: number, saved: number | undefined): void {
    const { stackUsed, stackCap } = this.#indices;
    indexed(writer, CODE.globalGet, stackUsed);
    i32Const(writer, frame);
    writer.u8(CODE.i32Add);
    if (saved !== undefined) indexed(writer, CODE.localTee, saved);
    indexed(writer, CODE.globalSet, stackUsed);
    indexed(writer, CODE.globalGet, stackUsed);
    indexed(writer, CODE.globalGet, stackCap);
    writer.u8(CODE.i32GtU);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    this.#callHook(writer, HOOKS.stack);
    writer.u8(CODE.end);
  }

  /** Gives the frame back. */
  leave(writer: ByteWriter, frame: number, saved: number | undefined): void {
    const { stackUsed } = this.#indices;
    if (saved === undefined) indexed(writer, CODE.globalGet, stackUsed);
    else indexed(writer, CODE.localGet, saved);
    i32Const(writer, frame);
    writer.u8(CODE.i32Sub);
    indexed(writer, CODE.globalSet, stackUsed);
  }

  /**
   * Sets the counter right in a handler: frames below this one may have ended without giving theirs back. Frames of
   * other modules too, which only the host's side can see.
   */
  restore(writer: ByteWriter, saved: number): void {
    indexed(writer, CODE.localGet, saved);
    indexed(writer, CODE.globalSet, this.#indices.stackUsed);
    indexed(writer, CODE.globalGet, this.#indices.stackShared);
    writer.u8(CODE.if);
    writer.u8(EMPTY_BLOCK);
    this.#callHook(writer, HOOKS.unwound);
    writer.u8(CODE.end);
  }

  /** Calls a hook of type `() -> ()`. */
  #callHook(writer: ByteWriter, slot: number): void {
    i32Const(writer, slot);
    writer.u8(CODE.callIndirect);
    writer.u32(this.#indices.hookType);
    writer.u32(this.#indices.hookTable);
  }
}

function fragment(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.written();
}
