/** Commands that have ended and whose output is being read, by the numbers that their guest knows. */
import type { CommandResult } from "./process_run.ts";
import type { ProcessRequest } from "../policy/request.ts";
import { OperationError } from "../protocol/operations.ts";

/** Results that one sandbox has open at once: each holds what its command printed. */
const MOST_OPEN = 8;

interface Entry {
  /** What was asked for. */
  readonly request: ProcessRequest;
  /** Undefined once its grant is gone. */
  result: CommandResult | undefined;
}

export class CommandResults {
  readonly #open: Map<number, Entry> = new Map();
  #last = 0;

  /** @throws {OperationError} `mfile` when no further command may be run */
  checkRoom(): void {
    if (this.#open.size >= MOST_OPEN) throw new OperationError("mfile");
  }

  add(request: ProcessRequest, result: CommandResult): number {
    do this.#last = (this.#last + 1) >>> 0; while (this.#open.has(this.#last));
    this.#open.set(this.#last, { request, result });
    return this.#last;
  }

  /** @throws {OperationError} `badf`, or `notcapable` for a command that is no longer granted */
  get(number: number): CommandResult {
    const { result } = this.#entry(number);
    if (result === undefined) throw new OperationError("notcapable");
    return result;
  }

  /** @throws {OperationError} `badf` */
  close(number: number): void {
    this.#entry(number);
    this.#open.delete(number);
  }

  closeAll(): void {
    this.#open.clear();
  }

  /** Lets go of what commands printed that are no longer granted; their numbers stay open. */
  narrow(granted: (request: ProcessRequest) => boolean): void {
    for (const entry of this.#open.values()) {
      if (!granted(entry.request)) entry.result = undefined;
    }
  }

  #entry(number: number): Entry {
    const entry = this.#open.get(number);
    if (entry === undefined) throw new OperationError("badf");
    return entry;
  }
}
