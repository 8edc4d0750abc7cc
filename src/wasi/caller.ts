import type { WasiAbi, WasiArguments, WasiFunctionName } from "./functions.ts";
import { MemoryView } from "./memory_view.ts";
import type { GuestMemory } from "./memory_view.ts";
import type { Process } from "./process.ts";
import { ERRNO } from "../protocol/errno.ts";
import type { Answer, OperationName, RequestOf } from "../protocol/operations.ts";

/**
 * A function of WASI. Its integers are unsigned; it checks every pointer before it does anything, and returns an error
 * number.
 */
export type WasiFunction<Name extends WasiFunctionName> = (
  caller: Caller,
  ...args: WasiArguments<Name>
) => number;

/** The functions of a family. */
export type WasiFunctions<Names extends WasiFunctionName> = {
  readonly [Name in Names]: WasiFunction<Name>;
};

/** Bytes of a path at most, as on Linux. */
const LONGEST_PATH = 4096;

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Who calls: an instance with its memory, and the sandbox that it belongs to. */
export class Caller {
  readonly memory: MemoryView;

  constructor(readonly process: Process, memory: GuestMemory, readonly abi: WasiAbi) {
    this.memory = new MemoryView(memory);
  }

  /** Has an operation performed. The guest's memory may be another one after it. */
  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> {
    const answer = this.process.host.operations.perform(name, request);
    this.memory.refresh();
    return answer;
  }

  /** Reads a path out of the guest's memory; an error number when it is none. */
  path(at: number, length: number): string | number {
    const { memory } = this;
    if (!memory.holds(at, length)) return ERRNO.fault;
    // An operation may carry two paths.
    if (length > LONGEST_PATH || length * 2 > this.process.host.room) return ERRNO.nametoolong;
    if (length === 0) return ERRNO.noent;
    const bytes = memory.bytes(at, length);
    if (bytes.includes(0)) return ERRNO.inval;
    try {
      return DECODER.decode(bytes);
    } catch {
      return ERRNO.ilseq;
    }
  }
}
