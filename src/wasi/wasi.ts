/**
 * WASI preview 1: what a program was built for is marshalled into operations of the host, and nothing more. Called by
 * both engines with what the guest likes. No call may throw for its arguments, touch memory outside the guest's, or
 * reach anything but the {@linkcode WasiHost}.
 */
import { Caller, type WasiFunctions } from "./caller.ts";
import { DIRECTORY_ENTRIES } from "./directory_entries.ts";
import { FD_IO } from "./fd_io.ts";
import { FD_METADATA } from "./fd_metadata.ts";
import {
  hasWasiFunction,
  isWasiModule,
  WASI_FUNCTIONS,
  WASI_MODULES,
  type WasiFunctionName,
} from "./functions.ts";
import type { ProgramWords, WasiHost, WasiSettings } from "./host.ts";
import { guestBytes, type GuestMemory } from "./memory_view.ts";
import { PATH_OPEN } from "./path_open.ts";
import { PATHS } from "./paths.ts";
import { POLL } from "./poll.ts";
import { Process } from "./process.ts";
import { type LostFile, type ProcessState, restoreProcess, saveProcess } from "./process_state.ts";
import { PROGRAM } from "./program.ts";
import { SOCKETS } from "./sockets.ts";
import { quote } from "../core/quote.ts";
import { ERRNO } from "../protocol/errno.ts";

export { guestBytes, type GuestMemory };

const FUNCTIONS: WasiFunctions<WasiFunctionName> = {
  ...DIRECTORY_ENTRIES,
  ...FD_IO,
  ...FD_METADATA,
  ...PATH_OPEN,
  ...PATHS,
  ...POLL,
  ...PROGRAM,
  ...SOCKETS,
};

/** A function as an engine calls it, with numbers for `i32` and bigints for `i64`. */
export type BoundFunction = (...args: readonly (number | bigint)[]) => number | undefined;

/** Any function behind its arguments' types. */
type Untyped = (caller: Caller, ...args: (number | bigint)[]) => number;

const unsigned = (value: number | bigint): number | bigint =>
  typeof value === "bigint" ? BigInt.asUintN(64, value) : value >>> 0;

/** The WASI functions of one sandbox and the state behind them. */
export class Wasi {
  readonly #process: Process;

  constructor(settings: WasiSettings, host: WasiHost) {
    this.#process = new Process(settings, host);
  }

  /**
   * The function behind one import of one instance. It works in every life, and does nothing once the guest has ended
   * itself.
   *
   * @param memory the instance's memory at the moment
   * @throws {TypeError} for names that `wasiFunctionType()` does not know
   */
  bind(module: string, name: string, memory: GuestMemory): BoundFunction {
    if (!isWasiModule(module) || !hasWasiFunction(module, name)) {
      throw new TypeError(`Cannot bind ${quote(name)} of ${quote(module)}: WASI has no such function`);
    }
    const process = this.#process, caller = new Caller(process, memory, WASI_MODULES[module]);
    // `as`: the engine calls with arguments of the type that the import was linked by, which is the function's.
    const run = FUNCTIONS[name] as Untyped, returns = WASI_FUNCTIONS[name].results.length > 0;
    return (...args) => {
      if (process.ended) return returns ? ERRNO.canceled : undefined;
      caller.memory.refresh();
      const errno = run(caller, ...args.map(unsigned));
      return returns ? errno : undefined;
    };
  }

  /** What the program is told from now on, up to the end of this life. */
  give(words: ProgramWords): void {
    this.#process.give(words);
  }

  save(): ProcessState {
    return saveProcess(this.#process);
  }

  /** @returns what was open and could not be opened again */
  restore(state: ProcessState): LostFile[] {
    return restoreProcess(this.#process, state);
  }

  /** A new life begins: what the last one has opened is closed, and all is as it was at first. */
  reset(): void {
    this.#process.reset();
  }
}
