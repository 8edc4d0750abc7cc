/**
 * Runs the public WASI test suite (preview 1) through sandboxes and writes the score, test by test. Each test runs on V8
 * and on the interpreter, which has to end as V8 does. The suite is not part of this project: pass the folder that holds
 * its `tests`, with the prebuilt modules.
 *
 *     deno task test:wasi DIRECTORY [--write docs/wasi_testsuite.md]
 */
import { parseArgs } from "node:util";
import { difference, isSteady, type TestEnd } from "./engine_difference.ts";
import type { Engine } from "../../src/core/engine.ts";
import { Aegis } from "../../src/sandbox/aegis.ts";
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { renderScore, type SuiteResult } from "./score.ts";
import { readSpecification, type Specification } from "./specification.ts";

/** Languages whose tests for preview 1 the suite has, each in a folder of its own. */
const LANGUAGES = ["assemblyscript", "c", "rust"] as const;

const decoder = new TextDecoder();

async function runTest(path: string, specification: Specification, engine: Engine): Promise<TestEnd> {
  const root = specification.root === undefined
    ? undefined
    : await Deno.makeTempDir({ prefix: "aegis-wasi-" });
  try {
    if (root !== undefined) await copyFolder(`${path.replace(/[^/]*$/, "")}${specification.root}`, root);
    await using runtime = await Aegis.create({
      engine,
      isolation: "worker",
      capabilities: [
        ClockCapability.all({ resolution: 0.001 }),
        RandomCapability.secure(),
        ...(Object.keys(specification.env).length === 0 ? [] : [EnvCapability.set(specification.env)]),
        ...(root === undefined ? [] : [FilesystemCapability.full([{ host: root, guest: "/" }])]),
      ],
    });
    await using sandbox = await runtime.sandbox({ args: ["test.wasm", ...specification.args] }).build();
    await sandbox.loadModule(await runtime.loadFile(path));
    const status = await sandbox.run(), { stdout, stderr } = sandbox.output();
    return {
      status,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
      fuel: sandbox.metrics().fuelConsumed,
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    if (root !== undefined) await Deno.remove(root, { recursive: true });
  }
}

/** Why a test failed; undefined when it passed. */
function failureOf(end: TestEnd, specification: Specification): string | undefined {
  if ("error" in end) return end.error;
  const { status, stdout, stderr } = end;
  if (status !== specification.exitCode) {
    return `exit status ${status}, expected ${specification.exitCode}: ${stderr.trim()}`;
  }
  return specification.stdout === undefined || stdout === specification.stdout
    ? undefined
    : `stdout is ${JSON.stringify(stdout)}`;
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    if (entry.isDirectory) {
      await Deno.mkdir(`${to}/${entry.name}`);
      await copyFolder(`${from}/${entry.name}`, `${to}/${entry.name}`);
    } else if (entry.isFile) await Deno.copyFile(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

/** Runs every test of the suite in `directory`, on both engines. */
export async function runSuite(directory: string): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const language of LANGUAGES) {
    const folder = `${directory}/tests/${language}/testsuite/wasm32-wasip1`;
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name)
      .filter((name) => name.endsWith(".wasm")).map((name) => name.slice(0, -5)).toSorted();
    for (const name of names) {
      const specification = await readSpecification(`${folder}/${name}.json`);
      const run = (engine: Engine) => runTest(`${folder}/${name}.wasm`, specification, engine);
      const inV8 = [await run("v8"), await run("v8")] as const;
      const failure = failureOf(inV8[0], specification);
      const differs = difference(inV8, await run("interpreter"));
      results.push({ language, name, failure, differs, steady: isSteady(inV8) });
    }
  }
  return results;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { write: { type: "string" } },
    allowPositionals: true,
  });
  const [directory] = positionals;
  if (directory === undefined) throw new Error("Give the folder of the suite");
  const results = await runSuite(directory), text = renderScore(results);
  if (values.write === undefined) console.log(text);
  else await Deno.writeTextFile(values.write, text);
  console.log(`${results.filter(({ failure }) => failure === undefined).length} of ${results.length} passed`);
  const differing = results.filter(({ differs }) => differs !== undefined);
  for (const { language, name, differs } of differing) {
    console.log(`${language}/${name} on the interpreter: ${differs}`);
  }
  const steady = results.filter((result) => result.steady).length;
  console.log(
    `${results.length - differing.length} of ${results.length} end on the interpreter as in V8; ` +
      `${steady} consume the same in each run`,
  );
  if (differing.length > 0) Deno.exit(1);
}
