import { formatByteSize } from "../../core/unit_text.ts";
import type { CodePosition } from "../../inspection/function_code.ts";
import type { CodeHit, SearchPosition, SearchResult } from "../../inspection/search_code.ts";
import {
  type FunctionPart,
  type InspectorAnswers,
  type InspectorOperation,
  type InspectorQuestions,
  type ModuleSummary,
  MOST,
} from "./inspector_protocol.ts";
import { WorkerDesk } from "./worker_desk.ts";
import { WorkerError } from "./worker_failure.ts";
import type { WorkerPort } from "./worker_messages.ts";

/** Largest module that is looked into, in bytes: as large as a run takes one by default. */
export const LARGEST_MODULE: number = 64 * 1024 * 1024;

/** Milliseconds that a question may take: 31 MB of code are open after 4 s. */
const TIME_LIMIT = 30_000;

export interface ModuleInspectorOptions {
  /** Starts the program `inspector_main.ts`. */
  readonly startWorker: () => WorkerPort;
  /** Milliseconds that one question may take. @default 30000 */
  readonly timeLimit?: number;
}

/** Where a search begins, and what ends it early. */
export interface InspectorSearchOptions {
  readonly from?: SearchPosition | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A module that a page looks into. All is done in a Worker, which ends with the first question that takes too long; every
 * question is refused from then on.
 */
export class ModuleInspector {
  readonly #desk: WorkerDesk;
  /** What is known at once. */
  readonly summary: ModuleSummary;

  private constructor(desk: WorkerDesk, summary: ModuleSummary) {
    this.#desk = desk;
    this.summary = summary;
  }

  /**
   * Reads a module in binary form. The bytes are copied: the caller keeps its own.
   *
   * @throws {WorkerError} `ModuleInvalid`, `ModuleRefused`, `Timeout`, `Failed`
   */
  static async open(
    bytes: Uint8Array<ArrayBuffer>,
    { startWorker, timeLimit = TIME_LIMIT }: ModuleInspectorOptions,
  ): Promise<ModuleInspector> {
    if (bytes.length > LARGEST_MODULE) {
      throw new WorkerError({
        code: "ModuleRefused",
        message: `Cannot look into the module: it is larger than ${formatByteSize(LARGEST_MODULE)}`,
      });
    }
    const desk = new WorkerDesk({ worker: startWorker(), task: "look into the module", timeLimit });
    try {
      return new ModuleInspector(desk, await ask(desk, "open", { bytes }));
    } catch (error) {
      desk.close();
      throw error;
    }
  }

  /** Whether the Worker has ended. */
  get closed(): boolean {
    return this.#desk.closed;
  }

  /** A part of a list. */
  list(question: InspectorQuestions["list"]): Promise<InspectorAnswers["list"]> {
    return ask(this.#desk, "list", question);
  }

  /** A part of the list of exported functions, as somebody calls them. */
  callable(question: InspectorQuestions["callable"]): Promise<InspectorAnswers["callable"]> {
    return ask(this.#desk, "callable", question);
  }

  /** The code of a function, {@linkcode MOST.lines} lines at a time. @param from as an earlier part said in `next` */
  disassemble(index: number, from?: CodePosition): Promise<FunctionPart> {
    return ask(this.#desk, "code", { index, from });
  }

  /**
   * Searches the code, up to {@linkcode MOST.hits} hits; `next` says where it goes on.
   *
   * @throws {WorkerError} as all do, and what the signal was aborted with
   */
  async search(text: string, { from, signal }: InspectorSearchOptions = {}): Promise<SearchResult> {
    const hits: CodeHit[] = [];
    let next = from;
    do {
      signal?.throwIfAborted();
      const mostHits = MOST.hits - hits.length;
      const part = await ask(this.#desk, "search", { text, from: next, mostHits });
      hits.push(...part.hits);
      next = part.next;
    } while (next !== undefined && hits.length < MOST.hits);
    return { hits, ...(next === undefined ? {} : { next }) };
  }

  /** Ends the Worker; what is under way is rejected as `Closed`. */
  close(): void {
    this.#desk.close();
  }
}

async function ask<Operation extends InspectorOperation>(
  desk: WorkerDesk,
  operation: Operation,
  question: InspectorQuestions[Operation],
): Promise<InspectorAnswers[Operation]> {
  // `as`: the protocol says what our own program answers to this question.
  return await desk.ask({ operation, ...question }) as InspectorAnswers[Operation];
}
