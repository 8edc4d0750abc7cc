/**
 * Guests for races: each does the same calls again and again inside WebAssembly, as fast as WASI lets it, and says in the end
 * how many of them succeeded, and how often what it saw was not what it may see.
 */
import { ALL_RIGHTS, FIRST_DIRECTORY, OFLAGS, RESULT } from "../wasi/driver.ts";
import { OUTSIDE_NAME, SECRET } from "./tree.ts";
import { textModule } from "../cpu/stopping.ts";
import type { Aegis, Sandbox } from "../../../mod.ts";
import { WASI_FUNCTIONS, type WasiFunctionName } from "../../../src/wasi/functions.ts";

/** First byte and size of the files that racing guests may see; of what they may not, both are others. */
export const OWN_CONTENT = "mine";

/** Where the guest puts its texts, one behind the other. */
const TEXTS = 4096;

/** One attempt of a racing guest. */
export type Step =
  | { readonly do: "rename" | "link"; readonly from: string; readonly to: string }
  | {
    readonly do:
      | "unlink"
      | "makeDirectory"
      | "removeDirectory"
      | "setTimes"
      | "stat"
      | "read"
      | "create"
      | "list";
    readonly path: string;
  };

class Text {
  readonly data: string[] = [];
  #next = TEXTS;

  /** Constants for pointer and length of a text. */
  of(text: string): string {
    const at = this.#next;
    this.data.push(`(data (i32.const ${at}) "${text}")`);
    this.#next += text.length;
    return `(i32.const ${at}) (i32.const ${text.length})`;
  }
}

const DIRECTORY = `(i32.const ${FIRST_DIRECTORY})`,
  RESULT_AT = `(i32.const ${RESULT})`,
  ZERO = "(i32.const 0)";

/** Counts a success of a call. */
const counted = (call: string) => `(global.set $done (i32.add (global.get $done) (i32.eqz ${call})))`;

/** Counts a leak when a condition holds. */
const leakIf = (condition: string) => `(global.set $leaks (i32.add (global.get $leaks) ${condition}))`;

/** Opens a path and, if that succeeds, does something with the descriptor and closes it. */
function opening(
  path: string,
  { flags, rights, use }: { flags: number; rights: bigint; use: string },
): string {
  const right = `(i64.const ${rights})`;
  return `(if (i32.eqz (call $path_open ${DIRECTORY} (i32.const 1) ${path} (i32.const ${flags}) ${right} ${right}
      ${ZERO} ${RESULT_AT}))
    (then (local.set $fd (i32.load ${RESULT_AT}))
      (global.set $done (i32.add (global.get $done) (i32.const 1)))
      ${use} (drop (call $fd_close (local.get $fd)))))`;
}

