/** Values between registers and JavaScript, as the JavaScript API of WebAssembly converts them. */
import type { MachineMemory } from "./machine_memory.ts";
import { widthOf } from "../owned_layout.ts";
import {
  F32,
  F64,
  HEAP,
  heapOf,
  I32,
  I64,
  isAbstract,
  isRef,
  V128,
  type ValueType,
} from "../../wasm/types.ts";

/** How references are kept: as words that stand for what they refer to, 0 for null. */
export interface References {
  /** @throws {TypeError} for what is no value of the type */
  toWord(type: ValueType, value: unknown): number;
  fromWord(type: ValueType, word: number): unknown;
}

/** Kinds of references, by what their words mean. */
export function referenceKind(
  type: ValueType,
  isFunction: (typeIndex: number) => boolean,
): "func" | "extern" | "exn" {
  if (!isAbstract(type)) return isFunction(heapOf(type)) ? "func" : "extern";
  const heap = heapOf(type);
  if (heap === HEAP.func || heap === HEAP.nofunc) return "func";
  return heap === HEAP.exn || heap === HEAP.noexn ? "exn" : "extern";
}

export class Values {
  constructor(readonly machine: MachineMemory, readonly references: References) {}

  /** Writes arguments or results from an address on. @throws {TypeError} for what is no value of its type */
  writeAll(types: readonly ValueType[], values: ArrayLike<unknown>, address: number): void {
    let at = address;
    for (let index = 0; index < types.length; index++) {
      const type = types[index] ?? 0;
      this.write(type, values[index], at);
      at += widthOf(type);
    }
  }

  readAll(types: readonly ValueType[], address: number): unknown[] {
    let at = address;
    return types.map((type) => {
      const value = this.read(type, at);
      at += widthOf(type);
      return value;
    });
  }

  /** As {@linkcode readAll}, with undefined for values of types that JavaScript does not have. */
  readKnown(types: readonly ValueType[], address: number): unknown[] {
    let at = address;
    return types.map((type) => {
      const from = at;
      at += widthOf(type);
      const unknown = type === V128 || isRef(type) && referenceKind(type, () => true) === "exn";
      return unknown ? undefined : this.read(type, from);
    });
  }

  write(type: ValueType, value: unknown, address: number): void {
    switch (type) {
      case I32:
        // `as`: the operator converts any value, or throws, as the JavaScript API does; here and below.
        this.machine.view.setInt32(address, +(value as number), true);
        return;
      case I64: {
        const exact = BigInt.asIntN(64, value as bigint);
        this.machine.view.setBigInt64(address, exact, true);
        return;
      }
      case F32:
        this.machine.view.setFloat32(address, +(value as number), true);
        return;
      case F64:
        this.machine.view.setFloat64(address, +(value as number), true);
        return;
      case V128:
        throw new TypeError("JavaScript has no values of type v128");
      default:
        this.machine.view.setInt32(address, this.references.toWord(type, value), true);
    }
  }

  read(type: ValueType, address: number): unknown {
    const { view } = this.machine;
    switch (type) {
      case I32:
        return view.getInt32(address, true);
      case I64:
        return view.getBigInt64(address, true);
      case F32:
        return view.getFloat32(address, true);
      case F64:
        return view.getFloat64(address, true);
      case V128:
        throw new TypeError("JavaScript has no values of type v128");
      default:
        return this.references.fromWord(type, view.getInt32(address, true));
    }
  }
}

/** The value that a table or global of this type begins with in JavaScript: null where it can be. */
export function isReference(type: ValueType): boolean {
  return isRef(type);
}
