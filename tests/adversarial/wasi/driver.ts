/**
 * A guest that does as it is told: it imports every function of WASI, and exports each of them under its own name. So an attack
 * is a list of calls in the test, with any integer at any place, and every call comes out of WebAssembly.
 */
import { textModule, wordsOf } from "../cpu/stopping.ts";
import { assert, assertEquals } from "../../assert.ts";
import { Aegis, type AegisOptions, type Outcome, type Sandbox, type SandboxOptions } from "../../../mod.ts";
import { ERRNO, type ErrnoName } from "../../../src/protocol/errno.ts";
import { WASI_FUNCTIONS, type WasiFunctionName } from "../../../src/wasi/functions.ts";
import { RIGHTS } from "../../../src/wasi/rights.ts";

/** Any number of any size; the driver cuts it to the bits of the parameter. */
export type Argument = number | bigint;

/** Where the driver puts what a call writes, and the texts that a call reads. */
export const RESULT = 64, TEXT = 4096, OTHER_TEXT = 12_288, BUFFER = 32_768;

/** Descriptor of the first directory that a guest finds open. */
export const FIRST_DIRECTORY = 3;

/** Bits of `oflags`. */
export const OFLAGS = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

/** Every right that there is, and all but writing. */
export const ALL_RIGHTS = BigInt(Object.values(RIGHTS).reduce((bits, right) => bits | right, 0));
export const READING = ALL_RIGHTS & ~BigInt(RIGHTS.fd_write);

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

/** Names of the error numbers; their numbers are 0, 1, 2 … */
const ERRNO_NAMES = Object.keys(ERRNO) as ErrnoName[]; // its own keys

export interface DriverText {
  /** Pages of its memory at first, and at most. @default 2, and 1024 */
  readonly pages?: number;
  /** The import module. @default "wasi_snapshot_preview1" */
  readonly module?: string;
}

/**
 * The text of the guest. For every function there is an export of its name, and one of `many <name>` that calls it as often as
 * its first argument says, and returns how often it succeeded.
 */
