/** Starts Workers from self-contained text, each with the Deno permissions that are named for it and no other. */

import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** Deno permissions of a Worker, by path or host; `true` is all of a kind, what is not named is off. */
export interface WorkerPermissions {
  readonly read?: string[];
  readonly write?: string[];
  readonly net?: true | string[];
  readonly run?: string[];
}

/**
 * Milliseconds in which what was started says that it serves. It takes some ten in a Worker and a hundred in a process; what
 * has not come up by then hangs, and whoever waits for it would wait for ever.
 */
export const STARTING_TIME = 60_000;

/** What is used of a Worker; a child process can be in its place. */
export interface WorkerPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message: string; preventDefault(): void }) => void) | null;
  onmessageerror: ((event: unknown) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  terminate(): void;
}

/** The text of a Worker's program: a script without imports. */
export interface WorkerText {
  readonly name: string;
  readonly source: string;
}

/**
 * What every Worker starts as. A `data:` URL needs no permission to load and has nothing beside it to import. The
 * program itself follows as a message: in the URL, Deno would parse all of it once more, which takes 25 ms for 125 KB.
 */
const BOOTSTRAP = `data:text/javascript,${
  encodeURIComponent("onmessage=(event)=>{onmessage=null;(0,eval)('\"use strict\";'+event.data)}")
}`;

/**
 * Starts a Worker, by default without any permission. Only call this where the flag `worker-options` is known to be
 * on: without it Deno ends the whole process.
 *
 * @throws {AegisError} `GuestFault` when the system gives no thread, {Deno.errors.NotCapable} for permissions that this
 * process does not have itself
 */
export function startWorker(text: WorkerText, permissions: "none" | WorkerPermissions = "none"): Worker {
  return start(text, { deno: { permissions } });
}

/** A Worker as far as a child process can be in its place. */
export function portOf(worker: Worker): WorkerPort {
  return worker as WorkerPort; // `as`: handlers that take a part of an event take the event
}

/**
 * Starts a Worker with the permissions of this process, which needs no flag: only for what is as trusted as the host.
 *
 * @throws {AegisError} `GuestFault` when the system gives no thread
 */
export function startTrustedWorker(text: WorkerText): WorkerPort {
  return portOf(start(text, {}));
}

function start({ name, source }: WorkerText, options: Pick<WorkerOptions, "deno">): Worker {
  let worker: Worker;
  try {
    worker = new Worker(BOOTSTRAP, { type: "module", name, ...options });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AegisError("GuestFault", `Cannot start the Worker ${quote(name)}: ${reason}`, { cause: error });
  }
  worker.postMessage(source);
  return worker;
}