function codeOf(step: Step, text: Text): string {
  switch (step.do) {
    case "rename":
      return counted(
        `(call $path_rename ${DIRECTORY} ${text.of(step.from)} ${DIRECTORY} ${text.of(step.to)})`,
      );
    case "link":
      return counted(
        `(call $path_link ${DIRECTORY} ${ZERO} ${text.of(step.from)} ${DIRECTORY} ${text.of(step.to)})`,
      );
    case "unlink":
      return counted(`(call $path_unlink_file ${DIRECTORY} ${text.of(step.path)})`);
    case "makeDirectory":
      return counted(`(call $path_create_directory ${DIRECTORY} ${text.of(step.path)})`);
    case "removeDirectory":
      return counted(`(call $path_remove_directory ${DIRECTORY} ${text.of(step.path)})`);
    case "setTimes":
      return counted(
        `(call $path_filestat_set_times ${DIRECTORY} (i32.const 1) ${text.of(step.path)}
          (i64.const 1000000) (i64.const 1000000) (i32.const 5))`,
      );
    case "stat":
      // The size lies at offset 32; what may be seen is a directory or has the size of the own content.
      return `(if (i32.eqz (call $path_filestat_get ${DIRECTORY} (i32.const 1) ${
        text.of(step.path)
      } ${RESULT_AT}))
        (then (global.set $done (i32.add (global.get $done) (i32.const 1)))
          ${
        leakIf(`(i32.and (i32.eq (i32.load8_u offset=16 ${RESULT_AT}) (i32.const 4))
            (i64.gt_u (i64.load offset=32 ${RESULT_AT}) (i64.const ${OWN_CONTENT.length})))`)
      }))`;
    case "read":
      return opening(text.of(step.path), {
        flags: 0,
        rights: ALL_RIGHTS & ~64n,
        use: `(i32.store (i32.const 32) (i32.const 1024)) (i32.store (i32.const 36) (i32.const 64))
          (i32.store8 (i32.const 1024) ${ZERO})
          (drop (call $fd_read (local.get $fd) (i32.const 32) (i32.const 1) (i32.const 40)))
          ${leakIf(`(i32.eq (i32.load8_u (i32.const 1024)) (i32.const ${SECRET.charCodeAt(0)}))`)}`,
      });
    case "create":
      return opening(text.of(step.path), {
        flags: OFLAGS.create | OFLAGS.truncate,
        rights: ALL_RIGHTS,
        use: `(i32.store (i32.const 32) (i32.const ${TEXTS - 16})) (i32.store (i32.const 36) (i32.const 4))
          (drop (call $fd_write (local.get $fd) (i32.const 32) (i32.const 1) (i32.const 40)))`,
      });
    case "list":
      // The name that stands outside alone comes first, behind "." and "..".
      return opening(text.of(step.path), {
        flags: OFLAGS.directory,
        rights: ALL_RIGHTS & ~64n,
        use: `(memory.fill (i32.const 1024) ${ZERO} (i32.const 256))
          (drop (call $fd_readdir (local.get $fd) (i32.const 1024) (i32.const 256) (i64.const 0) (i32.const 40)))
          ${leakIf(`(i32.eq (i32.load8_u (i32.const 1099)) (i32.const ${OUTSIDE_NAME.charCodeAt(0)}))`)}`,
      });
  }
}

/** The text of a guest whose `run` goes so many times through its steps, and returns successes and leaks. */
function raceText(steps: readonly Step[]): string {
  const used = [
    "path_open",
    "path_rename",
    "path_link",
    "path_unlink_file",
    "path_create_directory",
    "path_remove_directory",
    "path_filestat_set_times",
    "path_filestat_get",
    "fd_read",
    "fd_write",
    "fd_readdir",
    "fd_close",
  ] as const satisfies readonly WasiFunctionName[];
  const text = new Text(), code = steps.map((step) => codeOf(step, text)).join("\n");
  const imports = used.map((name) =>
    `(import "wasi_snapshot_preview1" "${name}"
      (func $${name} (param ${WASI_FUNCTIONS[name].params.join(" ")}) (result i32)))`
  );
  return `(module ${imports.join("\n")} (memory (export "memory") 1)
    (global $done (mut i32) ${ZERO}) (global $leaks (mut i32) ${ZERO})
    (data (i32.const ${TEXTS - 16}) "${OWN_CONTENT}") ${text.data.join("\n")}
    (func (export "run") (param $times i32) (result i32 i32) (local $fd i32)
      (global.set $done ${ZERO}) (global.set $leaks ${ZERO})
      (loop $again ${code}
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (global.get $done) (global.get $leaks)))`;
}

/** What racing guests did. */
export interface RaceResult {
  readonly done: number;
  readonly leaks: number;
}

/** Starts a guest with its steps. */
export async function startRacer(runtime: Aegis, steps: readonly Step[]): Promise<Sandbox> {
  const sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadBytes(textModule(raceText(steps))));
  return sandbox;
}

/** Runs guests all at once, for so many milliseconds; what each of them did. */
export async function race(guests: readonly Sandbox[], milliseconds: number): Promise<RaceResult[]> {
  const end = performance.now() + milliseconds;
  return await Promise.all(guests.map(async (guest) => {
    let done = 0, leaks = 0;
    while (performance.now() < end) {
      const [more = 0, leaked = 0] = await guest.call<number[]>("run", [20]);
      done += more;
      leaks += leaked;
    }
    return { done, leaks };
  }));
}
