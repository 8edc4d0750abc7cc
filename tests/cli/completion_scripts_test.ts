/** The scripts of `aegis completions` in the shells that this machine has: real ones, with the words as a Tab gives them. */
import { COMPLETION_SCRIPTS } from "../../src/cli/completion_scripts.ts";
import { SHELLS } from "../../src/cli/shells.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

const ENTRY = new URL("../../cli.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

function find(program: string): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (Deno.statSync(`${folder}/${program}`).isFile) return `${folder}/${program}`;
    } catch {
      // not there
    }
  }
  return undefined;
}

/** A folder with an `aegis`, a script of the shell, and files to find. */
async function withShell(
  name: string,
  use: (run: (script: string) => Promise<string[]>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_completions_" });
  try {
    await Deno.mkdir(`${folder}/bin`);
    await Deno.mkdir(`${folder}/modules/inner`, { recursive: true });
    await Deno.writeTextFile(`${folder}/modules/math.wasm`, "");
    await Deno.writeTextFile(`${folder}/modules/my notes.txt`, "");
    const launcher = `#!/bin/sh\nexec '${Deno.execPath()}' run -A --config '${CONFIG}' '${ENTRY}' "$@"\n`;
    await Deno.writeTextFile(`${folder}/bin/aegis`, launcher, { mode: 0o755 });
    const script = SHELLS.find((shell) => shell === name || name === "pwsh" && shell === "powershell") ??
      "bash";
    await Deno.writeTextFile(`${folder}/script`, COMPLETION_SCRIPTS[script]);
    await use(async (text) => {
      const options = name === "bash"
        ? ["--norc"]
        : name === "zsh"
        ? ["-f"]
        : name === "fish"
        ? ["-N"]
        : ["-NoProfile"];
      const { code, stdout, stderr } = await new Deno.Command(name, {
        args: [...options, name === "pwsh" ? "-Command" : "-c", text],
        cwd: folder,
        env: { PATH: `${folder}/bin:${Deno.env.get("PATH") ?? ""}`, HOME: folder },
        stdin: "null",
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals([code, said], [0, ""], text);
      return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What bash asks at a Tab behind these words, cut as bash cuts them, and what it is answered. */
function bashTab(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return `source ./script\nCOMP_WORDS=(${quoted})\nCOMP_CWORD=${words.length - 1}\n` +
    '_aegis\n[[ ${#COMPREPLY[@]} -eq 0 ]] || printf "%s\\n" "${COMPREPLY[@]}"';
}

Deno.test({
  name: "in bash, Tab completes commands, flags, values and files",
  ignore: find("bash") === undefined,
  async fn() {
    await withShell("bash", async (run) => {
      const tab = async (...words: string[]) => (await run(bashTab(words))).sort();
      assertEquals(await run("source ./script; complete -p aegis"), ["complete -F _aegis aegis"]);
      assertEquals(await tab("aegis", "ins"), ["inspect", "install"]);
      assertEquals(await tab("aegis", "task", "sto"), ["stop"]);
      assertEquals(await tab("aegis", "run", "--isol"), ["--isolation"]);
      assertEquals(await tab("aegis", "run", "--engine", ""), ["interpreter", "v8"]);
      assertEquals(await tab("aegis", "run", "-f", "json"), ["json", "json-compact"]);
      // Bash cuts at "=" and asks for what is behind it; where it does not, it wants the whole word.
      assertEquals(await tab("aegis", "run", "--engine", "="), ["interpreter", "v8"]);
      assertEquals(await tab("aegis", "run", "--engine", "=", "i"), ["interpreter"]);
      assertEquals(await tab("aegis", "run", "--engine=i"), ["--engine=interpreter"]);
      assertEquals(await tab("aegis", "run", "modules/ma"), ["modules/math.wasm"]);
      assertEquals(await tab("aegis", "run", "modules/my\\ no"), ["modules/my notes.txt"]);
      assertEquals(await tab("aegis", "run", "--config", "=", "modules/m"), [
        "modules/math.wasm",
        "modules/my notes.txt",
      ]);
      assertEquals(await tab("aegis", "run", "--dir", "modules/"), ["modules/inner"]);
      assertEquals(await tab("aegis", "run", "--allow-net", "example.com", ":", "80", "modules/ma"), [
        "modules/math.wasm",
      ]);
      assertEquals(await tab("aegis", "run", "m.wasm", "--", "modules/i"), ["modules/inner"]);
      assertEquals(await tab("aegis", "nonsense", ""), []);
    });
  },
});

Deno.test({
  name: "in zsh, Tab completes commands, flags, values and files",
  ignore: find("zsh") === undefined,
  async fn() {
    await withShell("zsh", async (run) => {
      // What zsh has only while it completes is replaced by what tells of it.
      const setup = "compdef() { print -r -- compdef $* }\n_describe() { print -rl -- $items }\n" +
        "_files() { print -r -- files $* }\ncompset() { }\nsource ./script\n";
      const tab = (...words: string[]) =>
        run(
          `${setup}words=(${words.map((word) => `'${word}'`).join(" ")})\nCURRENT=${words.length}\n` +
            "PREFIX=$words[-1]\n_aegis; true",
        );
      assertEquals(await run(setup), ["compdef _aegis aegis"]);
      assertEquals((await tab("aegis", "ins")).map((line) => line.split(":")[0]), [
        "compdef _aegis aegis",
        "inspect",
        "install",
      ]);
      assertEquals((await tab("aegis", "run", "--engine=i"))[1]?.split(":")[0], "--engine=interpreter");
      assertEquals((await tab("aegis", "run", "--engine", "v"))[1]?.split(":")[0], "v8");
      assertEquals((await tab("aegis", "run", "")).at(-1), "files");
      assertEquals((await tab("aegis", "run", "--dir", "")).at(-1), "files -/");
    });
  },
});

Deno.test({
  name: "in fish, Tab completes commands, flags, values and files",
  ignore: find("fish") === undefined,
  async fn() {
    await withShell("fish", async (run) => {
      const tab = async (line: string) =>
        (await run(`source ./script; complete -C '${line}'`)).map((row) => row.split("\t")[0]).sort();
      assertEquals(await tab("aegis ins"), ["inspect", "install"]);
      assertEquals(await tab("aegis task sto"), ["stop"]);
      assertEquals(await tab("aegis run --isol"), ["--isolation"]);
      assertEquals(await tab("aegis run --engine "), ["interpreter", "v8"]);
      assertEquals(await tab("aegis run --engine=i"), ["--engine=interpreter"]);
      assertEquals(await tab("aegis run modules/ma"), ["modules/math.wasm"]);
      assertEquals(await tab("aegis run --config=modules/ma"), ["--config=modules/math.wasm"]);
      assertEquals(await tab("aegis run --dir modules/"), ["modules/inner/"]);
    });
  },
});

Deno.test({
  name: "in PowerShell, Tab completes commands, flags, values and files",
  ignore: find("pwsh") === undefined,
  async fn() {
    await withShell("pwsh", async (run) => {
      const tab = (line: string) =>
        run(
          `Get-Content -Raw ./script | Invoke-Expression; ` +
            `(TabExpansion2 '${line}' ${line.length}).CompletionMatches | ForEach-Object { $_.CompletionText }`,
        );
      assertEquals(await tab("aegis ins"), ["inspect", "install"]);
      assertEquals(await tab("aegis run --engine "), ["v8", "interpreter"]);
      assertEquals(await tab("aegis run --engine=i"), ["--engine=interpreter"]);
      assert((await tab("aegis run modules/ma")).some((word) => word.endsWith("math.wasm")));
    });
  },
});

Deno.test("every script asks aegis itself, and registers for it", () => {
  for (const shell of SHELLS) {
    const script = COMPLETION_SCRIPTS[shell];
    assertStringIncludes(script, `aegis completions ${shell} `);
    assert(script.split("\n").every((line) => line.length <= 120), shell);
  }
});
