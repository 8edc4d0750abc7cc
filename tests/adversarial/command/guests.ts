/**
 * Guests for whoever runs programs: each does its worst from `_start`, and all that can be seen of it is a status, what it
 * printed, and what is said of it. They run in the folder of `withTree`, where `inside` may be granted.
 */
import { compileText } from "../../testsuite/module_bytes.ts";
import { END, funcType, I32, join, wasmModule } from "../../wasm/module_builder.ts";

const OFLAGS = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

export interface Guest {
  /** A text module, or bytes that need not be one. */
  readonly module: string | Uint8Array<ArrayBuffer>;
  readonly flags?: readonly string[];
  readonly status: number;
  /** What stands on stdout, all of it. @default nothing */
  readonly prints?: RegExp;
  /** What stands on stderr. */
  readonly says?: RegExp;
  /** Whether it is tried on the interpreter and in a process, too: what these do in their own way. */
  readonly everywhere?: boolean;
}

/** Functions of WASI by their names here. */
const WASI = {
  open: ["path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"],
  read: ["fd_read", "i32 i32 i32 i32"],
  write: ["fd_write", "i32 i32 i32 i32"],
  times: ["path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"],
  unlink: ["path_unlink_file", "i32 i32 i32"],
  mkdir: ["path_create_directory", "i32 i32 i32"],
  rename: ["path_rename", "i32 i32 i32 i32 i32 i32"],
  link: ["path_link", "i32 i32 i32 i32 i32 i32 i32"],
  symlink: ["path_symlink", "i32 i32 i32 i32 i32"],
  poll: ["poll_oneoff", "i32 i32 i32 i32"],
  environment: ["environ_sizes_get", "i32 i32"],
  variables: ["environ_get", "i32 i32"],
} as const;

/** A program: imports of all of WASI that is used here, `$exit`, two pages of memory, and what it starts with. */
function program(start: string, fields = ""): string {
  const imports = Object.entries(WASI).map(([name, [imported, params]]) =>
    `(import "wasi_snapshot_preview1" "${imported}" (func $${name} (param ${params}) (result i32)))`
  );
  return `(module ${imports.join("\n")}
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 2) ${fields}
    (func (export "_start") ${start}))`;
}

const LENGTHS = new TextEncoder();

/** Texts one after the other in memory; the first argument of each use is the number of the text. */
function texts(list: readonly string[]): { readonly data: string; readonly places: readonly string[] } {
  let at = 1024;
  const data: string[] = [], places: string[] = [];
  for (const text of list) {
    const bytes = LENGTHS.encode(text);
    data.push(
      `(data (i32.const ${at}) "${
        [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")
      }")`,
    );
    places.push(`(i32.const ${at}) (i32.const ${bytes.length})`);
    at += bytes.length;
  }
  return { data: data.join("\n"), places };
}

/** Opens each path, and prints what it can read of it; its status is how many could be opened. */
function reader(paths: readonly string[]): string {
  const { data, places } = texts(paths);
  const tries = places.flatMap((place) =>
    [0, OFLAGS.directory].map((flags) =>
      `(call $try ${place} (i32.const 0) (i32.const ${flags})) (call $try ${place} (i32.const 1) (i32.const ${flags}))`
    )
  );
  return program(
    `${tries.join("\n")} (call $exit (global.get $opened))`,
    `${data} (global $opened (mut i32) (i32.const 0))
    (func $try (param $at i32) (param $length i32) (param $lookup i32) (param $flags i32)
      (if (call $open (i32.const 3) (local.get $lookup) (local.get $at) (local.get $length) (local.get $flags)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)) (then (return)))
      (global.set $opened (i32.add (global.get $opened) (i32.const 1)))
      (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
      (drop (call $read (i32.load (i32.const 64)) (i32.const 0) (i32.const 1) (i32.const 72)))
      (i32.store (i32.const 4) (i32.load (i32.const 72)))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 72))))`,
  );
}

