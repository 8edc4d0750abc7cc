/**
 * `deno task compare`: has the same guests attack Aegis and what a reader would take in its place, and writes docs/comparison.json
 * and the table of docs/comparison.md. What is not installed is left out: Node for `node:wasi`, `pip install wasmtime`, and the
 * package of Extism's SDK from npm. A process that does not end in time is ended, and its answer is `no`.
 */
import { compileText } from "../../tests/testsuite/module_bytes.ts";
import { thisMachine } from "../page/machine.ts";
import { type Check, CHECKS, type Folder, type Said } from "./checks.ts";
import { type Compared, EXTISM, SUBJECTS, writeComparison } from "./subjects.ts";

/** Milliseconds that a check may take. */
const PATIENCE = 20_000;

const HERE = new URL(".", import.meta.url).pathname, PROGRAMS = `${HERE}../../tests/programs/wasm`;

async function makeFolder(place: string): Promise<Folder> {
  const granted = `${place}/granted`, secret = "what lies outside";
  await Deno.mkdir(`${granted}/inner`, { recursive: true });
  await Deno.writeTextFile(`${place}/outside`, secret);
  await Deno.writeTextFile(`${granted}/inner/file`, "inside");
  await Deno.symlink("../outside", `${granted}/link`);
  return { granted, secret };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Runs one check in one of them. @returns undefined where it is not installed */
async function ask(command: readonly string[], check: Check): Promise<Said | undefined> {
  const place = await Deno.makeTempDir();
  try {
    const { granted, secret } = await makeFolder(place), [program = "", ...words] = command;
    const file = check.text === undefined ? `${PROGRAMS}/${check.program}.wasm` : `${place}/guest.wasm`;
    if (check.text !== undefined) await Deno.writeFile(file, compileText(check.text));
    const last = command.includes(`${HERE}extism.js`) ? [EXTISM] : check.args ?? [];
    const child = new Deno.Command(program, {
      args: [...words, check.name, file, granted, ...last],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    const { stdout, stderr } = await child.output();
    clearTimeout(timer);
    const text = new TextDecoder().decode(stdout), line = text.trim().split("\n").at(-1) ?? "";
    if (!line.startsWith("{")) {
      console.error(new TextDecoder().decode(stderr).trim().split("\n").slice(-2).join("\n"));
      return { answer: "no", detail: "its process did not end, or failed" };
    }
    const said: Said = JSON.parse(line); // each of the programs writes it
    // What the disk has afterwards counts, and not what a program says.
    if (said.answer !== "yes") return said;
    const got = text.includes(secret) || await exists(`${granted}/copy/file`);
    return got ? { answer: "no", detail: said.detail } : said;
  } finally {
    await Deno.remove(place, { recursive: true });
  }
}

async function isThere(probe: readonly string[]): Promise<boolean> {
  const [program = "", ...args] = probe;
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const compared: Compared[] = [];
for (const { name, command, probe, version } of SUBJECTS(HERE)) {
  if (!await isThere(probe)) {
    console.log(`${name}: not installed, left out`);
    continue;
  }
  const answers: Record<string, Said> = {};
  for (const check of CHECKS) {
    const said = await ask(command, check);
    if (said === undefined) continue;
    answers[check.name] = said;
    console.log(`${name.padEnd(24)}${check.name.padEnd(10)}${said.answer.padEnd(6)}${said.detail}`);
  }
  compared.push({ name, version: await version(), answers });
}
await writeComparison({ date: new Date().toISOString().slice(0, 10), machine: thisMachine(), compared });
