/**
 * `deno task test:engines`: programs of others do real work on both engines, each in a folder of its own. What they
 * print, their status and their fuel must be the same. Takes minutes: it is no part of the gate.
 */
import type { Engine } from "../../src/core/engine.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { type ProgramEnd, runProgram } from "./run_program.ts";
import { withFolder } from "./temporary_folder.ts";
import { packagedProgram, type PackagedProgramName } from "./third_party/packaged_program.ts";

/** A program, its own name, its words, and the job that it finds in its folder `/data`. */
interface Job {
  readonly program: PackagedProgramName;
  readonly name: string;
  readonly args: readonly string[];
  readonly file?: string;
}

/** Of Python, which looks at the times of files, something that touches none: its fuel would differ from run to run. */
const COMPUTATION =
  "import json; print(sum(hash(str(i)) % 7 for i in range(20000)), json.dumps([i / 3 for i in range(500)]))";

const JOBS: readonly Job[] = [
  {
    program: "sqlite",
    name: "sqlite",
    args: ["-batch", "/data/t.db", ".read /data/job.sql"],
    file: "job.sql",
  },
  { program: "php", name: "php-cgi-8.2.0.wasm", args: ["-q", "/data/job.php"], file: "job.php" },
  { program: "python", name: "python.wasm", args: ["-c", COMPUTATION] },
];

const ENGINES: readonly Engine[] = ["v8", "interpreter"];

function work({ program, name, args, file }: Job, engine: Engine): Promise<ProgramEnd> {
  return withFolder(async (folder) => {
    if (file !== undefined) {
      await Deno.copyFile(new URL(`jobs/${file}`, import.meta.url), `${folder}/${file}`);
    }
    const data = [FilesystemCapability.full([{ host: folder, guest: "/data" }])];
    const capabilities = file === undefined ? [] : data;
    return runProgram(await packagedProgram(program), { name, args, capabilities, engine });
  });
}

let failures = 0;
for (const row of JOBS) {
  const ends: string[] = [];
  for (const engine of ENGINES) {
    const start = performance.now();
    const { status, stdout, stderr, metrics } = await work(row, engine);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${row.program} ${engine}: status ${status}, ${stdout.length} characters, ${metrics.fuelConsumed} units, ${seconds} s`,
    );
    ends.push(JSON.stringify([status, stdout, stderr, String(metrics.fuelConsumed)]));
  }
  if (ends[0] !== ends[1]) {
    failures++;
    console.error(`${row.program} differs: ${ends.map((end) => end.slice(0, 500)).join(" and ")}`);
  }
}
Deno.exit(failures === 0 ? 0 : 1);
