/**
 * Commands of the host that a guest may run by name: module `aegis:process`. The guest waits for the command's end; every
 * function returns an error number of WASI, 0 for success. Texts are UTF-8.
 *
 *     run(name, name_length, words, words_length, input, input_length, result)
 *         runs the command of that name. `words` are added to those of its grant, each with a NUL behind it; `input` is its
 *         stdin. Writes to `result`
 *             0   u32  process, to be closed by close()
 *             4   u32  status of its exit; 128 and the signal's number when a signal ended it
 *             8   u32  bytes of its stdout that were kept
 *             12  u32  bytes of its stderr that were kept
 *             16  u32  1 when it printed more than was kept, else 0
 *     read(process, stream, offset, pointer, length, read)
 *         copies what it printed from an offset on, stdout for stream 1, stderr for 2; u32 at `read`, 0 at the end
 *     close(process)
 *
 *     notcapable  no grant names the command, or it was granted without words of the guest
 *     noent       there is no such program      acces      the program cannot be run
 *     inval       words without their last NUL, a stream that is none
 *     nametoolong the name has over 1 KiB       toobig     over 1,000 words, or 64 KiB of them
 *     msgsize     more input than fits into a frame
 *     mfile       8 processes are open          badf       no open process has that number
 *     timedout    it ran longer than a call may, and was killed
 *     ilseq, fault, intr, io                    as they say
 */
import { guestText } from "./guest_text.ts";
import type { WasiHost } from "./host.ts";
import { MemoryView } from "./memory_view.ts";
import type { ProvidedFunction } from "./provided_function.ts";
import type { GuestMemory } from "./wasi.ts";
import type { FuncType } from "../core/value.ts";
import { ERRNO } from "../protocol/errno.ts";

export const PROCESS_MODULE = "aegis:process";

function type(params: number): FuncType {
  return { params: new Array<string>(params).fill("i32"), results: ["i32"] };
}

export const PROCESS_FUNCTIONS: { readonly [Name in "run" | "read" | "close"]: FuncType } = {
  run: type(7),
  read: type(6),
  close: type(1),
};

/** Bytes of a name, and of the words. */
const LONGEST = { name: 1024, words: 64 * 1024 } as const;

/** Bytes of `result` of run(). */
const RESULT_SIZE = 20;

export class ProcessImports {
  readonly #host: WasiHost;
  /** Processes that are open. */
  readonly #processes: Set<number> = new Set();

  constructor(host: WasiHost) {
    this.#host = host;
  }

  /** Processes that are open. */
  get open(): number {
    return this.#processes.size;
  }

  /** The function of that name for one instance. @throws {TypeError} for a name that is none */
  bind(name: string, source: GuestMemory): ProvidedFunction {
    if (!Object.hasOwn(PROCESS_FUNCTIONS, name)) {
      throw new TypeError(`No function ${name} in ${PROCESS_MODULE}`);
    }
    const run = this.#functions[name as keyof typeof PROCESS_FUNCTIONS]; // tested one line above
    const memory = new MemoryView(source);
    return (...args) => {
      memory.refresh();
      return run(memory, args.map((arg) => Number(arg) >>> 0));
    };
  }

  /** Closes what is open. */
  reset(): void {
    for (const process of this.#processes) this.#close(process);
  }

  readonly #functions: Readonly<
    Record<keyof typeof PROCESS_FUNCTIONS, (memory: MemoryView, args: readonly number[]) => number>
  > = {
    run: (memory, args) => this.#run(memory, args),
    read: (memory, [process = 0, stream = 0, offset = 0, pointer = 0, length = 0, read = 0]) => {
      if (!this.#processes.has(process)) return ERRNO.badf;
      if (stream !== 1 && stream !== 2) return ERRNO.inval;
      if (!memory.holds(pointer, length) || !memory.holds(read, 4)) return ERRNO.fault;
      const wanted = Math.min(length, this.#host.room);
      const answer = this.#host.operations.perform("processRead", {
        process,
        stream,
        offset,
        length: wanted,
      });
      if (answer.reply === undefined) return answer.errno;
      const { bytes } = answer.reply;
      if (bytes.length > wanted) return ERRNO.io;
      memory.put(pointer, bytes);
      memory.setU32(read, bytes.length);
      return ERRNO.success;
    },
    close: (_memory, [process = 0]) => this.#processes.has(process) ? this.#close(process) : ERRNO.badf,
  };

  #run(memory: MemoryView, args: readonly number[]): number {
    const [nameAt = 0, nameLength = 0, wordsAt = 0, wordsLength = 0] = args;
    const [inputAt = 0, inputLength = 0, resultAt = 0] = args.slice(4);
    if (nameLength > LONGEST.name) return ERRNO.nametoolong;
    if (wordsLength > LONGEST.words) return ERRNO.toobig;
    const inside = memory.holds(nameAt, nameLength) && memory.holds(wordsAt, wordsLength) &&
      memory.holds(inputAt, inputLength) && memory.holds(resultAt, RESULT_SIZE);
    if (!inside) return ERRNO.fault;
    const name = guestText(memory.bytes(nameAt, nameLength));
    const words = guestText(memory.bytes(wordsAt, wordsLength));
    if (typeof name !== "string" || typeof words !== "string") return ERRNO.ilseq;
    if (nameLength + wordsLength + inputLength > this.#host.room) return ERRNO.msgsize;
    this.#host.flushOutput();
    const input = memory.bytes(inputAt, inputLength);
    const answer = this.#host.operations.perform("processRun", { name, words, input });
    if (answer.reply === undefined) return answer.errno;
    const { process, status, stdout, stderr, truncated } = answer.reply;
    this.#processes.add(process);
    for (const [index, value] of [process, status, stdout, stderr, truncated].entries()) {
      memory.setU32(resultAt + 4 * index, value);
    }
    return ERRNO.success;
  }

  #close(process: number): number {
    this.#processes.delete(process);
    return this.#host.operations.perform("processClose", { process }).errno;
  }
}
