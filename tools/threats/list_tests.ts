/**
 * The tests of some files, by name, without running one: `Deno.test` notes what it is given, and the files are loaded. So
 * tests that a loop makes are there, too. Started as a program by {@linkcode listTests}, since what a file has at its top runs.
 */

/** A test. */
export interface NamedTest {
  /** Path in this repository. */
  readonly file: string;
  readonly name: string;
}

const ROOT = new URL("../../", import.meta.url);

/** What the program prints before its list, since files may print as well. */
const MARK = "the tests are ";

/** The tests of files, by path in this repository, in the order in which they stand there. */
export async function listTests(files: readonly string[]): Promise<NamedTest[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-prompt", "--no-check", "--frozen", "--lock=tests/deno.lock"],
      ...[import.meta.filename ?? "", ...files],
    ],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const line = new TextDecoder().decode(stdout).split("\n").findLast((text) => text.startsWith(MARK));
  if (!success || line === undefined) {
    throw new Error(`Cannot list the tests: ${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(line.slice(MARK.length));
}

/** The name among the arguments of `Deno.test`, in any of its forms. */
function nameOf(args: readonly unknown[]): string {
  for (const argument of args) {
    if (typeof argument === "string") return argument;
    const name = (argument as { readonly name?: unknown } | null)?.name; // a definition, or a function with a name
    if (typeof name === "string" && name !== "") return name;
  }
  throw new Error("Cannot list a test without a name: give it one");
}

async function main(files: readonly string[]): Promise<void> {
  const tests: NamedTest[] = [];
  for (const file of files) {
    const note = (...args: readonly unknown[]) => void tests.push({ file, name: nameOf(args) });
    Object.defineProperty(Deno, "test", { value: Object.assign(note, { ignore: note, only: note }) });
    await import(new URL(file, ROOT).href);
  }
  console.log(MARK + JSON.stringify(tests));
  Deno.exit(0); // whatever a file has left running
}

if (import.meta.main) await main(Deno.args);
