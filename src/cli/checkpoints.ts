/**
 * Checkpoints of a run: the guest is saved every so often into a file, whole or not at all. The file is written by a Worker
 * that may touch it and nothing else, and that was started before this process gave up its permissions.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { printable } from "./printable.ts";

/** Where a run is saved, and how often. */
export interface CheckpointPlan {
  /** Absolute. */
  readonly path: string;
  /** As the person wrote it. */
  readonly shown: string;
  /** Milliseconds between the end of one and the beginning of the next. */
  readonly every: number;
}

/** The files that a checkpoint touches: what is written is put in place when it is whole. */
export function checkpointPaths(path: string): readonly [path: string, unfinished: string] {
  return [path, `${path}.unfinished`];
}

/**
 * What the Worker does: bytes are written and put in place, undefined removes. They are on the disk before they have the name:
 * else the checkpoint before would be gone, and a machine that loses its power might have neither.
 */
const WRITER = `
const put = (bytes, path, unfinished) => {
  const file = Deno.openSync(unfinished, { write: true, create: true, truncate: true, mode: 0o600 });
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  } finally {
    file.close();
  }
  Deno.renameSync(unfinished, path);
};
onmessage = ({ data: { bytes, path, unfinished } }) => {
  try {
    if (bytes === undefined) Deno.removeSync(path);
    else put(bytes, path, unfinished);
    postMessage(null);
  } catch (error) {
    if (bytes !== undefined) {
      try {
        Deno.removeSync(unfinished);
      } catch {
        // it had not come to be
      }
    }
    postMessage(error instanceof Deno.errors.NotFound && bytes === undefined ? null : String(error.message));
  }
};`;

export class CheckpointWriter {
  readonly #worker: Worker;
  readonly #plan: CheckpointPlan;
  /** Why its Worker is gone, and who waits for it: nobody else would tell. */
  #lost: string | undefined;
  #lose: ((why: string) => void) | undefined;

  /** Starts the Worker, which gets its permissions from this process as they are now. */
  constructor(plan: CheckpointPlan) {
    const paths = [...checkpointPaths(plan.path)];
    this.#plan = plan;
    this.#worker = new Worker(`data:text/javascript,${encodeURIComponent(WRITER)}`, {
      type: "module",
      deno: { permissions: { read: paths, write: paths } },
    });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lost = event.message;
      this.#lose?.(event.message);
    };
  }

  /** @throws {AegisError} `InvalidOption` when the file cannot be written */
  write(bytes: Uint8Array): Promise<void> {
    return this.#ask(bytes);
  }

  /** Ends the Worker: nothing more is written. */
  close(): void {
    this.#worker.terminate();
  }

  /** Removes the file: there is nothing to go on with. */
  remove(): Promise<void> {
    return this.#ask(undefined);
  }

  #ask(bytes: Uint8Array | undefined): Promise<void> {
    const { path, shown } = this.#plan, [, unfinished] = checkpointPaths(path);
    return new Promise((resolve, reject) => {
      const fail = (why: string) =>
        reject(
          new AegisError("InvalidOption", `Cannot write the checkpoint ${quote(shown)}: ${printable(why)}`, {
            field: "checkpoint",
          }),
        );
      if (this.#lost !== undefined) return fail(this.#lost);
      this.#lose = fail;
      this.#worker.onmessage = ({ data }: MessageEvent<string | null>) =>
        data === null ? resolve() : fail(data);
      this.#worker.postMessage({ bytes, path, unfinished });
    });
  }
}

/**
 * Does some work of a sandbox, which is saved every so often; the file is gone when the work has ended by itself, and the
 * writer closed.
 */
export async function withCheckpoints<Result>(
  sandbox: Sandbox,
  { writer, every, diagnostics, warn }: {
    readonly writer: CheckpointWriter;
    readonly every: number;
    readonly diagnostics: Diagnostics;
    readonly warn: (text: string) => void;
  },
  work: () => Promise<Result>,
): Promise<Result> {
  let ended = false, wake = (): void => {};
  const saving = (async () => {
    for (;;) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, every);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (ended) wake();
      });
      if (ended) return;
      try {
        const bytes = await sandbox.snapshot();
        if (ended) return;
        await writer.write(bytes);
        diagnostics.tell("debug", `checkpoint: ${bytes.length} bytes`);
      } catch (error) {
        if (ended) return;
        warn(error instanceof Error ? error.message : String(error));
      }
    }
  })();
  try {
    return await work();
  } finally {
    ended = true;
    wake();
    await saving;
    try {
      await writer.remove();
    } finally {
      writer.close();
    }
  }
}
