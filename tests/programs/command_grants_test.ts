/** Streams, statuses and the flags that grant something, with real programs under the real command. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "../assert.ts";
import { runCommand, startCommand } from "./run_command.ts";
import { snapshot, withFolder } from "./temporary_folder.ts";

Deno.test("aegis run passes standard input on", () =>
  withFolder(async (folder) => {
    const { status, text, complaint } = await runCommand("cat", { folder, stdin: "hello\n" });
    assertEquals([status, text, complaint], [0, "hello\n", ""]);
    const long = "0123456789abcdef".repeat(50_000);
    assertEquals((await runCommand("cat", { folder, stdin: long })).text, long);
  }));

Deno.test("aegis run --isolation process grants files, variables and streams as otherwise", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "content\n");
    const process = ["--isolation", "process"], granted = ["--dir", `${folder}::/in:ro`];
    const read = await runCommand("cat", { folder, flags: [...process, ...granted], args: ["/in/file"] });
    assertEquals([read.status, read.text, read.complaint], [0, "content\n", ""]);
    assertNotEquals((await runCommand("cat", { folder, flags: process, args: ["/in/file"] })).status, 0);
    assertEquals((await runCommand("cat", { folder, flags: process, stdin: "typed\n" })).text, "typed\n");
    const seen = await runCommand("environment", {
      folder,
      flags: [...process, "--env", "A=b"],
      args: ["7"],
    });
    assertEquals(seen.status, 7);
    assertStringIncludes(seen.text, "environment: 1\n  A=b\n");
  }));

Deno.test("aegis run passes the status of a program on", () =>
  withFolder(async (folder) => {
    for (const [given, status] of [["0", 0], ["1", 1], ["77", 77], ["255", 255], ["256", 255]] as const) {
      assertEquals((await runCommand("environment", { folder, args: [given] })).status, status, given);
    }
  }));

Deno.test("aegis run ends a program whose reader has gone, as SIGPIPE would", () =>
  withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/large`, new Uint8Array(20_000_000));
    const child = startCommand("cat", { folder, flags: ["--dir", `${folder}::/in:ro`], args: ["/in/large"] });
    await child.stdin.close();
    const reader = child.stdout.getReader();
    assert(!(await reader.read()).done);
    await reader.cancel();
    const complaint = await new Response(child.stderr).text();
    assertEquals([(await child.status).code, complaint], [141, ""]);
  }));

Deno.test("aegis run gives a program the variables that are named", () =>
  withFolder(async (folder) => {
    const env = { ALLOWED: "from outside", ALSO: "too", SECRET: "hidden" };
    const flags = [
      "--env",
      "SET=a=b",
      "--env",
      "EMPTY=",
      "--env",
      "ALSO",
      "--allow-env",
      "ALLOWED",
      "--allow-env",
      "UNSET",
    ];
    const { text, complaint } = await runCommand("environment", { folder, env, flags });
    assertStringIncludes(
      text,
      "environment: 4\n  ALLOWED=from outside\n  ALSO=too\n  EMPTY=\n  SET=a=b\nstandard input",
    );
    assertEquals(complaint, "");
  }));

/** Writes 16 random bytes, then the time of day in nanoseconds, little end first. */
const SURROUNDINGS = `(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\18\\00\\00\\00")
  (func (export "_start")
    (drop (call $random (i32.const 16) (i32.const 16)))
    (drop (call $time (i32.const 0) (i64.const 1) (i32.const 32)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
`;

/** What a guest finds of randomness and of time, in milliseconds. */
async function surroundings(
  folder: string,
  flags: readonly string[],
): Promise<{ random: string; time: number }> {
  const { status, stdout, complaint, hints } = await runCommand(`${folder}/surroundings.wat`, {
    folder,
    flags,
  });
  assertEquals([status, stdout.length, complaint, hints], [0, 24, "", []]);
  const nanoseconds = new DataView(stdout.buffer).getBigUint64(16, true);
  return { random: stdout.slice(0, 16).toHex(), time: Number(nanoseconds / 1_000_000n) };
}

