/** Instances without WebAssembly: their counters, memories and tables are what a test sets. */
import type { GuestInstance } from "../../src/guest/instance.ts";

export interface FakeParts {
  readonly memories?: readonly WebAssembly.Memory[];
  readonly tables?: readonly WebAssembly.Table[];
  /** Declared maxima, as the original module has them. */
  readonly memoryMaxima?: readonly (bigint | undefined)[];
  readonly tableMaxima?: readonly (bigint | undefined)[];
}

export function fakeInstance(parts: FakeParts = {}): GuestInstance {
  const { memories = [], tables = [], memoryMaxima = [], tableMaxima = [] } = parts;
  const items = (count: number, maxima: readonly (bigint | undefined)[]) =>
    Array.from({ length: count }, (_, index) => ({ type: { max: maxima[index] } }));
  const fake = {
    fuel: { value: 0n },
    stackUsed: { value: 0 },
    stackCap: { value: 0 },
    stackShared: { value: 0 },
    memories,
    tables,
    layout: { memories: items(memories.length, memoryMaxima), tables: items(tables.length, tableMaxima) },
  };
  return fake as unknown as GuestInstance; // the ledgers touch these parts only
}