/** Changes a path in every way there is; its status is how often that worked. */
function changer(paths: readonly string[]): string {
  const { data, places } = texts([...paths, "made"]);
  const made = places.at(-1) ?? "";
  const tries = places.slice(0, -1).flatMap((place) => [
    ...[OFLAGS.create, OFLAGS.truncate, OFLAGS.create | OFLAGS.exclusive].map((flags) =>
      `(call $open (i32.const 3) (i32.const 1) ${place} (i32.const ${flags})
        (i64.const 0xffffffff) (i64.const 0xffffffff) (i32.const 1) (i32.const 64))`
    ),
    `(call $times (i32.const 3) (i32.const 1) ${place} (i64.const 1) (i64.const 1) (i32.const 5))`,
    `(call $rename (i32.const 3) ${place} (i32.const 3) ${made})`,
    `(call $rename (i32.const 3) ${made} (i32.const 3) ${place})`,
    `(call $link (i32.const 3) (i32.const 1) ${place} (i32.const 3) ${made})`,
    `(call $symlink ${place} (i32.const 3) ${made})`,
    `(call $mkdir (i32.const 3) ${place})`,
    `(call $unlink (i32.const 3) ${place})`,
  ]);
  return program(
    `${tries.map((code) => `(call $count ${code})`).join("\n")} (call $exit (global.get $done))`,
    `${data} (global $done (mut i32) (i32.const 0))
    (func $count (param i32) (global.set $done (i32.add (global.get $done) (i32.eqz (local.get 0)))))`,
  );
}

const LEAVING = [
  "..",
  "../outside/canary",
  "folder/../../outside/canary",
  "/etc/passwd",
  "/../etc/passwd",
  "\0",
  "",
  "..\\outside\\canary",
  "..//outside//canary",
  "link",
  "link/canary",
  "up/outside/canary",
  "root/etc/passwd",
  "loop",
  "fifo",
  "canary/",
] as const;

const LOOP = "(loop $l (br $l))", TIMEOUT = ["--timeout=200ms", "--fuel-limit=unlimited"];

/** What is said where time is over. */
const TIME_IS_OVER = { status: 124, says: /^error: Timeout: the guest was stopped/ } as const;

/** Prints a mebibyte again and again. */
const FLOOD = `(i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 100000))
  (loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))`;