Deno.test("aegis run gives random bytes by --seed and --allow-random, else always the same", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/surroundings.wat`, SURROUNDINGS);
    const random = async (...flags: string[]) => (await surroundings(folder, flags)).random;
    const [none, seeded, other, secure] = [
      await random(),
      await random("--seed", "1"),
      await random("--seed", "9007199254740991"),
      await random("--allow-random"),
    ];
    assertEquals([await random(), await random("--seed", "1")], [none, seeded]);
    assertNotEquals(await random("--allow-random"), secure);
    assertEquals(new Set([seeded, other, secure]).size, 3);
    assert(new Set(seeded).size > 4, seeded);
  }));

Deno.test("aegis run shows the time with --allow-clock alone", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/surroundings.wat`, SURROUNDINGS);
    const before = Date.now();
    const { time } = await surroundings(folder, ["--allow-clock"]);
    assert(time >= before && time <= Date.now(), `${time} is from ${before}`);
    const fakes = [await surroundings(folder, []), await surroundings(folder, [])];
    assertEquals(fakes[0], fakes[1]);
    assert(Math.abs((fakes[0]?.time ?? 0) - before) > 86_400_000);
    const slept = await runCommand("sleep", { folder, args: ["200"], flags: ["--allow-clock", "--metrics"] });
    assertEquals([slept.status, slept.text], [0, "slept 200 ms: yes\n"]);
    assert(Number(/Duration: ([0-9.]+)ms/.exec(slept.complaint)?.[1]) >= 200, slept.complaint);
  }));

Deno.test("aegis run keeps what was given with :ro from every change", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(`${folder}/data/a.txt`, "a word");
    const before = await snapshot(folder);
    const attempts = [
      ["copy_tree", "/data", "/data/copy"],
      ["open_many", "/data", "1", "create"],
      ["word_count", "/data", "/data/counts"],
    ] as const;
    for (const [program, ...args] of attempts) {
      const end = await runCommand(program, { folder, args, flags: ["--dir", "data::/data:ro"] });
      assertEquals(end.status, 1);
      assertStringIncludes(end.complaint, "Read-only file system");
      assertEquals(end.hints.length, 1);
      assertStringIncludes(end.hints[0] ?? "", `: --dir=${folder}/data::/data allows it`);
    }
    const read = await runCommand("cat", {
      folder,
      args: ["/data/a.txt"],
      flags: ["--dir", "data::/data:ro"],
    });
    assertEquals([read.status, read.text, read.hints], [0, "a word", []]);
    assertEquals(await snapshot(folder), before);
  }));

Deno.test("aegis run gives directories under every kind of name", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(`${folder}/data/a.txt`, "a word");
    const names = [
      ["--dir", "data", "data/a.txt"],
      ["--dir", "./data:ro", "./data/a.txt"],
      ["--dir", ".", "data/a.txt"],
      ["--allow-read", ".", "./data/a.txt"],
      ["--dir", "data::/", "/a.txt"],
      ["--dir", "data::.", "a.txt"],
      ["--dir", `${folder}::/deep/in/it`, "/deep/in/it/data/a.txt"],
      ["--dir", folder, `${folder}/data/a.txt`],
      ["--allow-read", "data/a.txt", "data/a.txt"],
      ["--allow-read", `${folder}/data`, `${folder}/data/a.txt`],
    ] as const;
    for (const [flag, value, path] of names) {
      const { text, complaint } = await runCommand("cat", { folder, args: [path], flags: [flag, value] });
      assertEquals([text, complaint], ["a word", ""], `${flag} ${value} -- ${path}`);
    }
  }));

Deno.test("aegis run takes every form of a host that a guest may be granted", () =>
  withFolder(async (folder) => {
    for (
      const host of ["example.com", "*.example.com", "127.0.0.1:8080", "[::1]:8080", "https://example.com"]
    ) {
      const { status, text } = await runCommand("cat", {
        folder,
        flags: [`--allow-net=${host}`],
        stdin: "in",
      });
      assertEquals([status, text], [0, "in"], host);
    }
  }));

Deno.test("a program in Go finds what was granted under a relative name, by that name", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/src`);
    await Deno.writeTextFile(`${folder}/src/a`, "TODO\n");
    for (const granted of ["src", "."]) {
      const setting = { folder, flags: ["--allow-read", granted], args: ["TODO", "src"] };
      const { text, complaint } = await runCommand("grep_tree", setting);
      assertStringIncludes(text + complaint, "src/a:1: TODO", granted);
    }
  }));

Deno.test("a hint names no file of this machine that a guest's path upwards does not mean", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a`);
    for (const path of ["../etc/hostname", "a/../b", "../../../../../../etc/hostname"]) {
      const { hints } = await runCommand("cat", { folder, args: [path] });
      assertEquals(hints, [
        `hint: The guest was denied to read "${path}": no flag allows a path that leads upwards, --dir gives another name\n`,
      ]);
    }
  }));

Deno.test("a hint gives the guest's name of a file that it was told by this machine's", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x`, "");
    const path = await Deno.realPath(`${folder}/x`);
    const { hints, status } = await runCommand("cat", { folder, flags: ["--allow-read=."], args: [path] });
    assertEquals([status, hints], [
      1,
      [`hint: The guest finds "${path}" under the name that was granted: "x"\n`],
    ]);
  }));
