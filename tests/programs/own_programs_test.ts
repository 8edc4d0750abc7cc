/** The programs of this folder do in a sandbox what they were written to do. */
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { programPath, runProgram, withProgram } from "./run_program.ts";
import { FILES, makeFileTree } from "./sample_trees.ts";
import { sha256, snapshot, withFolder } from "./temporary_folder.ts";

const CLOCK = ClockCapability.all({ resolution: "1ms" });

/** All rights over a folder, which the guest finds under `guest`. */
function full(host: string, guest: string): FilesystemCapability {
  return FilesystemCapability.full([{ host, guest }]);
}

Deno.test("copy_tree copies 1,000 files with what is in them and their times", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/from`);
    const { directories, bytes } = await makeFileTree(`${folder}/from`);
    const { status, stdout, stderr, denials } = await runProgram("copy_tree", {
      args: ["/tree/from", "/tree/to"],
      capabilities: [full(folder, "/tree")],
    });
    assertEquals([status, stderr, denials], [0, "", []]);
    assertEquals(stdout, `${FILES} files, ${directories} directories, ${bytes} bytes\n`);
    assertEquals(await snapshot(`${folder}/to`), await snapshot(`${folder}/from`));
  }));

Deno.test("copy_tree copies from one grant to another, and tells of links that it skips", () =>
  withFolder(async (folder) => {
    for (const name of ["from", "from/deeper", "to"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/from/deeper/text`, "hello");
    await Deno.symlink("deeper/text", `${folder}/from/link`);
    const { status, stdout, stderr } = await runProgram("copy_tree", {
      args: ["/in", "/out/copy"],
      capabilities: [
        FilesystemCapability.readOnly([{ host: `${folder}/from`, guest: "/in" }]),
        full(`${folder}/to`, "/out"),
      ],
    });
    assertEquals([status, stdout], [0, "1 files, 2 directories, 5 bytes\n"]);
    assertEquals(stderr, "copy_tree: /in/link: skipped, a link to deeper/text\n");
    assertEquals(await Deno.readTextFile(`${folder}/to/copy/deeper/text`), "hello");
  }));

/** The part of the tour on symbolic links, which no guest can make. Its native build prints another one. */
const SYMBOLIC_LINKS = `symbolic links
symlink: EPERM
  link: ENOENT
readlink: ENOENT
  leads to ""
lstat: ENOENT
  not a link
stat: ENOENT
  a file
open without following: ENOENT
readlink of a file: EINVAL
symlink to nothing: EPERM
  dangling: ENOENT
symlink to itself: EPERM
  loop: ENOENT
unlink: ENOENT
unlink: ENOENT
unlink: ENOENT
  target holds "behind the link"
unlink: ok
`;

Deno.test("files prints what its native build prints, but for links, which cannot be made", () =>
  withFolder(async (folder) => {
    const { status, stdout, stderr, denials } = await runProgram("files", {
      args: ["/tour"],
      capabilities: [full(folder, "/tour")],
    });
    assertEquals([status, stderr], [0, ""]);
    const parts = (await Deno.readTextFile(new URL("expected/files.txt", import.meta.url))).split(/^# /m);
    const expected = parts.map((part) => part.startsWith("symbolic links\n") ? SYMBOLIC_LINKS : part);
    assert(expected.includes(SYMBOLIC_LINKS));
    assertEquals(stdout, expected.join("# "));
    assertEquals(denials.map(({ action, target }) => `${action} ${target}`), [
      "create /tour/link",
      "create /tour/dangling",
      "create /tour/loop",
    ]);
    assertEquals(await snapshot(folder), {});
  }));

/** What environment prints of clocks and entropy, whatever is granted. */
const FACTS = `terminal 0: no
terminal 1: no
terminal 2: no
real-time clock: not zero, in order, with a resolution
monotonic clock: not zero, in order, with a resolution
entropy: 256 bytes, of all kinds
`;

Deno.test("environment is told what it was given, and its status is passed on", async () => {
  const { status, stdout, denials } = await runProgram("environment", {
    args: ["42", "two words", "", "ünï 🌳"],
    env: { ZEBRA: "z=1", APPLE: "", "ünï": "🌳\n" },
    stdin: "x".repeat(10_000),
    capabilities: [CLOCK],
  });
  assertEquals([status, denials], [42, []]);
  assertEquals(
    stdout,
    "arguments: 4\n  42\n  two words\n  \n  ünï 🌳\nenvironment: 3\n  APPLE=\n  ZEBRA=z=1\n  ünï=🌳\n\n" +
      `standard input: 10000 bytes\n${FACTS}`,
  );
});

Deno.test("environment without a grant sees no variable, and clocks that it can live with", async () => {
  const { status, stdout, denials } = await runProgram("environment");
  assertEquals([status, denials], [0, []]);
  assertEquals(stdout, `arguments: 0\nenvironment: 0\nstandard input: 0 bytes\n${FACTS}`);
});

Deno.test("sleep sleeps in real time where the clock is granted", async () => {
  const { stdout, metrics } = await runProgram("sleep", { args: ["300"], capabilities: [CLOCK] });
  assertEquals(stdout, "slept 300 ms: yes\n");
  assert(metrics.duration >= 300, `took ${metrics.duration} ms`);
  assert(metrics.cpuTime < 200, `worked ${metrics.cpuTime} ms`); // it was parked
});

Deno.test("sleep without the clock returns at once, and believes that an hour has passed", async () => {
  const run = () => runProgram("sleep", { args: ["3600000"] });
  const [first, second] = [await run(), await run()];
  assertEquals([first.stdout, second.stdout], Array(2).fill("slept 3600000 ms: yes\n"));
  assert(first.metrics.duration < 2000, `took ${first.metrics.duration} ms`);
  assertEquals(second.metrics.fuelConsumed, first.metrics.fuelConsumed);
});

/** A stream that delivers after a time, or never. */
function lateInput(
  delay?: number,
): { readonly stream: ReadableStream<Uint8Array>; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (delay !== undefined) timer = setTimeout(() => controller.enqueue(new Uint8Array(1)), delay);
    },
  });
  return { stream, stop: () => clearTimeout(timer) };
}

