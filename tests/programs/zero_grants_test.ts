/**
 * The command runs every program without a grant: the program gets a clear error number, the person one hint with the
 * flag, nothing is changed; with the flag of each hint in turn the program works.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { type CommandEnd, runCommand } from "./run_command.ts";
import { snapshot, withFolder } from "./temporary_folder.ts";

/** A program that needs grants; `$` stands for the folder. */
interface NeedyProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** The status without a grant. */
  readonly status: number;
  /** What the program itself says then, on stderr. */
  readonly complaint: string;
  /** Flags that the hints name, one after the other. */
  readonly flags: readonly string[];
  /** What it prints when it has got them all. */
  readonly stdout: string;
}

const NEEDY_PROGRAMS: readonly NeedyProgram[] = [
  {
    program: "cat",
    args: ["$/in.txt"],
    status: 1,
    complaint: "cat: $/in.txt: Capabilities insufficient\n",
    flags: ["--allow-read=$/in.txt"],
    stdout: "the quick brown fox\n",
  },
  {
    program: "read_speed",
    args: ["$/in.txt"],
    status: 1,
    complaint: "read_speed: $/in.txt: Capabilities insufficient\n",
    flags: ["--allow-read=$/in.txt"],
    stdout: "20 bytes, 1 reads, checksum 116\n",
  },
  {
    program: "open_many",
    args: ["$/many", "2"],
    status: 1,
    complaint: "open_many: $/many/000000: Capabilities insufficient\n",
    flags: ["--allow-read=$/many/000000", "--allow-read=$/many/000001"],
    stdout: "2 files, 2 bytes, checksum 97\n",
  },
  {
    program: "copy_tree",
    args: ["$/tree", "$/empty"],
    status: 1,
    complaint: "copy_tree: $/tree: Capabilities insufficient\n",
    flags: ["--allow-read=$/tree", "--allow-write=$", "--allow-read=$"],
    stdout: "1 files, 2 directories, 7 bytes\n",
  },
  {
    program: "grep_tree",
    args: ["fox", "$/tree"],
    status: 2,
    complaint: "grep_tree: lstat $/tree: Capabilities insufficient\n0 lines in 0 files\n",
    flags: ["--allow-read=$/tree"],
    stdout: "$/tree/deeper/a.txt:2: fox\n",
  },
  {
    program: "word_count",
    args: ["$/tree", "$/counts"],
    status: 1,
    complaint: "word_count: Capabilities insufficient (os error 76)\n",
    flags: ["--allow-read=$/tree", "--allow-write=$"],
    stdout: "1 files, 2 words, 2 different\n",
  },
];

/** Runs in a folder that has what the programs work on. */
function withMaterial(use: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    for (const path of ["many", "tree", "tree/deeper", "empty"]) await Deno.mkdir(`${folder}/${path}`);
    await Deno.writeTextFile(`${folder}/in.txt`, "the quick brown fox\n");
    await Deno.writeTextFile(`${folder}/many/000000`, "0");
    await Deno.writeTextFile(`${folder}/many/000001`, "1");
    await Deno.writeTextFile(`${folder}/tree/deeper/a.txt`, "an\nfox\n");
    await use(folder);
  });
}

/** The flag that the one line of hints names. */
function hintedFlag({ hints }: CommandEnd): string {
  assertEquals(hints.length, 1, hints.join(""));
  const flag = /: (--\S+) allows it(?: \(the last of [0-9]+ denials; -v tells more\))?\n$/.exec(
    hints[0] ?? "",
  )
    ?.[1];
  assert(flag !== undefined, hints[0]);
  return flag;
}

for (const row of NEEDY_PROGRAMS) {
  Deno.test(`aegis run ${row.program} without a grant changes nothing, and works with the flags of its hints`, () =>
    withMaterial(async (folder) => {
      const inFolder = (text: string) => text.replaceAll("$", folder);
      const args = row.args.map(inFolder), flags: string[] = [];
      const before = await snapshot(folder);
      const denied = await runCommand(row.program, { folder, args });
      assertEquals([denied.status, denied.complaint], [row.status, inFolder(row.complaint)]);
      assertEquals(await snapshot(folder), before);
      for (let end = denied; end.status !== 0; end = await runCommand(row.program, { folder, args, flags })) {
        flags.push(hintedFlag(end));
        assertEquals(flags, row.flags.slice(0, flags.length).map(inFolder));
      }
      assertEquals(flags.length, row.flags.length);
      for (const name of ["empty/deeper", "counts"]) {
        await Deno.remove(`${folder}/${name}`, { recursive: true }).catch(() => {});
      }
      const allowed = await runCommand(row.program, { folder, args, flags });
      assertEquals([allowed.status, allowed.text, allowed.hints], [0, inFolder(row.stdout), []]);
    }));
}

Deno.test("aegis run files without a grant goes through its tour, in which nothing can be done", () =>
  withMaterial(async (folder) => {
    const before = await snapshot(folder);
    const { status, text, complaint, hints } = await runCommand("files", { folder, args: [folder] });
    assertEquals([status, complaint, hints.length], [0, "", 1]);
    assertMatch(
      hints[0] ?? "",
      /: --allow-(?:read|write)=\S+ allows it \(the last of [0-9]+ denials; -v tells more\)\n$/,
    );
    assertStringIncludes(text, "open create exclusive: Capabilities insufficient\n");
    const done = text.split("\n").filter((line) => line.endsWith(": ok"));
    assertEquals(done, []);
    assertEquals(await snapshot(folder), before);
  }));

Deno.test("aegis run names the flag for a path from the folder that it was started in", () =>
  withMaterial(async (folder) => {
    const args = ["in.txt"], denied = await runCommand("cat", { folder, args });
    assertEquals([denied.status, denied.complaint], [1, "cat: in.txt: Capabilities insufficient\n"]);
    const allowed = await runCommand("cat", { folder, args, flags: [hintedFlag(denied)] });
    assertEquals([allowed.status, allowed.text, allowed.hints], [0, "the quick brown fox\n", []]);
  }));

Deno.test("aegis run needs no grant for what leads nowhere", () =>
  withFolder(async (folder) => {
    const started = performance.now();
    const slept = await runCommand("sleep", { folder, args: ["3600000"] });
    assertEquals([slept.status, slept.text, slept.hints], [0, "slept 3600000 ms: yes\n", []]);
    assert(performance.now() - started < 30_000);
    const surroundings = await runCommand("environment", { folder, env: { SECRET: "hidden" } });
    assertEquals([surroundings.status, surroundings.complaint, surroundings.hints], [0, "", []]);
    assertStringIncludes(surroundings.text, "\nenvironment: 0\nstandard input: 0 bytes\n");
    assert(!surroundings.text.includes("hidden"));
    const escaped = await runCommand("escape", { folder });
    assertEquals([escaped.status, escaped.stdout.length, escaped.hints], [0, 747, []]); // no terminal, so unchanged
    const reactor = await runCommand("reactor", {
      folder,
      flags: ["--function", "is_initialized", "--quiet"],
    });
    assertEquals([reactor.status, reactor.text, reactor.hints], [0, "42\n", []]);
    assertEquals(await snapshot(folder), {});
  }));
