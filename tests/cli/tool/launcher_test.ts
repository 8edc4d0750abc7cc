import { cmdLauncher, cmdWord, shLauncher, shWord } from "../../../src/cli/tool/launcher.ts";
import { AegisError } from "../../../src/core/errors.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";

const noShell = Deno.build.os === "windows";

/** Words that a shell would do something with. */
const HOSTILE = [
  "",
  " ",
  "a b",
  "it's",
  "'",
  "''",
  "'; touch owned; '",
  "$(touch owned)",
  "`touch owned`",
  "$HOME ${HOME} $0",
  "line\nbreak\n",
  'double " quote',
  "back\\slash\\",
  "\\'",
  "a\tb\r",
  "* ? [a]",
  "~ ! # & | < > ( ) { } ; =",
  "-n",
  "\u{1f600} ü",
];

Deno.test({
  name: "shWord() is one word for a shell, whatever is in it",
  ignore: noShell,
  async fn() {
    const script = `for word in ${HOSTILE.map(shWord).join(" ")}; do printf '%s\\0' "$word"; done`;
    const { stdout, stderr } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(new TextDecoder().decode(stdout).split("\0").slice(0, -1), HOSTILE);
  },
});

Deno.test("shWord() and cmdWord() refuse what no script can hold", () => {
  assertThrows(() => shWord("a\0b"), AegisError, "no script can hold it");
  for (const text of ['a"b', "a\nb", "a\0b"]) assertThrows(() => cmdWord(text), AegisError);
  assertEquals(cmdWord("C:\\100% of it\\"), '"C:\\100%% of it\\\\"');
});

const WORDS = {
  name: "tool",
  places: {
    deno: "/a b/de'no",
    compiled: false,
    entry: "file:///e/installed_main.ts",
    config: "/e/$(touch owned)/deno.json",
    lock: "/e/deno.lock",
  },
  tool: "/r\n`touch owned`/t.json",
  hash: "0".repeat(64),
  denoDir: "/cache's",
  variables: ["GRANTED"],
};

