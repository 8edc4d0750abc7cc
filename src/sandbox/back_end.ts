import { type StartGuest, startGuestWorker } from "./guest_back_end.ts";
import type { PreparerOptions } from "./preparer.ts";
import { PREPARE_WORKER_TEXT } from "./prepare_worker.gen.ts";
import { startWorker, type WorkerPermissions, type WorkerPort, type WorkerText } from "./worker.ts";

/** Where a runtime puts what it does not trust, and what holds permissions for it. */
export interface BackEnd {
  /** What modules are prepared for here. */
  readonly preparing: Pick<PreparerOptions, "unboundedHeap" | "codeAsBytes">;
  readonly startGuest: StartGuest;
  /** Starts the program that prepares modules, without any permission. */
  startPreparer(): WorkerPort;
  /** Starts a broker with the permissions that are named and no others. */
  startBroker(text: WorkerText, permissions: WorkerPermissions): WorkerPort;
  /** Ends what is left; returns when it is gone. */
  close(): Promise<void>;
}

/** The program that prepares modules. */
export const PREPARE_PROGRAM: WorkerText = { name: "aegis-prepare", source: PREPARE_WORKER_TEXT };

/** Everything in Workers of this process. Only where the flag `worker-options` is on. */
export const WORKER_BACK_END: BackEnd = {
  preparing: {},
  startGuest: startGuestWorker,
  startPreparer: () => startWorker(PREPARE_PROGRAM),
  startBroker: startWorker,
  close: () => Promise.resolve(),
};
