/** Starts Workers from self-contained text, each with the Deno permissions that are named for it and no other. */

/** Deno permissions of a Worker, by path or host; `true` is all of a kind, what is not named is off. */
export interface WorkerPermissions {
  readonly read?: string[];
  readonly write?: string[];
  readonly net?: true | string[];
  readonly run?: string[];
}

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
 */
export function startWorker(text: WorkerText, permissions: "none" | WorkerPermissions = "none"): Worker {
  const options: WorkerOptions = { type: "module", name: text.name, deno: { permissions } };
  const worker = new Worker(BOOTSTRAP, options);
  worker.postMessage(text.source);
  return worker;
}

/** A Worker as far as a child process can be in its place. */
export function portOf(worker: Worker): WorkerPort {
  return worker as WorkerPort; // `as`: handlers that take a part of an event take the event
}

/** Starts a Worker with the permissions of this process, which needs no flag: only for what is as trusted as the host. */
export function startTrustedWorker({ name, source }: WorkerText): WorkerPort {
  const worker = new Worker(BOOTSTRAP, { type: "module", name });
  worker.postMessage(source);
  return portOf(worker);
}
