/** `aegis run --record-policy FILE`, with real programs under the real command. */
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { runCommand } from "../programs/run_command.ts";
import { withFolder } from "../programs/temporary_folder.ts";

const ENTRY = new URL("../../cli.ts", import.meta.url).pathname;

/** Runs the module of the recorded manifest. */
async function runRecorded(folder: string, args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ENTRY, "run", "-c", "policy.toml", "--", ...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { status: code, text: decoder.decode(stdout), complaint: decoder.decode(stderr) };
}

const RECORD = ["--record-policy", "policy.toml"] as const;

Deno.test("aegis run --record-policy writes nothing where the guest may write: it would choose its own grants", () =>
  withFolder(async (folder) => {
    await makeTree(folder);
    await Deno.symlink("out", `${folder}/link`);
    await Deno.writeTextFile(`${folder}/out/real.toml`, "");
    await Deno.symlink("out/real.toml", `${folder}/policy.toml`);
    for (const file of ["policy.toml", "out/policy.toml", "out/../out/policy.toml", "link/policy.toml"]) {
      const { status, complaint } = await runCommand("cat", {
        folder,
        flags: ["--allow-write", "out", "--record-policy", file],
        args: ["out/x"],
      });
      assertEquals(status, 2, file);
      assertStringIncludes(complaint, "the guest may change what is in", file);
    }
    assertEquals([...Deno.readDirSync(`${folder}/out`)].map(({ name }) => name), ["real.toml"]);
  }));

async function makeTree(folder: string): Promise<void> {
  for (const path of ["tree", "tree/deeper", "out"]) await Deno.mkdir(`${folder}/${path}`);
  await Deno.writeTextFile(`${folder}/tree/deeper/a.txt`, "fox\n");
  await Deno.writeTextFile(`${folder}/tree/other.txt`, "dog\n");
}

/** The recorded manifest without its comments, and the comments. */
async function recorded(folder: string): Promise<{ text: string; comments: string[] }> {
  const lines = (await Deno.readTextFile(`${folder}/policy.toml`)).split("\n");
  const isComment = (line: string) => line.startsWith("#");
  return {
    text: lines.filter((line) => !isComment(line)).join("\n").trim(),
    comments: lines.filter(isComment),
  };
}

Deno.test("aegis run --record-policy writes what was used, and a run with that does the same", () =>
  withFolder(async (folder) => {
    await makeTree(folder);
    const everything = [
      "--allow-read=.",
      "--dir",
      "out",
      "--allow-clock",
      "--allow-random",
      "--env",
      "SECRET=hunter2",
    ];
    const first = await runCommand("copy_tree", {
      folder,
      flags: [...everything, ...RECORD],
      args: ["tree/deeper", "out/first"],
    });
    assertEquals([first.status, first.complaint], [0, ""]);
    const { text, comments } = await recorded(folder);
    const head = `[modules.copy_tree]\npath = `;
    assertEquals(text.slice(0, head.length), head);
    assertEquals(
      text.slice(text.indexOf("\n\n") + 2),
      `[modules.copy_tree.capabilities]
allow_read = [ "tree/deeper" ]

[[modules.copy_tree.capabilities.dir]]
host = "out"
guest = "out"
rights = [ "write", "create" ]`,
    );
    assertStringIncludes(comments.join("\n"), 'not recorded: "SECRET"');
    assertEquals(comments.join("\n").includes("hunter2"), false);
    const again = await runRecorded(folder, ["tree/deeper", "out/second"]);
    assertEquals([again.status, again.complaint, again.text], [0, "", first.text]);
    const elsewhere = await runRecorded(folder, ["tree", "out/third"]);
    assertEquals(elsewhere.status, 1, "what was not used is not granted");
  }));

Deno.test("aegis run --record-policy tells what was denied, in one line each, and records a run that failed", () =>
  withFolder(async (folder) => {
    await makeTree(folder);
    const { status } = await runCommand("cat", {
      folder,
      flags: ["--allow-read=tree", ...RECORD],
      args: ["tree/other.txt", "/a\n[modules.x]\u202e"],
    });
    assertEquals(status, 1);
    const { text, comments } = await recorded(folder);
    assertStringIncludes(text, 'allow_read = [ "tree/other.txt" ]');
    const denied = comments.filter((line) => line.includes("denied"));
    assertEquals(denied.length, 1);
    assertStringIncludes(denied[0] ?? "", "[modules.x]");
    assertEquals(/[\u202e\n]/.test(denied[0] ?? ""), false);
  }));

Deno.test("aegis run --record-policy grants a directory where a program opens a thousand files of it", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/many`);
    for (let index = 0; index < 1000; index++) {
      await Deno.writeTextFile(`${folder}/many/${String(index).padStart(6, "0")}`, "x");
    }
    const run = { folder, args: ["many", "1000"] };
    const first = await runCommand("open_many", { ...run, flags: ["--allow-read=.", ...RECORD] });
    assertEquals(first.status, 0);
    // At this pace some are not told one by one, and what they were about is granted as it was.
    const { text, comments } = await recorded(folder),
      cut = comments.some((line) => line.includes("too fast"));
    assertStringIncludes(text, `allow_read = [ "${cut ? "." : "many"}" ]`);
    const again = await runRecorded(folder, run.args);
    assertEquals([again.status, again.text], [0, first.text]);
  }));

Deno.test("aegis run --record-policy records under process isolation, too", () =>
  withFolder(async (folder) => {
    const flags = ["--isolation", "process", "--allow-clock", "--allow-random", "--env", "A=1", ...RECORD];
    assertEquals((await runCommand("sleep", { folder, flags, args: ["1"] })).status, 0);
    const { text } = await recorded(folder);
    assertStringIncludes(text, `[modules.sleep.capabilities]\nallow_clock = `);
    assertEquals(/random|env/.test(text), false, text);
  }));

/** A note, the file, and words of the complaint. */
const REFUSED: readonly (readonly [note: string, file: string, complaint: string])[] = [
  ["no name", "", "it must be text"],
  ["stdout", "-", "without the name of a file"],
  ["two names", "a,b", "a path with a comma"],
  ["no folder", "missing/policy.toml", "there is no such file"],
  ["a folder", ".", "Cannot write"],
];

Deno.test("aegis run --record-policy refuses what is no file", () =>
  withFolder(async (folder) => {
    for (const [note, file, words] of REFUSED) {
      const { status, complaint } = await runCommand("sleep", {
        folder,
        flags: [`--record-policy=${file}`],
        args: ["1"],
      });
      assertEquals(status, 2, `${note}: ${complaint}`);
      assertStringIncludes(complaint, words, note);
    }
  }));
