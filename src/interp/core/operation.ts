/** The form of the operations of register code: what the compiler may emit, and what the core has a case for. */
import type { CoreWriter } from "./core_writer.ts";

export interface Operation {
  readonly name: string;
  /** Length in words, the operation itself included; of those whose length differs, the part that is always there. */
  readonly words: number;
  /** Writes its case: it ends by going on elsewhere. */
  readonly write: (core: CoreWriter) => unknown;
}

/** A memory of the guest, as the core imports it. */
export interface CoreMemory {
  /** Index among the memories of the core. */
  readonly index: number;
  readonly wide: boolean;
  /** The block whose end ends the guest with a memory trap. */
  readonly outOfBounds: number;
}

/** An operation on a memory: there is one for each memory. */
export interface MemoryOperation {
  readonly name: string;
  readonly words: number;
  readonly write: (core: CoreWriter, memory: CoreMemory) => unknown;
}