Deno.test("sleep poll wakes when standard input has bytes, has ended, or is late", async () => {
  const poll = async (time: number, stdin: ReadableStream<Uint8Array> | string) =>
    (await runProgram("sleep", { args: ["poll", String(time)], stdin, capabilities: [CLOCK] })).stdout;
  const early = lateInput(50), never = lateInput();
  try {
    assertEquals(await poll(20_000, early.stream), "standard input: bytes\n");
    assertEquals(await poll(20_000, "x"), "standard input: bytes\n");
    assertEquals(await poll(20_000, ""), "standard input: end\n");
    assertEquals(await poll(200, never.stream), "timeout after 200 ms: yes\n");
  } finally {
    early.stop();
  }
});

Deno.test("escape's bytes arrive as they were written", async () => {
  const { status, stdout, bytes } = await runProgram("escape");
  assertEquals([status, bytes.length], [0, 747]);
  for (
    const sequence of [
      "title: \x1b]0;owned\x07.\n",
      "bell: \x07.\n",
      "zero byte: \0.\n",
      ": \u202egpj.exe.\n",
    ]
  ) {
    assertStringIncludes(stdout, sequence);
  }
  // What the native build writes.
  assertEquals(await sha256(bytes), "c1f1506ac39f48deaf1d678010772bac55015a1d6fd7b5cce3d61a2ec38e246f");
});

/** Bytes of every value, not the same in any two blocks. */
function anyBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 167 + (index >> 8));
}

Deno.test("cat passes on standard input, given as bytes and as a stream", async () => {
  const bytes = anyBytes(300_000);
  assertEquals((await runProgram("cat", { stdin: bytes })).bytes, bytes);
  for (const piece of [1, 4099, 200_000]) {
    const given = bytes.slice(0, piece * 20);
    let at = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= given.length) return controller.close();
        controller.enqueue(given.slice(at, at += piece));
      },
    });
    assertEquals((await runProgram("cat", { stdin: stream })).bytes, given, `in pieces of ${piece}`);
  }
});

Deno.test("cat passes on files through buffers of every size, and between them standard input", () =>
  withFolder(async (folder) => {
    const bytes = anyBytes(150_001);
    await Deno.writeFile(`${folder}/bytes`, bytes);
    await Deno.writeFile(`${folder}/empty`, new Uint8Array());
    await Deno.writeTextFile(`${folder}/text`, "text\n");
    const capabilities = [FilesystemCapability.readOnly([{ host: folder, guest: "/in" }])];
    for (const buffer of ["3", "4096", "65535", "1000000"]) {
      const end = await runProgram("cat", { args: ["-b", buffer, "/in/bytes"], capabilities });
      assertEquals([end.status, end.stderr], [0, ""]);
      assertEquals(end.bytes, bytes, `through a buffer of ${buffer}`);
    }
    const args = ["/in/text", "-", "/in/empty", "/in/text"];
    assertEquals(
      (await runProgram("cat", { args, capabilities, stdin: "typed\n" })).stdout,
      "text\ntyped\ntext\n",
    );
  }));

