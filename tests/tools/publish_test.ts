/**
 * Both packages as others get them: `deno publish` finds nothing wrong with them, and what it sends to a registry is
 * installed, runs and has types.
 */
import { VERSION } from "../../src/cli/version.ts";
import { PACKAGE_CONFIGS, type PackageConfig, stagePackage } from "../../tools/packages.ts";
import { publishArguments } from "../../tools/publish.ts";
import { denoDirectory } from "../../src/cli/tool/deno_directory.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { splitWords } from "../markdown.ts";
import { LocalRegistry } from "./local_registry.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts a program. @param cwd where it is no part of the repository */
async function start(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_PROMPT: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_published_" }));
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const config of PACKAGE_CONFIGS) {
  Deno.test(`deno publish finds nothing to say about ${config}, slow types included`, async () => {
    await withFolder(async (cwd) => {
      const { name } = await stagePackage({ root: ROOT, config, imports: "npm" }, cwd);
      const { code, err } = await start(Deno.execPath(), publishArguments({ upload: false }), { cwd });
      assertEquals(code, 0, err);
      for (const line of [`Simulating publish of ${name}@${VERSION}`, "Dry run complete"]) {
        assertStringIncludes(err, line);
      }
      // A package that is fetched may be called http-errors.
      const said = err.split("\n").filter((line) => !/^( +file:|Download )/.test(line)).join("\n");
      assert(!/warning|error|--allow-slow-types/i.test(said), said);
    });
  });
}

/** What the registry has of `@std`: its mirror, under the names and exports of the map that is published. */
function standardPackages(): Map<string, Record<string, string>> {
  const { imports } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`)) as Pick<
    PackageConfig,
    "imports"
  >;
  const packages = new Map<string, Record<string, string>>();
  for (const [specifier, target] of Object.entries(imports)) {
    const [, name = "", below = ""] = /^(@std\/[^/]+)(\/.*)?$/.exec(specifier) ?? [];
    if (name === "") continue;
    packages.set(name, {
      ...packages.get(name),
      [`.${below}`]: `export * from ${JSON.stringify(target)};\n`,
    });
  }
  return packages;
}

/** The line of a document that installs the command from the registry. */
function installLine(): string {
  const line = Deno.readTextFileSync(`${ROOT}/docs/install.md`).split("\n").find((one) =>
    one.startsWith("deno install ") && one.includes("jsr:@aegis/cli")
  );
  assert(line !== undefined);
  return line;
}

Deno.test({
  name: "what is published is installed, runs guests in both isolations, and has types",
  ignore: Deno.build.os === "windows",
  async fn(t) {
    await using registry = new LocalRegistry();
    await withFolder(async (folder) => {
      // Packages of npm are had where this program has them; nothing else of its cache is used.
      const denoDir = `${folder}/deno`, own = await denoDirectory({ deno: Deno.execPath(), compiled: false });
      await Deno.mkdir(denoDir);
      await Deno.symlink(`${own}/npm`, `${denoDir}/npm`);
      const env = { JSR_URL: registry.url, DENO_DIR: denoDir };
      const deno = (args: readonly string[]) => start(Deno.execPath(), args, { cwd: folder, env });

      for (const [name, modules] of standardPackages()) registry.add(`${name}@1.0.0`, modules);
      for (const config of PACKAGE_CONFIGS) {
        const cwd = `${folder}/${config}`;
        await Deno.mkdir(cwd);
        await stagePackage({ root: ROOT, config, imports: "jsr" }, cwd);
        const args = [...publishArguments({ upload: true }), "--token=none"];
        const { code, err } = await start(Deno.execPath(), args, { cwd, env });
        assertEquals(code, 0, err);
        await Deno.remove(cwd, { recursive: true });
      }
      await Deno.copyFile(`${ROOT}/examples/add.wat`, `${folder}/add.wat`);

      await t.step("the command", async () => {
        for (const isolation of ["worker", "process"]) {
          const words = ["run", "add.wat", "-e", "add", "-q", "--isolation", isolation, "--", "2", "3"];
          const { code, out, err } = await deno(["run", "-A", "jsr:@aegis/cli", ...words]);
          assertEquals([code, out], [0, "5\n"], err);
        }
      });

      await t.step("the command, installed as docs/install.md says", async () => {
        const [, ...words] = splitWords(installLine());
        const installed = await start(Deno.execPath(), words, {
          cwd: folder,
          env: { ...env, DENO_INSTALL_ROOT: folder },
        });
        assertEquals(installed.code, 0, installed.err);
        const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`;
        const said = await start(`${folder}/bin/aegis`, ["version"], {
          cwd: folder,
          env: { ...env, PATH: path },
        });
        assertEquals([said.code, said.out], [0, `aegis ${VERSION}\n`], said.err);
        const doctor = await start(`${folder}/bin/aegis`, ["doctor"], {
          cwd: folder,
          env: { ...env, PATH: path },
        });
        assertEquals(doctor.code, 0, doctor.out + doctor.err);
      });

      await t.step("the library", async () => {
        await Deno.writeTextFile(`${folder}/deno.json`, '{ "unstable": ["worker-options"] }\n');
        await Deno.writeTextFile(
          `${folder}/main.ts`,
          'import { Aegis } from "jsr:@aegis/core";\nimport { PRIORITIES } from "jsr:@aegis/core/tasks";\n' +
            'import { httpHandler } from "jsr:@aegis/core/wrappers";\n\n' +
            'await using runtime = await Aegis.create({ fuelLimit: "1M" });\n' +
            "await using sandbox = await runtime.sandbox().build();\n" +
            'await sandbox.loadModule(await runtime.loadFile("add.wat"));\n' +
            'console.log(await sandbox.call("add", [2, 3]), Object.keys(PRIORITIES).length, typeof httpHandler);\n',
        );
        const { code, out, err } = await deno(["run", "--check", "-A", "main.ts"]);
        assertEquals([code, out], [0, "5 3 function\n"], err);
      });
    });
  },
});
