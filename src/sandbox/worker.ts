/** Starts Workers from self-contained text, with every Deno permission off. */

/** `deno` is not in the library's type of WorkerOptions, since it needs the unstable flag. */
interface DenoWorkerOptions extends WorkerOptions {
  readonly deno: { readonly permissions: "none" };
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
 * Starts a Worker that holds no permission. Only call this where the flag `worker-options` is known to be on: without
 * it Deno ends the whole process.
 */
export function startWorker(text: WorkerText): Worker {
  const options: DenoWorkerOptions = { type: "module", name: text.name, deno: { permissions: "none" } };
  const worker = new Worker(BOOTSTRAP, options);
  worker.postMessage(text.source);
  return worker;
}