Deno.test({
  name: "shLauncher() hands its words on untouched, to the deno that it names and to no other",
  ignore: noShell,
  async fn() {
    const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_launcher_" }));
    try {
      const deno = `${folder}/de'no $(x)`;
      await Deno.writeTextFile(
        deno,
        `#!/bin/sh\nprintf '%s\\0' "$@" "$DENO_DIR" "\${DENO_V8_FLAGS-unset}"\n`,
      );
      await Deno.writeTextFile(`${folder}/deno`, "#!/bin/sh\necho owned\n");
      await Deno.writeTextFile(
        `${folder}/launcher`,
        shLauncher({ ...WORDS, places: { ...WORDS.places, deno } }),
      );
      for (const name of [deno, `${folder}/deno`, `${folder}/launcher`]) await Deno.chmod(name, 0o755);
      const { stdout } = await new Deno.Command(`${folder}/launcher`, {
        args: HOSTILE,
        cwd: folder,
        env: { PATH: folder, DENO_V8_FLAGS: "--x", DENO_DIR: folder },
      }).output();
      const words = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
      assertEquals(words.slice(-2 - HOSTILE.length), [...HOSTILE, "/cache's", "unset"]);
      assertEquals(words[0], "run");
      assert(words.includes(`--config=${WORDS.places.config}`) && words.includes(WORDS.tool));
      assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name === "owned"), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Shells that a system may have as its `sh`. */
const SHELLS = [["/bin/sh"], ["/bin/dash"], ["/bin/bash", "--posix"], ["/bin/busybox", "sh"]]
  .filter(([path = ""]) => isThere(path));

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A folder with a launcher that starts a script in the place of deno. */
async function withLauncher(script: string, use: (launcher: string) => Promise<void>) {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_launcher_" }));
  try {
    const deno = `${folder}/deno`, launcher = `${folder}/launcher`;
    await Deno.writeTextFile(deno, `#!/bin/sh\n${script}\n`);
    await Deno.writeTextFile(launcher, shLauncher({ ...WORDS, places: { ...WORDS.places, deno } }));
    for (const name of [deno, launcher]) await Deno.chmod(name, 0o755);
    await use(launcher);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "shLauncher() hands on the variables that it names, and none by which Deno would run something else",
  ignore: noShell,
  fn: () =>
    withLauncher("exec /usr/bin/env -0", async (launcher) => {
      for (const [shell = "", ...args] of SHELLS) {
        const { stdout, stderr } = await new Deno.Command(shell, {
          args: [...args, launcher],
          clearEnv: true,
          env: {
            HOME: "/h o'me",
            GRANTED: "two\tw$(x)rds *\nexport HOME='/other'\ndeclare -x GRANTED=\n",
            NO_COLOR: "",
            DENO_UNSTABLE_CONTROL_SOCK: "unix:/s",
            DENO_PERMISSION_BROKER_PATH: "/s",
            DENO_TOKIO_WORKER_THREADS: "1",
            DENO_LOG: "trace",
            DENO_AUTO_SERVE: "1",
            DENO_OF_NEXT_YEAR: "1",
            DENO_CERT: "a\nb=c\n'\n",
            DENO_DIR: "/other",
            NODE_OPTIONS: "export =",
            LD_DEBUG_OUTPUT: "/s",
            OTHER: "1",
            IFS: "AEOX",
            aegis_launcher_line: "1",
            aegis_launcher_name: "1",
            SHELLOPTS: "posix",
          },
        }).output();
        const given = new TextDecoder().decode(stdout).split("\0").filter((line) =>
          !/^(?:PWD|SHLVL|OLDPWD|_|SHELLOPTS|BASH_FUNC_.*)?(?:=|$)/s.test(line)
        );
        assertEquals(
          given.sort(),
          [
            "DENO_DIR=/cache's",
            "GRANTED=two\tw$(x)rds *\nexport HOME='/other'\ndeclare -x GRANTED=\n",
            "HOME=/h o'me",
            "NO_COLOR=",
          ],
          `${shell}: ${new TextDecoder().decode(stderr)}`,
        );
      }
    }),
});

Deno.test({
  name: "shLauncher() puts no value on a command line, not for an instant",
  ignore: noShell || Deno.build.os !== "linux",
  fn: () =>
    withLauncher("sleep 0.05", async (launcher) => {
      const seen = new Set<string>();
      for (let time = 0; time < 10; time++) {
        const child = new Deno.Command(launcher, { env: { GRANTED: "a secret", HOME: "a secret" } }).spawn();
        // The process is the same one from the shell to what is started at last.
        for (let ended = false; !ended;) {
          seen.add(ofProcess(child.pid, "cmdline"));
          ended = /\) [ZX] |^$/.test(ofProcess(child.pid, "stat"));
        }
        await child.status;
      }
      assert([...seen].some((words) => words.includes("launcher")), "it was seen on its way");
      assertEquals([...seen].filter((words) => words.includes("a secret")), []);
    }),
});

/** What the system tells of a process; nothing when it has ended. */
function ofProcess(pid: number, what: "cmdline" | "stat"): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${what}`);
  } catch {
    return "";
  }
}

Deno.test("a launcher hands on no variable of the runtime, and none of its own", () => {
  for (const name of ["DENO_LOG", "node_options", "LD_PRELOAD", "IFS", "a-b", "a b", "$(x)", ""]) {
    assertThrows(
      () => shLauncher({ ...WORDS, variables: [name] }),
      AegisError,
      "Cannot hand variable",
    );
  }
});

Deno.test("cmdLauncher() quotes its words, and takes the same variables away", () => {
  const text = cmdLauncher({
    ...WORDS,
    places: { ...WORDS.places, deno: "C:\\de no\\deno.exe", config: "C:\\50%\\deno.json", lock: undefined },
    tool: "C:\\t.json",
    denoDir: "C:\\c",
  });
  assertStringIncludes(text, '"C:\\de no\\deno.exe" "run" ');
  assertStringIncludes(text, '"--config=C:\\50%%\\deno.json" "--no-lock"');
  assertStringIncludes(text, '\r\nset "DENO_V8_FLAGS="\r\n');
  assertStringIncludes(text, '\r\nset "DENO_UNSTABLE_CONTROL_SOCK="\r\n');
  assert(text.split("\r\n").every((line) => !line.includes("\n")));
});
