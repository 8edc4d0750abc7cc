/** Operations on tables, segments and several memories, which the core leaves to the outside. */
import type { Instance } from "./instance.ts";
import { SERVICE } from "../machine_layout.ts";
import type { Store } from "./store.ts";
import type { TrapName } from "./traps.ts";

interface ServiceCall {
  readonly kind: number;
  readonly pc: number;
  readonly fp: number;
}

/** Reads the words and registers of an instruction. */
class Operands {
  constructor(readonly store: Store, readonly at: ServiceCall) {}

  /** The n-th word behind the kind and the length. */
  word(place: number): number {
    return this.store.machine.word(this.at.pc + 12 + 4 * place);
  }

  /** The word in the register that the n-th word names. */
  register(place: number): number {
    return this.store.machine.word(this.at.fp + this.word(place));
  }

  /** The same as a number from 0 on, of 32 or of 64 bits. */
  index(place: number, wide: boolean): number {
    const { view } = this.store.machine, address = this.at.fp + this.word(place);
    return wide ? Number(view.getBigUint64(address, true)) : view.getUint32(address, true);
  }
}

/** Does such an operation. @returns why the guest traps, if it does */
export function runBulk(store: Store, instance: Instance, at: ServiceCall): TrapName | undefined {
  const operands = new Operands(store, at);
  const table = (place: number) => {
    const found = instance.tables[operands.word(place)];
    if (found === undefined) throw new TypeError("A validated module names a table that does not exist");
    return found;
  };
  const memory = (place: number) => {
    const index = operands.word(place), found = instance.memories[index];
    if (found === undefined) throw new TypeError("A validated module names a memory that does not exist");
    return { bytes: new Uint8Array(found.buffer), wide: instance.module.memories[index] === "i64" };
  };
  switch (at.kind) {
    case SERVICE.tableGrow: {
      const target = table(0), { index64 } = target.type, word = operands.register(2);
      if (!store.isReference(target.type.element, word)) return "null";
      const before = target.growBy(operands.index(3, index64), word);
      store.machine.view.setBigInt64(at.fp + operands.word(1), BigInt(before), true);
      return undefined;
    }
    case SERVICE.tableFill: {
      const target = table(0), { index64 } = target.type;
      const start = operands.index(1, index64), size = operands.index(3, index64);
      const word = operands.register(2);
      if (start + size > target.size) return "table";
      if (!store.isReference(target.type.element, word)) return "null";
      target.words.fill(word, start, start + size);
      return undefined;
    }
    case SERVICE.tableCopy: {
      const to = table(0), from = table(1);
      const target = operands.index(2, to.type.index64), source = operands.index(3, from.type.index64);
      const size = operands.index(4, to.type.index64 && from.type.index64);
      if (source + size > from.size || target + size > to.size) return "table";
      to.words.set(from.words.subarray(source, source + size), target);
      return undefined;
    }
    case SERVICE.tableInit: {
      const target = table(0), words = instance.elements[operands.word(1)] ?? new Int32Array(0);
      const start = operands.index(2, target.type.index64);
      const source = operands.index(3, false), size = operands.index(4, false);
      if (start + size > target.size) return "table";
      if (source + size > words.length) return "element";
      target.words.set(words.subarray(source, source + size), start);
      return undefined;
    }
    case SERVICE.elementDrop:
      instance.elements[operands.word(0)] = new Int32Array(0);
      return undefined;
    case SERVICE.memoryInit: {
      const { bytes, wide } = memory(0), segment = instance.data[operands.word(1)] ?? new Uint8Array(0);
      const start = operands.index(2, wide),
        source = operands.index(3, false),
        size = operands.index(4, false);
      if (start + size > bytes.length || source + size > segment.length) return "memory";
      bytes.set(segment.subarray(source, source + size), start);
      return undefined;
    }
    case SERVICE.dataDrop:
      instance.data[operands.word(0)] = new Uint8Array(0);
      return undefined;
    case SERVICE.memoryCopy: {
      const to = memory(0), from = memory(1);
      const target = operands.index(2, to.wide), source = operands.index(3, from.wide);
      const size = operands.index(4, to.wide && from.wide);
      if (target + size > to.bytes.length || source + size > from.bytes.length) return "memory";
      to.bytes.set(from.bytes.subarray(source, source + size), target);
      return undefined;
    }
    default:
      throw new TypeError(`There is no service ${at.kind}`);
  }
}
