/**
 * Workers of this process that fail: put in the place of `Worker`, they count what is started and do to the k-th what is
 * wanted; or they run each program behind a few lines that make something fail in there.
 */
import { type Fault, PLANTED, replaced } from "./sweep.ts";

/** What becomes of the Worker that fails: none is made; it fails before it serves; it never says anything. */
const START_FAULTS = ["throws", "errors", "silent"] as const;

/** One of {@linkcode START_FAULTS}. */
export type StartFault = typeof START_FAULTS[number];

const PROGRAMS: Readonly<Record<Exclude<StartFault, "throws">, string>> = {
  errors: `throw new Error(${JSON.stringify(PLANTED)})`,
  silent: "0",
};

/** @param counts whether a Worker of this name is one of those that are counted */
export function faultyStarts(
  fault: Fault,
  how: StartFault,
  counts: (name: string) => boolean = () => true,
): Disposable {
  return workersWith(({ name }) => {
    if (!counts(name) || !fault.hit()) return undefined;
    if (how === "throws") throw new Error(`${PLANTED}: no thread`);
    return () => PROGRAMS[how];
  });
}

/**
 * Runs code in front of the programs of Workers.
 *
 * @param front the code for a Worker by its name; undefined for nothing. It finds `shared`, the words that are given
 */
export function fronted(
  words: SharedArrayBuffer,
  front: (name: string) => string | undefined,
): Disposable {
  return workersWith(({ name }) => {
    const code = front(name);
    if (code === undefined) return undefined;
    const first =
      `onmessage=({data:{shared,source}})=>{onmessage=null;{${code}}(0,eval)('"use strict";'+source)}`;
    return (source, post) => {
      post(first);
      return { shared: new Int32Array(words), source };
    };
  });
}

/** What is posted in the place of a program. @param post posts something before it */
type Change = (source: string, post: (message: unknown) => void) => unknown;

function workersWith(start: (worker: { readonly name: string }) => Change | undefined): Disposable {
  return replaced(globalThis, "Worker", (Real) =>
    class extends Real {
      #change: Change | undefined;

      constructor(url: string | URL, options?: WorkerOptions) {
        const change = start({ name: options?.name ?? "" });
        super(url, options);
        this.#change = change;
      }

      override postMessage(message: unknown, options?: StructuredSerializeOptions | Transferable[]): void {
        const change = this.#change;
        this.#change = undefined;
        const post = (posted: unknown) => super.postMessage(posted, options as Transferable[]); // either is passed on
        post(change === undefined ? message : change(String(message), post));
      }
    });
}
