/** Programs of every language end on both engines alike: status, output, what they leave behind, fuel, calls, memory. */
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import type { Engine } from "../../src/core/engine.ts";
import { isForInterpreter } from "../engine_of_tests.ts";
import { type ProgramSetting, runProgram } from "./run_program.ts";
import { makeTextTree } from "./sample_trees.ts";
import { snapshot, withFolder } from "./temporary_folder.ts";
import { compilerFiles, packagedProgram, type PackagedProgramName } from "./third_party/packaged_program.ts";
import { unpackTar } from "./third_party/unpack_tar.ts";

interface Row {
  readonly program: string | { readonly packaged: PackagedProgramName };
  /** Fills the folder that the program finds as `/data`. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly setting?: ProgramSetting;
}

async function writeTexts(folder: string): Promise<void> {
  await makeTextTree(`${folder}/texts`);
}

function job(name: string): (folder: string) => Promise<void> {
  return (folder) => Deno.copyFile(new URL(`jobs/${name}`, import.meta.url), `${folder}/${name}`);
}

async function writeSource(folder: string): Promise<void> {
  await unpackTar(await compilerFiles(), folder);
  await Deno.mkdir(`${folder}/work`);
  await Deno.copyFile(new URL("c/cat.c", import.meta.url), `${folder}/work/cat.c`);
}

const COMPILE = "-cc1 -triple wasm32-unknown-wasi -mthread-model single -isysroot /data/sys " +
  "-internal-isystem /data/sys/include -internal-isystem /data/sys/lib/clang/8.0.1/include " +
  "-O2 -emit-obj -o /data/work/cat.o /data/work/cat.c";

const ROWS: Readonly<Record<string, Row>> = {
  "environment, in C": {
    program: "environment",
    setting: { args: ["3", "ünï"], env: { APPLE: "1" }, stdin: "x".repeat(1000) },
  },
  "cat, in C": { program: "cat", setting: { args: ["-b", "100", "-"], stdin: "line\n".repeat(1000) } },
  "copy_tree, in C": {
    program: "copy_tree",
    prepare: writeTexts,
    setting: { args: ["/data/texts", "/data/copy"] },
  },
  "files, in C": { program: "files", setting: { args: ["/data"] } },
  "open_many, in C": { program: "open_many", setting: { args: ["/data", "100", "create"] } },
  "sleep, without a clock": { program: "sleep", setting: { args: ["60000"] } },
  "grep_tree, in Go": {
    program: "grep_tree",
    prepare: writeTexts,
    setting: { args: ["fox", "/data/texts"] },
  },
  "word_count, in Rust": {
    program: "word_count",
    prepare: writeTexts,
    setting: { args: ["/data/texts", "/data/counts"] },
  },
  "the SQLite shell": {
    program: { packaged: "sqlite" },
    prepare: job("job.sql"),
    setting: { args: ["-batch", "/data/t.db", ".read /data/job.sql"] },
  },
};

/** What takes longer. */
const SLOW_ROWS: Readonly<Record<string, Row>> = {
  "Python": {
    program: { packaged: "python" },
    prepare: job("job.py"),
    setting: { args: ["/data/job.py", "/data"] },
  },
  "PHP": {
    program: { packaged: "php" },
    prepare: job("job.php"),
    setting: { args: ["-q", "/data/job.php"] },
  },
  "Clang": { program: { packaged: "clang" }, prepare: writeSource, setting: { args: COMPILE.split(" ") } },
};

/** The time of a file, in what a snapshot says of it. */
const TIME = / of \d+(?=:|$)/;

/** What is left of a run on one engine; times left out. */
function ending(engine: Engine, { program, prepare, setting }: Row) {
  return withFolder(async (folder) => {
    await prepare?.(folder);
    const bytes = typeof program === "string" ? program : await packagedProgram(program.packaged);
    const { status, stdout, stderr, denials, metrics } = await runProgram(bytes, {
      ...setting,
      engine,
      capabilities: [FilesystemCapability.full([{ host: folder, guest: "/data" }])],
    });
    const { fuelConsumed, peakMemory, hostCalls } = metrics;
    return {
      status,
      stdout,
      stderr,
      denials: denials.map(({ action, target }) => `${action} ${target}`),
      left: Object.entries(await snapshot(folder)).map(([path, text]) =>
        `${path}: ${text.replace(TIME, "")}`
      ),
      used: { fuelConsumed, peakMemory, hostCalls },
    };
  });
}

for (const [name, row] of Object.entries({ ...ROWS, ...SLOW_ROWS })) {
  const slow = Object.hasOwn(SLOW_ROWS, name);
  Deno.test({
    name: `both engines end alike: ${name}${slow ? " [deno task test:interpreter]" : ""}`,
    ignore: slow && !isForInterpreter(),
    async fn() {
      const inV8 = await ending("v8", row);
      assertEquals(await ending("interpreter", row), inV8);
      assert(inV8.used.fuelConsumed > 1000n, `it ran: ${inV8.stderr}`);
    },
  });
}
