/** Programs of every language end on both engines alike: status, output, what they leave behind, fuel, calls, memory. */
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import type { Engine } from "../../src/core/engine.ts";
import { isForInterpreter } from "../engine_of_tests.ts";
import { type ProgramEnd, programRuntime, type ProgramSetting, runBeside } from "./run_program.ts";
import { makeTextTree } from "./sample_trees.ts";
import { snapshot, withFolder } from "./temporary_folder.ts";
import { compilerFiles, packagedProgram, type PackagedProgramName } from "./third_party/packaged_program.ts";
import { unpackTar } from "./third_party/unpack_tar.ts";

interface Row {
  readonly program: string | { readonly packaged: PackagedProgramName };
  /** Fills the folder that the program finds as `/data`. */
  readonly prepare?: (folder: string) => Promise<void>;
  /**
   * Both engines get one and the same folder, in which the program changes nothing: what it consumes depends on the times
   * and numbers of its files, and those that guests see are the same in one runtime only.
   */
  readonly reads?: boolean;
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
  "-O2 -S -o - /data/work/cat.c";

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

/** Imports much, and computes with numbers, texts and hashes. */
const PYTHON_JOB = `import collections, decimal, hashlib, json, os, random, re, sqlite3
numbers = random.Random(1); decimal.getcontext().prec = 50
words = collections.Counter(re.findall(r"\\w+", open("/data/job.py").read()))
digest = hashlib.sha256(json.dumps([words, [numbers.gauss(0, 1) for _ in range(1000)]]).encode()).hexdigest()
rows = sqlite3.connect(":memory:").execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT sum(i * i) FROM n").fetchone()
print(digest, rows, decimal.Decimal(2).sqrt(), sorted(os.listdir("/data")), 3 ** 500 % 10 ** 40)
`;

/** What takes longer. */
const SLOW_ROWS: Readonly<Record<string, Row>> = {
  "Python": {
    program: { packaged: "python" },
    prepare: job("job.py"),
    reads: true,
    setting: { args: ["-c", PYTHON_JOB] },
  },
  "PHP": {
    program: { packaged: "php" },
    prepare: job("job.php"),
    setting: { args: ["-q", "/data/job.php"] },
  },
  "Clang": {
    program: { packaged: "clang" },
    prepare: writeSource,
    reads: true,
    setting: { args: COMPILE.split(" ") },
  },
};

/** The time of a file, in what a snapshot says of it. */
const TIME = / of \d+(?=:|$)/;

/** What is left of a run, times left out. */
function told({ status, stdout, stderr, denials, metrics }: ProgramEnd, left: Record<string, string>) {
  const { fuelConsumed, peakMemory, hostCalls } = metrics;
  return {
    status,
    stdout,
    stderr,
    denials: denials.map(({ action, target }) => `${action} ${target}`),
    left: Object.entries(left).map(([path, text]) => `${path}: ${text.replace(TIME, "")}`),
    used: { fuelConsumed, peakMemory, hostCalls },
  };
}

/** Runs the program on these engines, in one runtime and over one folder. */
function runIn(engines: readonly Engine[], { program, prepare, setting = {} }: Row) {
  return withFolder(async (folder) => {
    await prepare?.(folder);
    const capabilities = [FilesystemCapability.full([{ host: folder, guest: "/data" }])];
    await using runtime = await programRuntime({ ...setting, capabilities });
    const bytes = typeof program === "string" ? program : await packagedProgram(program.packaged);
    const endings: ReturnType<typeof told>[] = [];
    for (const engine of engines) {
      const end = await runBeside(runtime, { program: bytes, setting, engine });
      endings.push(told(end, await snapshot(folder)));
    }
    return endings;
  });
}

for (const [name, row] of Object.entries({ ...ROWS, ...SLOW_ROWS })) {
  const slow = Object.hasOwn(SLOW_ROWS, name);
  Deno.test({
    name: `both engines end alike: ${name}${slow ? " [deno task test:interpreter]" : ""}`,
    ignore: slow && !isForInterpreter(),
    async fn() {
      const [v8, interpreter] = row.reads
        ? await runIn(["v8", "interpreter"], row)
        : [...await runIn(["v8"], row), ...await runIn(["interpreter"], row)];
      assertEquals(interpreter, v8);
      assert(v8 !== undefined && v8.used.fuelConsumed > 1000n, `it ran: ${v8?.stderr}`);
    },
  });
}
