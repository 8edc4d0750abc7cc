/** Entry of the Worker that turns text into modules: a parser that hangs keeps nobody but itself busy. */
import { startParsing } from "./wat_worker.ts";
import type { WorkerScope } from "./worker_messages.ts";

startParsing(
  globalThis as unknown as WorkerScope, // the types of the folder are those of pages
  // @ts-types="watr"
  async () => await import("/assets/watr.js"),
);
