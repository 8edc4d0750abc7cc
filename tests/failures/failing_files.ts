/** Files of this process of which one operation fails: with a full disk, one that is broken, or after a part was written. */
import { type Fault, PLANTED, replaced } from "./sweep.ts";

/** What the system says; `short`: half of what was to be written is, and the disk is full then. */
export const FILE_FAULTS = ["full", "broken", "short"] as const;

/** One of {@linkcode FILE_FAULTS}. */
export type FileFault = typeof FILE_FAULTS[number];

/** Operations of `Deno`, and of its files, that are counted. */
const OPERATIONS = [
  "openSync",
  "renameSync",
  "lstatSync",
  "removeSync",
  "mkdirSync",
  "realPathSync",
] as const;
const FILE_OPERATIONS = ["readSync", "seekSync", "statSync", "syncDataSync", "syncSync"] as const;

/** @param counts which operations are counted, by name */
export function failingFiles(
  fault: Fault,
  how: FileFault,
  counts: (name: string) => boolean = () => true,
): Disposable {
  const stack = new DisposableStack(), message = how === "broken" ? "os error 5" : "os error 28";
  const step = (name: string) => {
    if (counts(name) && fault.hit()) throw new Error(`${PLANTED}: ${name} (${message})`);
  };
  const failing = (name: string, isFile = false) => (real: unknown) =>
    function (this: unknown, ...given: unknown[]) {
      step(name);
      return Reflect.apply(real as (...given: unknown[]) => unknown, isFile ? this : Deno, given); // a function, as all here are
    };
  for (const name of OPERATIONS) stack.use(replaced(Deno, name, failing(name) as never));
  const { prototype } = Deno.FsFile;
  for (const name of FILE_OPERATIONS) stack.use(replaced(prototype, name, failing(name, true) as never));
  stack.use(replaced(prototype, "close", (real) =>
    function (this: Deno.FsFile) {
      real.call(this); // what close fails with comes when the descriptor is gone
      step("close");
    }));
  stack.use(replaced(prototype, "writeSync", (real) =>
    function (this: Deno.FsFile, bytes: Uint8Array) {
      if (!counts("writeSync") || !fault.hit()) return real.call(this, bytes);
      if (how === "short") real.call(this, bytes.subarray(0, bytes.length >> 1));
      throw new Error(`${PLANTED}: writeSync (${message})`);
    }));
  for (const name of ["writeFileSync", "writeTextFileSync"] as const) {
    stack.use(
      replaced(Deno, name, (real) =>
        ((path: string, content: never, options?: Deno.WriteFileOptions) => {
          if (!counts(name) || !fault.hit()) return Reflect.apply(real, Deno, [path, content, options]);
          if (how === "short") Reflect.apply(real, Deno, [path, half(content), options]);
          throw new Error(`${PLANTED}: ${name} (${message})`);
        }) as never),
    );
  }
  return stack;
}

function half(content: string | Uint8Array): string | Uint8Array {
  return content.slice(0, content.length >> 1);
}
