/** What isolation does in processes that are started otherwise than these tests: without the flag, or without rights. */
import { becomes, guestsOf, HAS_PROC } from "./child_processes.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";

const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);
const MAP = new URL("../../deno.json", import.meta.url).pathname;

/** `add` of two i32, in binary. */
const ADD =
  "Uint8Array.from(atob('AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags='), (c) => c.charCodeAt(0))";

interface Ran {
  readonly out: string;
  readonly code: number;
}

/** Runs a program without any configuration: what stands on the command line is all there is. */
async function run(flags: readonly string[], body: string): Promise<Ran> {
  return await withProgram(flags, body, async (child) => {
    const { code, stdout } = await child.output();
    return { out: new TextDecoder().decode(stdout).trim(), code };
  });
}

async function withProgram<Result>(
  flags: readonly string[],
  body: string,
  work: (child: Deno.ChildProcess) => Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "aegis-no-flag-" });
  try {
    await Deno.writeTextFile(`${folder}/main.ts`, `import * as aegis from ${MOD};\n${body}`);
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--no-prompt",
        "--no-lock",
        ...flags,
        `--import-map=${MAP}`,
        `${folder}/main.ts`,
      ],
      stdout: "piped",
      stderr: "null",
    });
    return await work(command.spawn());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const CALL = (options: string) => `
  try {
    await using runtime = await aegis.Aegis.create(${options});
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadBytes(${ADD}));
    console.log(await sandbox.call("add", [2, 3]));
  } catch (error) { console.log(error.code, error.field, error.message, error.suggestion); }`;

for (const options of ['{ isolation: "process" }', '{ isolation: "auto" }', "{}"]) {
  Deno.test(`Aegis.create(${options}) needs no unstable flag`, async () => {
    assertEquals(await run(["-A"], CALL(options)), { out: "5", code: 0 });
  });
}

Deno.test("Aegis.create() needs the permission to run deno alone", async () => {
  assertEquals(await run([`--allow-run=${Deno.execPath()}`], CALL("{}")), { out: "5", code: 0 });
});

Deno.test("Aegis.create() without flag and permission names both cures, and starts nothing", async () => {
  for (const options of ["{}", '{ isolation: "process" }']) {
    const { out, code } = await run(
      [],
      `globalThis.Worker = class { constructor() { console.log("started"); } };
      Deno.Command = class { constructor() { console.log("started"); } }; ${CALL(options)}`,
    );
    assertMatch(out, /^UnsupportedPlatform isolation /);
    assertStringIncludes(out, `--allow-run=${Deno.execPath()}`);
    assertStringIncludes(out, "--unstable-worker-options");
    assert(!out.includes("started"), out);
    assertEquals(code, 0);
  }
});

Deno.test("a process gives no guest what its host may not do itself, be it all or a part", async () => {
  const grant = (path: string) =>
    `{ isolation: "process", capabilities: [aegis.FilesystemCapability.readOnly([${
      JSON.stringify(path)
    }])] }`;
  const deno = `--allow-run=${Deno.execPath()}`, folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/secret`);
    assertEquals((await run([deno, `--allow-read=${folder}`], CALL(grant(folder)))).out, "5");
    assertMatch(
      (await run([deno, "--allow-read=/usr"], CALL(grant(folder)))).out,
      /^(InvalidOption|Error|undefined) /,
    );
    const part = await run(
      [deno, `--allow-read=${folder}`, `--deny-read=${folder}/secret`],
      CALL(grant(folder)),
    );
    assertMatch(part.out, /^InvalidOption capabilities .*part of read access/);
    const all =
      '{ isolation: "process", capabilities: [aegis.NetworkCapability.hosts(["https://example.com"])] }';
    assertMatch(
      (await run([deno], CALL(all))).out,
      /^InvalidOption capabilities .*net access to "example.com:443"/,
    );
    assertEquals((await run([deno, "--allow-net=example.com"], CALL(all))).out, "5");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a host that is killed takes the processes of its guests with it, also of one that computes",
  ignore: !HAS_PROC,
  fn: async () => {
    const body =
      `const runtime = await aegis.Aegis.create({ isolation: "process", fuelLimit: "unlimited", timeout: "60s" });
      const sandbox = await runtime.sandbox().build();
      await sandbox.loadModule(await runtime.loadWat('(module (func (export "spin") (loop br 0)))'));
      void sandbox.call("spin");
      setTimeout(() => console.log("spins"), 200);`;
    await withProgram(["-A"], body, async (child) => {
      const reader = child.stdout.getReader();
      assertStringIncludes(new TextDecoder().decode((await reader.read()).value), "spins");
      const guests = guestsOf(child.pid).map(({ pid }) => pid);
      assert(guests.length > 0);
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      const alive = () => guests.filter((pid) => isAlive(pid));
      assert(await becomes(() => alive().length === 0), `alive: ${alive()}`);
    });
  },
});

function isAlive(pid: number): boolean {
  try {
    return !/\nState:\s*Z/.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
