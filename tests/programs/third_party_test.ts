/**
 * Programs of others work on real files: what they leave is read by the host. Each is run without a grant, too, and
 * then says so and changes nothing.
 */
import { DatabaseSync } from "node:sqlite";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import type { AegisModule } from "../../src/sandbox/module.ts";
import { prepareProgram, type ProgramEnd, type ProgramSetting, runProgram } from "./run_program.ts";
import { sha256, snapshot, withFolder } from "./temporary_folder.ts";
import {
  compilerFiles,
  PACKAGED_PROGRAMS,
  packagedProgram,
  type PackagedProgramName,
  packagedVersion,
} from "./third_party/packaged_program.ts";
import { unpackTar } from "./third_party/unpack_tar.ts";

function full(host: string, guest: string): FilesystemCapability {
  return FilesystemCapability.full([{ host, guest }]);
}

/** Each program, prepared when it is first run: that takes seconds. */
const prepared = new Map<PackagedProgramName, Promise<AegisModule>>();

/** Runs a program under its own name, by which some choose what to be. */
async function runPackaged(program: PackagedProgramName, setting: ProgramSetting): Promise<ProgramEnd> {
  const name = PACKAGED_PROGRAMS[program].path.replace(/^.*\//, "");
  const module = prepared.get(program) ?? packagedProgram(program).then(prepareProgram);
  prepared.set(program, module);
  return await runProgram(await module, { ...setting, name });
}

/** Runs a program over one folder, which it finds as `/data`. */
function runOver(folder: string, program: PackagedProgramName, args: readonly string[]): Promise<ProgramEnd> {
  return runPackaged(program, { args, capabilities: [full(folder, "/data")] });
}

/** Puts one of `jobs/` into a folder. */
async function copyJob(name: string, folder: string): Promise<void> {
  await Deno.copyFile(new URL(`jobs/${name}`, import.meta.url), `${folder}/${name}`);
}

/** The rows that SQLite of this process finds in a database, once it has found it whole. */
function queryDatabase(path: string, query: string): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    assertEquals({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
    return database.prepare(query).all().map((row) => Object.values(row));
  } finally {
    database.close();
  }
}

for (const [name, row] of Object.entries(PACKAGED_PROGRAMS)) {
  Deno.test(`${name} is the program that the table describes`, async () => {
    assert(isProgramName(name));
    const bytes = await packagedProgram(name);
    assertEquals([await packagedVersion(name), bytes.length], [row.version, row.size]);
    assert(new TextDecoder("latin1").decode(bytes.subarray(0, 20_000)).includes(row.imports));
  });
}

function isProgramName(name: string): name is PackagedProgramName {
  return Object.hasOwn(PACKAGED_PROGRAMS, name);
}

Deno.test("Python writes files, walks over them, and fills a database that the host reads", () =>
  withFolder(async (folder) => {
    await copyJob("job.py", folder);
    const { status, stdout, stderr } = await runOver(folder, "python", ["/data/job.py", "/data"]);
    assertEquals([status, stderr], [0, ""]);
    const found: unknown = JSON.parse(stdout);
    const digests: Record<string, string> = {};
    for (let number = 0; number < 20; number++) {
      const name = `ünï/${String(number).padStart(2, "0")}.txt`;
      const moved = number % 4 === 0 ? "renamed" : `part ${number % 4}`;
      const bytes = await Deno.readFile(`${folder}/${moved}/${name}`);
      assertEquals(new TextDecoder().decode(bytes), `file ${number} 🌳\n`.repeat(number * 100));
      digests[`part ${number % 4}/${name}`] = await sha256(bytes);
    }
    assertEquals(found, { digests, total: 332_833_500 });
    assertEquals(
      queryDatabase(`${folder}/rows.db`, "SELECT count(*), sum(square), max(text) FROM squares"),
      [[1000, 332_833_500, "row 999"]],
    );
  }));

Deno.test("Python is told of a file that it may not have, as an exception with the right number", () =>
  withFolder(async (folder) => {
    await Deno.symlink("/etc/hostname", `${folder}/link`);
    const attempts = ["/etc/passwd", "/data/../etc/passwd", "/data/link", "/data/none"];
    const program = `for path in ${
      JSON.stringify(attempts)
    }:\n  try: open(path)\n  except OSError as e: print(e.strerror)`;
    const { status, stdout } = await runOver(folder, "python", ["-c", program]);
    assertEquals(status, 0);
    assertEquals(stdout.trimEnd().split("\n"), [
      "Capabilities insufficient",
      "Operation not permitted",
      "Operation not permitted",
      "No such file or directory",
    ]);
  }));

/** What the job leaves of each sensor: rows, and the sum of their values. */
const READINGS = [["sensor 0", 334, 41_708.25], ["sensor 1", 333, 41_541.75], ["sensor 2", 167, 10_479.25]];

Deno.test("the SQLite shell makes a database that the host reads, and reads one that the host made", () =>
  withFolder(async (folder) => {
    await copyJob("job.sql", folder);
    const made = await runOver(folder, "sqlite", ["-batch", "/data/t.db", ".read /data/job.sql"]);
    assertEquals([made.status, made.stderr], [0, ""]);
    assertEquals(made.stdout, READINGS.map((row) => `${row.join("|")}\n`).join(""));
    const query = "SELECT sensor, count(*), sum(value) FROM readings GROUP BY sensor ORDER BY sensor";
    assertEquals(queryDatabase(`${folder}/t.db`, query), READINGS);

    const database = new DatabaseSync(`${folder}/host.db`);
    database.exec("CREATE TABLE names (name TEXT); INSERT INTO names VALUES ('one'), ('zwei'), ('三')");
    database.close();
    const change = "INSERT INTO names VALUES ('four'); SELECT group_concat(name) FROM names";
    const read = await runOver(folder, "sqlite", ["-batch", "/data/host.db", change]);
    assertEquals([read.status, read.stdout, read.stderr], [0, "one,zwei,三,four\n", ""]);
    assertEquals(queryDatabase(`${folder}/host.db`, "SELECT count(*) FROM names"), [[4]]);
  }));

/** Words of Clang that compile a file of `/work` to an object beside it. */
function compile(name: string): string[] {
  const target = "-cc1 -triple wasm32-unknown-wasi -mthread-model single -isysroot /sys";
  const headers = "-internal-isystem /sys/include -internal-isystem /sys/lib/clang/8.0.1/include";
  return `${target} ${headers} -O2 -emit-obj -o /work/${name}.o /work/${name}.c`.split(" ");
}

Deno.test("Clang and its linker compile cat, which runs in a sandbox", () =>
  withFolder(async (folder) => {
    await unpackTar(await compilerFiles(), folder);
    await Deno.mkdir(`${folder}/work`);
    await Deno.copyFile(new URL("c/cat.c", import.meta.url), `${folder}/work/cat.c`);
    const capabilities = [
      FilesystemCapability.readOnly([{ host: `${folder}/sys`, guest: "/sys" }]),
      full(`${folder}/work`, "/work"),
    ];
    const before = await snapshot(`${folder}/sys`);
    const compiled = await runPackaged("clang", { args: compile("cat"), capabilities });
    assertEquals([compiled.status, compiled.stdout, compiled.stderr], [0, "", ""]);
    const link = "--no-threads --export-dynamic -z stack-size=1048576 -L/sys/lib/wasm32-wasi " +
      "/sys/lib/wasm32-wasi/crt1.o /work/cat.o -lc -o /work/cat.wasm";
    const linked = await runPackaged("linker", { args: link.split(" "), capabilities });
    assertEquals([linked.status, linked.stdout, linked.stderr], [0, "", ""]);
    assertEquals(await snapshot(`${folder}/sys`), before);

    const built = await Deno.readFile(`${folder}/work/cat.wasm`);
    const ran = await runProgram(built, { args: ["-", "/work/cat.c"], stdin: "hello\n", capabilities });
    const source = await Deno.readTextFile(`${folder}/work/cat.c`);
    assertEquals([ran.status, ran.stdout, ran.stderr], [0, `hello\n${source}`, ""]);
  }));

Deno.test("PHP writes files, lists and hashes them, and fills a database that the host reads", () =>
  withFolder(async (folder) => {
    await copyJob("job.php", folder);
    const { status, stdout } = await runOver(folder, "php", ["-q", "/data/job.php"]);
    assertEquals(status, 0);
    const lines: string[] = [];
    for (let number = 0; number < 10; number++) {
      const bytes = await Deno.readFile(`${folder}/made/${number}.txt`);
      assertEquals(new TextDecoder().decode(bytes), `file ${number}\n`.repeat(number * 100));
      lines.push(`${number}.txt ${await sha256(bytes)}`);
    }
    assertEquals(stdout, [...lines, "total 24502500", ""].join("\n"));
    assertEquals(queryDatabase(`${folder}/rows.db`, "SELECT count(*), sum(cube) FROM cubes"), [[
      100,
      24_502_500,
    ]]);
  }));

/** What each program says when nothing was granted; `$` stands for the folder. */
const WITHOUT_GRANTS = {
  python: { args: ["$/job.py", "$"], status: 2, complaint: /can't open file '.*\/job\.py': \[Errno 76\]/ },
  sqlite: {
    args: ["-batch", "$/t.db", "CREATE TABLE t (i)"],
    status: 1,
    complaint: /unable to open database/,
  },
  clang: {
    args: ["-cc1", "-emit-obj", "-o", "$/x.o", "$/x.c"],
    status: 1,
    complaint: /error reading '.*\/x\.c'/,
  },
  linker: {
    args: ["$/x.o", "-o", "$/x.wasm"],
    status: 1,
    complaint: /cannot open .*\/x\.o: Capabilities insufficient/,
  },
  php: { args: ["-q", "$/job.php"], status: 2 ** 32 - 1, complaint: /No input file specified/ },
} as const satisfies Record<
  PackagedProgramName,
  { args: readonly string[]; status: number; complaint: RegExp }
>;

for (const [name, { args, status, complaint }] of Object.entries(WITHOUT_GRANTS)) {
  Deno.test(`${name} without a grant fails, says why, and changes nothing`, () =>
    withFolder(async (folder) => {
      assert(isProgramName(name));
      for (const job of ["job.py", "job.php"]) await copyJob(job, folder);
      await Deno.writeTextFile(`${folder}/x.c`, "int x;\n");
      const before = await snapshot(folder);
      const end = await runPackaged(name, {
        args: args.map((word) => word.replace("$", folder)),
      });
      assertEquals(end.status, status);
      assertMatch(end.stderr + end.stdout, complaint);
      assert(end.denials.some(({ target }) => target.startsWith(folder)), JSON.stringify(end.denials));
      assertEquals(await snapshot(folder), before);
    }));
}
