/** The Worker's program of `wat_main.ts`, with the parser from where it comes from in tests. */
import { startParsing } from "../../../src/dashboard/inspector/wat_worker.ts";
import type { WorkerScope } from "../../../src/dashboard/inspector/worker_messages.ts";

startParsing(globalThis as unknown as WorkerScope, async () => await import("watr")); // as in wat_main.ts