export function driverText({ pages = 2, module = "wasi_snapshot_preview1" }: DriverText = {}): string {
  const imports: string[] = [], functions: string[] = [];
  for (const [name, { params, results }] of Object.entries(WASI_FUNCTIONS)) {
    if (module === "wasi_unstable" && name === "sock_accept") continue;
    const takes = params.length > 0 ? `(param ${params.join(" ")})` : "";
    const gives = results.length > 0 ? "(result i32)" : "";
    const pass = (from: number) => params.map((_, index) => `(local.get ${index + from})`).join(" ");
    const call = `(call $${name} ${pass(1)})`, local = params.length + 1;
    imports.push(`(import "${module}" "${name}" (func $${name} ${takes} ${gives}))`);
    functions.push(
      `(func (export "${name}") ${takes} ${gives} (call $${name} ${pass(0)}))
       (func (export "many ${name}") (param i32 ${params.join(" ")}) (result i32) (local i32)
         (loop $again
           ${
        results.length > 0 ? `(local.set ${local} (i32.add (local.get ${local}) (i32.eqz ${call})))` : call
      }
           (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
         (local.get ${local}))`,
    );
  }
  return `(module ${imports.join("\n")} (memory (export "memory") ${pages} 1024)
    ${functions.join("\n")}
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
}

/** What a file looks like to a guest. */
export interface Filestat {
  readonly device: bigint;
  readonly inode: bigint;
  readonly type: number;
  readonly links: bigint;
  readonly size: bigint;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

export interface OpenOptions {
  readonly flags?: number;
  readonly rights?: bigint;
  readonly inheriting?: bigint;
  readonly fdflags?: number;
  readonly follow?: boolean;
}

export class Driver implements AsyncDisposable {
  constructor(readonly sandbox: Sandbox) {}

  /** Calls a function; how the call ended. */
  async try(name: WasiFunctionName, ...args: readonly Argument[]): Promise<Outcome> {
    return await this.sandbox.tryCall(name, cut(args, WASI_FUNCTIONS[name].params));
  }

  /** Calls a function so many times, or until the signal; how the call ended. */
  async storm(
    name: WasiFunctionName,
    args: readonly Argument[],
    { times = 2 ** 31 - 1, signal }: { readonly times?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Outcome> {
    const given = [times, ...cut(args, WASI_FUNCTIONS[name].params)];
    return await this.sandbox.tryCall(`many ${name}`, given, signal === undefined ? {} : { signal });
  }

  /** Calls a function and gives the name of its error number. */
  async call(name: WasiFunctionName, ...args: readonly Argument[]): Promise<ErrnoName> {
    const outcome = await this.try(name, ...args);
    assert(outcome.kind === "value", `${name}(${args.join(", ")}) ended with ${wordsOf(outcome)}`);
    return errnoName(Number(outcome.values[0]));
  }

  /** Calls a function so many times with the same arguments; how often it succeeded. */
  async many(times: number, name: WasiFunctionName, ...args: readonly Argument[]): Promise<number> {
    const outcome = await this.storm(name, args, { times });
    assert(outcome.kind === "value", `${times} × ${name} ended with ${wordsOf(outcome)}`);
    return Number(outcome.values[0]);
  }

  /** Puts bytes or text into the guest's memory; pointer and length. */
  async put(bytes: string | Uint8Array, at = TEXT): Promise<readonly [number, number]> {
    const given = typeof bytes === "string" ? ENCODER.encode(bytes) : bytes;
    if (given.length > 0) await this.sandbox.writeMemory(at, given);
    return [at, given.length];
  }

  async view(at: number, length: number): Promise<DataView> {
    return new DataView((await this.sandbox.readMemory(at, length)).buffer);
  }

  async u32(at: number = RESULT): Promise<number> {
    return (await this.view(at, 4)).getUint32(0, true);
  }

  /** Opens a path; a descriptor, or the name of an error. */
  async open(
    directory: number,
    path: string | Uint8Array,
    options: OpenOptions = {},
  ): Promise<number | ErrnoName> {
    const { flags = 0, rights = READING, inheriting = ALL_RIGHTS, fdflags = 0, follow = true } = options;
    const [at, length] = await this.put(path), lookup = follow ? 1 : 0;
    const errno = await this.call(
      "path_open",
      ...[directory, lookup, at, length, flags, rights, inheriting, fdflags, RESULT],
    );
    return errno === "success" ? await this.u32() : errno;
  }

  /** Opens what must be there. */
  async opened(directory: number, path: string, options: OpenOptions = {}): Promise<number> {
    const fd = await this.open(directory, path, options);
    assert(typeof fd === "number", `opening ${path} failed with ${fd}`);
    return fd;
  }

  /** Calls a function that takes a directory, a path, and nothing else. */
  async at(
    name: "path_create_directory" | "path_remove_directory" | "path_unlink_file",
    directory: number,
    path: string,
  ): Promise<ErrnoName> {
    return await this.call(name, directory, ...await this.put(path));
  }

  async rename(from: number, path: string, to: number, toPath: string): Promise<ErrnoName> {
    const given = [...await this.put(path), to, ...await this.put(toPath, OTHER_TEXT)];
    return await this.call("path_rename", from, ...given);
  }

  async link(from: number, path: string, to: number, toPath: string, follow = false): Promise<ErrnoName> {
    const given = [...await this.put(path), to, ...await this.put(toPath, OTHER_TEXT)];
    return await this.call("path_link", from, follow ? 1 : 0, ...given);
  }

  async symlink(target: string, directory: number, path: string): Promise<ErrnoName> {
    const given = [...await this.put(target), directory, ...await this.put(path, OTHER_TEXT)];
    return await this.call("path_symlink", ...given);
  }

  async readLink(directory: number, path: string): Promise<string> {
    const given = [...await this.put(path), BUFFER, 4096, RESULT];
    const errno = await this.call("path_readlink", directory, ...given);
    if (errno !== "success") return errno;
    return `-> ${DECODER.decode(await this.sandbox.readMemory(BUFFER, await this.u32()))}`;
  }

  async statAt(directory: number, path: string, follow = true): Promise<Filestat | ErrnoName> {
    const errno = await this.call(
      "path_filestat_get",
      directory,
      follow ? 1 : 0,
      ...await this.put(path),
      RESULT,
    );
    return errno === "success" ? await this.filestat() : errno;
  }

  async stat(fd: number): Promise<Filestat | ErrnoName> {
    const errno = await this.call("fd_filestat_get", fd, RESULT);
    return errno === "success" ? await this.filestat() : errno;
  }

  async filestat(): Promise<Filestat> {
    const view = await this.view(RESULT, 64), u64 = (at: number) => view.getBigUint64(at, true);
    return {
      device: u64(0),
      inode: u64(8),
      type: view.getUint8(16),
      links: u64(24),
      size: u64(32),
      accessed: u64(40),
      modified: u64(48),
      changed: u64(56),
    };
  }

  /** Puts a list of pieces of memory at TEXT; pointer and count. */
  async pieces(
    ...list: readonly (readonly [at: number, length: number])[]
  ): Promise<readonly [number, number]> {
    const words = new Uint32Array(list.flat());
    return [(await this.put(new Uint8Array(words.buffer)))[0], list.length];
  }

  /** Writes text; the number of bytes, or the name of an error. */
  async write(fd: number, text: string): Promise<number | ErrnoName> {
    const piece = await this.put(text, BUFFER);
    const errno = await this.call("fd_write", fd, ...await this.pieces(piece), RESULT);
    return errno === "success" ? await this.u32() : errno;
  }

  /** Reads at an offset; the text, or `! ` and the name of an error. */
  async read(fd: number, length = 4096, offset: Argument = 0): Promise<string> {
    const errno = await this.call("fd_pread", fd, ...await this.pieces([BUFFER, length]), offset, RESULT);
    if (errno !== "success") return `! ${errno}`;
    return DECODER.decode(await this.sandbox.readMemory(BUFFER, await this.u32()));
  }

  /** Names in a directory, or the name of an error. */
  async list(fd: number): Promise<string[] | ErrnoName> {
    const names: string[] = [];
    for (let cookie = 0n;;) {
      const size = 4096, errno = await this.call("fd_readdir", fd, BUFFER, size, cookie, RESULT);
      if (errno !== "success") return errno;
      const used = await this.u32(), view = await this.view(BUFFER, used);
      for (let at = 0; at + 24 <= used;) {
        const length = view.getUint32(at + 16, true);
        if (at + 24 + length > used) break;
        cookie = view.getBigUint64(at, true);
        names.push(DECODER.decode(new Uint8Array(view.buffer, at + 24, length)));
        at += 24 + length;
      }
      if (used < size) return names;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.sandbox.close();
  }
}

/** Integers cut to the bits of the parameters. */
function cut(args: readonly Argument[], kinds: readonly string[]): (number | bigint)[] {
  assertEquals(args.length, kinds.length, "the number of arguments");
  return args.map((arg, index) =>
    kinds[index] === "i64" ? BigInt.asIntN(64, BigInt(arg)) : Number(BigInt.asIntN(32, BigInt(arg)))
  );
}

/** The name of an error number. */
export function errnoName(number: number): ErrnoName {
  const name = ERRNO_NAMES[number];
  assert(name !== undefined, `${number} is no error number`);
  return name;
}

/** Starts a sandbox with the driver in it. */
export async function startDriver(
  runtime: Aegis,
  options: SandboxOptions = {},
  text: DriverText = {},
): Promise<Driver> {
  const loaded = await runtime.loadBytes(textModule(driverText(text)));
  const sandbox = await runtime.sandbox(options).build();
  await sandbox.loadModule(loaded);
  return new Driver(sandbox);
}

/** Runs work with the driver in a runtime of its own. */
export async function withDriver<Result>(
  options: AegisOptions & Pick<SandboxOptions, "args" | "stdin" | "stdout" | "stderr">,
  work: (driver: Driver) => Promise<Result>,
  text: DriverText = {},
): Promise<Result> {
  const { args, stdin, stdout, stderr, ...rest } = options;
  const program = Object.fromEntries(
    Object.entries({ args, stdin, stdout, stderr }).filter(([, value]) => value !== undefined),
  );
  await using runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited", ...rest });
  await using driver = await startDriver(runtime, program, text);
  return await work(driver);
}
