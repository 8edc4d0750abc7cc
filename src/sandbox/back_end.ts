import { type StartGuest, startGuestWorker } from "./guest_back_end.ts";
import type { PreparerOptions } from "./preparer.ts";
import { PREPARE_WORKER_TEXT } from "./prepare_worker.gen.ts";
import { portOf, startWorker, type WorkerPermissions, type WorkerPort, type WorkerText } from "./worker.ts";
import type { BrokerPerformer } from "../protocol/operations.ts";

/** A broker as it is started: it has the permissions that are named and no others. */
export interface BrokerProgram {
  readonly performer: BrokerPerformer;
  readonly text: WorkerText;
  readonly permissions: WorkerPermissions;
  /** What Deno denies it of the hosts that it may reach, where it has a process of its own. @default nothing */
  readonly deniedNet?: readonly string[];
}

/** Where a runtime puts what it does not trust, and what holds permissions for it. */
export interface BackEnd {
  /** What modules are prepared for here. */
  readonly preparing: Pick<PreparerOptions, "unboundedHeap" | "codeAsBytes">;
  readonly startGuest: StartGuest;
  /** Starts the program that prepares modules, without any permission. */
  startPreparer(): WorkerPort;
  /** Starts a broker. @throws {Deno.errors.NotCapable} for permissions that this process does not have itself */
  startBroker(broker: BrokerProgram): WorkerPort;
  /** Ends what is left; returns when it is gone. */
  close(): Promise<void>;
}

/** The program that prepares modules. */
export const PREPARE_PROGRAM: WorkerText = { name: "aegis-prepare", source: PREPARE_WORKER_TEXT };

/** Everything in Workers of this process. Only where the flag `worker-options` is on. */
export const WORKER_BACK_END: BackEnd = {
  preparing: {},
  startGuest: startGuestWorker,
  startPreparer: () => portOf(startWorker(PREPARE_PROGRAM)),
  startBroker: ({ text, permissions }) => portOf(startWorker(text, permissions)),
  close: () => Promise.resolve(),
};
