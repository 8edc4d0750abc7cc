/**
 * The code that counts: fuel down, stack up. Every fragment leaves the operand stack as it was.
 *
 * Fuel is an i64 global that holds what is left of the slice; below zero the code calls the refuel hook, which grants
 * the next slice or never returns. The stack counter is an i32 global that holds the bytes in use; above the cap (a
 * global too, since several modules of a sandbox share one stack) the code calls the stack hook.
 */
import { CODE, EMPTY_BLOCK, i32Const, i64Const, indexed } from "./code.ts";
import { CodeWriter } from "./code_writer.ts";
import { HOOKS } from "./layout.ts";
import { MOST_OWED } from "../analysis/plan.ts";

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
  readonly #refuel: Uint8Array;
  readonly #readFuel: Uint8Array;
  readonly #writeFuel: Uint8Array;

  constructor(readonly indices: CounterIndices) {
    this.#readFuel = fragment((writer) => indexed(writer, CODE.globalGet, indices.fuel));
    this.#writeFuel = fragment((writer) => {
      writer.u8(CODE.i64Sub);
      indexed(writer, CODE.globalSet, indices.fuel);
    });
    this.#refuel = fragment((writer) => {
      writer.u8(EMPTY_BLOCK);
      this.callHook(writer, HOOKS.refuel);
      writer.u8(CODE.end);
    });
  }

  /** Charges a constant. */
  charge(writer: CodeWriter, units: number): void {
    if (units === 0) return;
    writer.bytes(this.#readFuel);
    i64Const(writer, units);
    writer.bytes(this.#writeFuel);
  }

  /** Charges the value that `amount` leaves on the stack, an i64, times `unit`. */
  chargeDynamic(writer: CodeWriter, unit: number, amount: () => void): void {
    writer.bytes(this.#readFuel);
    amount();
    if (unit !== 1) {
      i64Const(writer, unit);
      writer.u8(CODE.i64Mul);
    }
    writer.bytes(this.#writeFuel);
  }

  /** Refuels if the counter is below zero. */
  test(writer: CodeWriter): void {
    this.#isEmpty(writer);
    writer.unlikelyBranch(CODE.if);
    writer.bytes(this.#refuel);
  }

  #isEmpty(writer: CodeWriter): void {
    writer.bytes(this.#readFuel);
    i64Const(writer, 0);
    writer.u8(CODE.i64LtS);
  }

  /** Adds a constant to what is owed. */
  defer(writer: CodeWriter, owed: number, units: number): void {
    if (units === 0) return;
    indexed(writer, CODE.localGet, owed);
    i32Const(writer, units);
    writer.u8(CODE.i32Add);
    indexed(writer, CODE.localSet, owed);
  }

  /**
   * Adds a constant to what is owed, and calls `pay` if that is too much; with `orFuel` also if the counter is below
   * zero.
   */
  payIfDue(
    writer: CodeWriter,
    owed: number,
    { units = 0, orFuel = false, pay }: {
      readonly units?: number;
      readonly orFuel?: boolean;
      readonly pay: number;
    },
  ): void {
    this.isDue(writer, owed, units);
    if (orFuel) {
      this.#isEmpty(writer);
      writer.u8(CODE.i32Or);
    }
    writer.unlikelyBranch(CODE.if);
    writer.u8(EMPTY_BLOCK);
    indexed(writer, CODE.localGet, owed);
    indexed(writer, CODE.call, pay);
    indexed(writer, CODE.localSet, owed);
    writer.u8(CODE.end);
  }

  /** Adds a constant to what is owed, and pushes whether that is too much. */
  isDue(writer: CodeWriter, owed: number, units = 0): void {
    indexed(writer, CODE.localGet, owed);
    if (units !== 0) {
      i32Const(writer, units);
      writer.u8(CODE.i32Add);
      indexed(writer, CODE.localTee, owed);
    }
    i32Const(writer, MOST_OWED);
    writer.u8(CODE.i32GtU);
  }

  /** Branches to a label if too much is owed. */
  branchIfDue(writer: CodeWriter, owed: number, label: number): void {
    this.isDue(writer, owed);
    writer.unlikelyBranch(CODE.brIf);
    writer.u32(label);
  }

  /** Pays what is owed, without a test; nothing is owed then. */
  settle(writer: CodeWriter, owed: number): void {
    this.pay(writer, owed);
    i32Const(writer, 0);
    indexed(writer, CODE.localSet, owed);
  }

  /** Pays what is owed where the local is not used again. */
  pay(writer: CodeWriter, owed: number): void {
    this.chargeDynamic(writer, 1, () => {
      indexed(writer, CODE.localGet, owed);
      writer.u8(CODE.i64ExtendI32U);
    });
  }

  /** Calls a hook of type `() -> ()`. */
  callHook(writer: CodeWriter, slot: number): void {
    i32Const(writer, slot);
    writer.u8(CODE.callIndirect);
    writer.u32(this.indices.hookType);
    writer.u32(this.indices.hookTable);
  }
}

function fragment(write: (writer: CodeWriter) => void): Uint8Array {
  const writer = new CodeWriter();
  write(writer);
  return writer.written();
}
