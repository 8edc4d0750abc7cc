/** Values of a guest as a person reads them. */
import type { Store } from "../run/store.ts";
import { referenceKind } from "../run/values.ts";
import { F32, F64, formatType, I32, I64, V128, type ValueType } from "../../wasm/types.ts";

/** A value as data: numbers in decimal, v128 as `0x` and 32 digits from the lowest byte on, references as what they are. */
export interface WatchedValue {
  readonly type: string;
  readonly text: string;
}

/** The value of that type in a register. */
export function readValue(store: Store, type: ValueType, address: number): WatchedValue {
  return { type: formatType(type), text: textOf(store, type, address) };
}

function textOf(store: Store, type: ValueType, address: number): string {
  const { view, bytes } = store.machine;
  switch (type) {
    case I32:
      return String(view.getInt32(address, true));
    case I64:
      return String(view.getBigInt64(address, true));
    case F32:
      return float(view.getFloat32(address, true));
    case F64:
      return float(view.getFloat64(address, true));
    case V128:
      return `0x${bytes.slice(address, address + 16).toHex()}`;
    default: {
      const word = store.machine.word(address);
      if (word === 0) return "null";
      const kind = referenceKind(type, () => true); // types of other kinds are refused
      return kind === "func" ? `func ${store.functionOf(word).index}` : kind;
    }
  }
}

function float(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
