/**
 * Failure injection in the manner of SQLite: of the operations of a kind the k-th fails, for k = 1, 2, 3 … until a run
 * passes without reaching it. What runs must tell what failed, lose nothing that it told as done, and work afterwards.
 */
import { AegisError, type ErrorCode } from "../../mod.ts";
import { fail } from "../assert.ts";

/** Words that stand in the message of every planted failure. */
export const PLANTED = "planted failure";

/** One operation of those that are counted is to fail. */
export class Fault {
  #count = 0;

  /** @param at which; none for 0 */
  constructor(readonly at: number) {}

  /** Counts an operation. @returns whether it is the one that fails */
  hit(): boolean {
    return ++this.#count === this.at;
  }

  /** Operations so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether it has failed. */
  get reached(): boolean {
    return this.at > 0 && this.#count >= this.at;
  }
}

/** Runs attempts until one passes without its failure. @returns how many operations have failed, one in each run */
export async function sweep(
  attempt: (fault: Fault) => void | Promise<void>,
  { first = 1, step = 1 }: { readonly first?: number; readonly step?: number } = {},
): Promise<number> {
  for (let at = first, runs = 0;; at += step, runs++) {
    const fault = new Fault(at);
    try {
      await attempt(fault);
    } catch (error) {
      throw new Error(`with failure ${at}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    if (!fault.reached) return runs;
  }
}

/** Fails unless an error is one of the library's, with one of these codes. */
export function checkError(error: unknown, codes: readonly ErrorCode[]): AegisError {
  if (!(error instanceof AegisError)) {
    throw new Error(`not an error of the library: ${error instanceof Error ? error.stack : error}`, {
      cause: error,
    });
  }
  if (!codes.includes(error.code)) {
    throw new Error(`${error.code} is none of ${codes.join(", ")}: ${error.message}`, { cause: error });
  }
  return error;
}

/** What it comes to; fails when it does not come to anything. */
export async function inTime<Result>(
  what: string,
  work: Promise<Result>,
  milliseconds = 20_000,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = realSetTimeout(() => late.reject(new Error(`${what} never ends`)), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** That of the platform, whatever a test has put in its place. */
const realSetTimeout = globalThis.setTimeout;

/** Puts something in the place of a property until the end of the scope. */
export function replaced<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  make: (real: Owner[Name]) => Owner[Name],
): Disposable {
  const own = Object.getOwnPropertyDescriptor(owner, name), real = owner[name];
  Object.defineProperty(owner, name, { value: make(real), configurable: true, writable: true });
  return {
    [Symbol.dispose]: () => {
      if (own === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, own);
    },
  };
}

/** Has waits take another time. @param change milliseconds instead of those that are asked for */
export function changedWaits(change: (milliseconds: number) => number): Disposable {
  return replaced(
    globalThis,
    "setTimeout",
    (real) =>
      ((work: () => void, delay = 0, ...rest: []) => real(work, change(delay), ...rest)) as typeof setTimeout,
  );
}

/** Files below a folder that this process has open. Linux only. */
export function openBelow(folder: string): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      const path = Deno.readLinkSync(`/proc/self/fd/${name}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // it was closed meanwhile, as the one that lists
    }
  });
}

/** A folder of its own, gone at the end of the scope. */
export class Folder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "aegis_failures_" });

  /** Names in it, sorted. */
  get names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    const open = Deno.build.os === "linux" ? openBelow(this.path) : [];
    Deno.removeSync(this.path, { recursive: true });
    if (open.length > 0) fail(`still open: ${open.join(", ")}`);
  }
}