Deno.test("cat says of each file why it cannot be read", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/secret`, "outside");
    await Deno.mkdir(`${folder}/in`);
    await Deno.symlink("../secret", `${folder}/in/out`);
    await Deno.symlink(`${folder}/secret`, `${folder}/in/absolute`);
    const { status, stdout, stderr } = await runProgram("cat", {
      args: ["/in/none", "/in", "/in/out", "/in/../secret", "/in/absolute", `${folder}/secret`],
      capabilities: [FilesystemCapability.readOnly([{ host: `${folder}/in`, guest: "/in" }])],
    });
    assertEquals([status, stdout], [1, ""]);
    assertEquals(stderr.split("\n"), [
      "cat: /in/none: No such file or directory",
      "cat: /in: Is a directory",
      "cat: /in/out: Operation not permitted",
      "cat: /in/../secret: Operation not permitted",
      "cat: /in/absolute: Operation not permitted",
      `cat: ${folder}/secret: Capabilities insufficient`,
      "",
    ]);
  }));

Deno.test("open_many writes 2,000 files and reads them, one open at a time", () =>
  withFolder(async (folder) => {
    const { status, stdout, stderr } = await runProgram("open_many", {
      args: ["/many", "2000", "create"],
      capabilities: [full(folder, "/many")],
    });
    assertEquals([status, stderr], [0, ""]);
    const names = Array.from({ length: 2000 }, (_, index) => String(index).padStart(6, "0"));
    const checksum = new TextEncoder().encode(names.join("")).reduce((sum, byte) => sum + byte, 0);
    assertEquals(stdout, `2000 files, 12000 bytes, checksum ${checksum}\n`);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).toSorted(), names);
    for (const name of names) assertEquals(await Deno.readTextFile(`${folder}/${name}`), name);
  }));

/** `ENOENT` of wasi-libc, negated. */
const NOT_FOUND = -44n;

/** `ENOTCAPABLE` of wasi-libc, negated. */
const NOT_CAPABLE = -76n;

Deno.test("reactor is initialized, and its exports read files in any number of calls", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/lines`, "one\ntwo\nthree\n");
    await Deno.writeFile(`${folder}/large`, anyBytes(100_000));
    const capabilities = [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])];
    await withProgram("reactor", { capabilities }, async (sandbox) => {
      assertEquals(await sandbox.call("is_initialized"), 42); // a constructor stored it
      const buffer = await sandbox.call<number>("buffer");
      const ask = async (name: string, path: string) => {
        const bytes = new TextEncoder().encode(path);
        await sandbox.writeMemory(buffer, bytes);
        return await sandbox.call(name, [bytes.length]);
      };
      assertEquals(await ask("file_length", "/data/lines"), 14n);
      assertEquals(await ask("line_count", "/data/lines"), 3n);
      assertEquals(await ask("file_length", "/data/large"), 100_000n);
      assertEquals(await ask("file_length", "/data/none"), NOT_FOUND);
      assertEquals(await ask("file_length", "/elsewhere/none"), NOT_CAPABLE);
      assertEquals(await sandbox.call("call_count"), 5);
      assertEquals(await ask("say", "hello\n"), 6);
      assertEquals(new TextDecoder().decode(sandbox.output().stdout), "hello\n");
      await sandbox.reset();
      assertEquals([await sandbox.call("is_initialized"), await sandbox.call("call_count")], [42, 0]);
    });
  }));

Deno.test("read_speed reads as much with every buffer", () =>
  withFolder(async (folder) => {
    const bytes = anyBytes(1_000_000);
    await Deno.writeFile(`${folder}/bytes`, bytes);
    const capabilities = [FilesystemCapability.readOnly([{ host: folder, guest: "/in" }])];
    for (const buffer of [100, 4096, 65_536, 2_000_000]) {
      const { stdout } = await runProgram("read_speed", {
        args: ["/in/bytes", String(buffer), "2"],
        capabilities,
      });
      const reads = Math.ceil(bytes.length / buffer);
      const checksum = bytes.reduce((sum, byte, index) => index % buffer === 0 ? sum + byte : sum, 0);
      assertEquals(stdout, `2000000 bytes, ${2 * reads} reads, checksum ${2 * checksum}\n`);
    }
  }));

Deno.test("programPath() names modules that import nothing but WASI", async () => {
  for (const { name } of Deno.readDirSync(programPath("cat").replace(/[^/]*$/, ""))) {
    const module = await WebAssembly.compile(await Deno.readFile(programPath(name.replace(/\.wasm$/, ""))));
    const modules = new Set(WebAssembly.Module.imports(module).map((item) => item.module));
    assertEquals([...modules], ["wasi_snapshot_preview1"], name);
  }
});
