/** Reads modules for forms, in Workers: a text that takes for ever to parse keeps no page busy. */
import type { CallableExport } from "../../inspection/callable_exports.ts";
import { binaryForm } from "../inspector/binary_form.ts";
import { ModuleInspector } from "../inspector/inspector_client.ts";
import { MOST } from "../inspector/inspector_protocol.ts";
import type { WorkerProgram } from "../inspector/start_worker.ts";
import { factsOf, type ModuleFacts } from "./module_facts.ts";

/** A module that was read. */
export interface ReadModule {
  /** In binary form. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: ModuleFacts;
}

/** Functions that can be chosen; who wants one of the others gives its name in the page's address. */
const MOST_FUNCTIONS = 5000;

/** What of a module is read beyond its beginning. */
export interface ReadOptions {
  readonly startWorker: (program: WorkerProgram) => Worker;
  /** A function to have in the list, however far behind it stands. */
  readonly wanted?: string | undefined;
}

/** Reads a module in binary or text form. @throws {WorkerError} where it cannot be read, or takes too long */
export async function readModule(
  given: Uint8Array<ArrayBuffer>,
  { startWorker, wanted }: ReadOptions,
): Promise<ReadModule> {
  const bytes = await binaryForm(given, startWorker);
  const inspector = await ModuleInspector.open(bytes, { startWorker: () => startWorker("inspector") });
  try {
    const { summary } = inspector, functions: CallableExport[] = [...summary.callable];
    while (functions.length < Math.min(summary.counts.callable, MOST_FUNCTIONS)) {
      const { entries } = await inspector.callable({ from: functions.length, count: MOST.entries });
      if (entries.length === 0) break;
      functions.push(...entries);
    }
    if (wanted !== undefined && !functions.some(({ name }) => name === wanted)) {
      const { entries } = await inspector.callable({ from: 0, count: MOST.entries, text: wanted });
      functions.push(...entries.filter(({ name }) => name === wanted));
    }
    return { bytes, facts: factsOf(summary, functions) };
  } finally {
    inspector.close();
  }
}