/** By name, with the label of what they try. */
export const GUESTS: Readonly<Record<string, Guest>> = {
  "A1, A4 and A9 paths and links that lead out, and FIFOs, open nothing and print nothing": {
    everywhere: true,
    module: reader(LEAVING),
    flags: ["--dir=inside::/data"],
    status: 0,
  },
  "A7 nothing in a read-only directory is changed": {
    module: changer(["file", "folder", "folder/file", "new"]),
    flags: ["--dir=inside::/data:ro"],
    status: 0,
  },
  "A6 nothing that lies outside is changed, linked or renamed out of a writable directory": {
    module: changer(["../outside/canary", "link", "up/outside/canary", "../outside/new"]),
    flags: ["--dir=inside::/data"],
    // The name of a link inside is the guest's: to rename, to rename back, to remove.
    status: 3,
  },
  "C22 an endless loop is stopped": {
    everywhere: true,
    module: program(LOOP),
    flags: TIMEOUT,
    ...TIME_IS_OVER,
  },
  "C22 an endless loop runs out of fuel": {
    module: program(LOOP),
    flags: ["--fuel-limit=100K"],
    status: 152,
    says: /^error: Out of fuel/,
  },
  "C23 a start function that loops is stopped": {
    everywhere: true,
    module: `(module (func $s ${LOOP}) (start $s) (func (export "_start")))`,
    flags: TIMEOUT,
    ...TIME_IS_OVER,
  },
  "C24 bulk operations of a mebibyte without end are stopped": {
    module: `(module (memory 32) (func (export "_start")
      (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 2000000)) (br $l))))`,
    flags: TIMEOUT,
    ...TIME_IS_OVER,
  },
  "C25 a storm of calls that do nothing is stopped": {
    everywhere: true,
    module: program(
      `(loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8))) (br $l))`,
    ),
    flags: TIMEOUT,
    ...TIME_IS_OVER,
  },
  "C27 handlers around a loop and around the exit catch nothing": {
    everywhere: true,
    module: program(
      `(loop $again (block $c (try_table (catch_all $c) (call $exit (i32.const 7)))) (br $again))`,
    ),
    status: 7,
  },
  "C27 handlers around a loop catch no timeout": {
    everywhere: true,
    module: program(`(loop $again (block $c (try_table (catch_all $c) ${LOOP})) (br $again))`),
    flags: TIMEOUT,
    ...TIME_IS_OVER,
  },
  "C28 a guest that sleeps for centuries is stopped": {
    everywhere: true,
    module: program(
      `(i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const -1))
      (drop (call $poll (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 2048)))`,
    ),
    flags: ["--allow-clock", ...TIMEOUT],
    ...TIME_IS_OVER,
  },
  "C28 a guest that waits for input that never comes is stopped": {
    everywhere: true,
    module: program(
      `(i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 64))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))`,
    ),
    flags: TIMEOUT,
    ...TIME_IS_OVER,
  },
  "D31 a memory that is declared larger than allowed is refused": {
    module: `(module (memory 65536) (func (export "_start")))`,
    status: 65,
    says: /the limit is/,
  },
  "D32 growing without end stops at the limit, and what traps then has exceeded it": {
    everywhere: true,
    module: program(
      `(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable`,
    ),
    flags: ["--memory-limit=8MiB"],
    status: 137,
    says: /^error: Memory exceeded: .* its limit is 8MiB/,
  },
  "D33 a table of ten million is refused": {
    module: `(module (table 10000000 funcref) (func (export "_start")))`,
    status: 65,
  },
  "D34 exceptions that carry references are refused in a Worker": {
    module: `(module (tag (param exnref)) (func (export "_start")))`,
    status: 65,
  },
  "D36 recursion without end is a stack overflow": {
    everywhere: true,
    module: `(module (func $f (export "_start") (call $f) (call $f)))`,
    status: 139,
    says: /^error: Stack overflow/,
  },
  "D37 a flood of output is passed on until the time is over, and no longer": {
    everywhere: true,
    module: program(FLOOD),
    flags: ["--timeout=300ms", "--fuel-limit=unlimited"],
    ...TIME_IS_OVER,
    prints: /^\0*$/,
  },
  "E39 bytes that are no module are invalid": {
    module: Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff),
    status: 65,
    says: /^error: /,
  },
  "E41 a module that is dear to compile is refused": {
    module: wasmModule({
      types: [funcType([], [])],
      functions: [{
        type: 0,
        name: "_start",
        locals: [[49_000, I32]],
        code: join([[0x02, 0x40], ...Array(10_000).fill([0x20, 0, 0x0d, 0]), [END]]),
      }],
    }),
    status: 65,
  },
  "E44 an instruction that nobody knows is refused": {
    module: Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 10, 1, 6, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0, 0],
      ...[10, 6, 1, 4, 0, 0xff, 0, 0x0b],
    ),
    status: 65,
    says: /0xff/i,
  },
  "F45 an import that nobody provides is missing": {
    module: `(module (import "__proto__" "constructor" (func)) (func (export "_start")))`,
    status: 77,
  },
  "F46 files, variables and the time are out of reach without a grant": {
    everywhere: true,
    module: reader(["etc/passwd", "inside/file", ".", "proc/self/environ"]),
    status: 0,
  },
  "F50 no variable of the process is told": {
    module: program(
      `(drop (call $environment (i32.const 0) (i32.const 4))) (call $exit (i32.load (i32.const 0)))`,
    ),
    flags: ["--env=ONE=1"],
    status: 1,
  },
};

/** The bytes of a guest. */
export function bytesOf({ module }: Guest): Uint8Array<ArrayBuffer> {
  return typeof module === "string" ? compileText(module) : module;
}
