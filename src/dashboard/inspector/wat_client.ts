import { formatByteSize } from "../../core/unit_text.ts";
import type { WatAnswer, WatRequest } from "./wat_protocol.ts";
import { WorkerDesk } from "./worker_desk.ts";
import { WorkerError } from "./worker_failure.ts";
import type { WorkerPort } from "./worker_messages.ts";

/** Bytes of UTF-8 that a text may have. */
export const LARGEST_TEXT: number = 4 * 1024 * 1024;

/** Milliseconds that a text may take. The parser takes more than linear time. */
const TIME_LIMIT = 10_000;

export interface WatCompilerOptions {
  /** Starts the program `wat_main.ts`; again after a text has taken too long. */
  readonly startWorker: () => WorkerPort;
  /** Milliseconds that a text may take. @default 10000 */
  readonly timeLimit?: number;
}

/** Turns text into modules, in a Worker that ends when a text takes too long. */
export class WatCompiler {
  readonly #options: WatCompilerOptions;
  #desk: WorkerDesk | undefined;

  constructor(options: WatCompilerOptions) {
    this.#options = options;
  }

  /**
   * The bytes of a module's text, not validated.
   *
   * @throws {WorkerError} `ModuleInvalid` with line and column in the message and the offset in characters, `ModuleRefused`
   * for a text that is too long, `Timeout`, `Closed`, `Failed`
   */
  async compile(text: string): Promise<Uint8Array<ArrayBuffer>> {
    // A character is one byte at least, so that what is far too long need not be counted.
    if (text.length > LARGEST_TEXT || new TextEncoder().encode(text).length > LARGEST_TEXT) {
      throw new WorkerError({
        code: "ModuleRefused",
        message: `Cannot parse the text: it is longer than ${formatByteSize(LARGEST_TEXT)}`,
        suggestion: "Load it as a binary module.",
      });
    }
    const request: WatRequest = { text };
    const { bytes } = await this.#openDesk().ask(request) as WatAnswer; // as our own program answers
    return bytes;
  }

  /** Ends the Worker; what is under way is rejected as `Closed`. Another text starts another one. */
  close(): void {
    this.#desk?.close();
  }

  #openDesk(): WorkerDesk {
    if (this.#desk === undefined || this.#desk.closed) {
      const { startWorker, timeLimit = TIME_LIMIT } = this.#options;
      this.#desk = new WorkerDesk({ worker: startWorker(), task: "parse the text", timeLimit });
    }
    return this.#desk;
  }
}
