/** What is compared, how each is started, and where the answers are written. */
import { VERSION } from "../../src/cli/version.ts";
import { type Machine, machineText } from "../page/machine.ts";
import { CHECKS, type Said } from "./checks.ts";

export const EXTISM = "npm:@extism/extism@2.0.0-rc13";

export interface Subject {
  readonly name: string;
  /** To which the check, the module, the directory and arguments are added. */
  readonly command: readonly string[];
  /** A command that succeeds where it is installed. */
  readonly probe: readonly string[];
  readonly version: () => Promise<string>;
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

const deno = (...args: string[]) => [Deno.execPath(), "run", "-A", "--quiet", ...args];

const DENO = Deno.version.deno;

export const SUBJECTS = (here: string): readonly Subject[] => [
  {
    name: "Aegis",
    command: deno(
      ...["--unstable-worker-options", "--frozen", `--lock=${here}../../tests/deno.lock`],
      `${here}aegis.ts`,
    ),
    probe: [Deno.execPath(), "--version"],
    version: () => Promise.resolve(VERSION),
  },
  {
    name: "bare Worker of Deno",
    command: deno("--no-config", "--no-lock", `${here}worker.js`),
    probe: [Deno.execPath(), "--version"],
    version: () => Promise.resolve(DENO),
  },
  {
    name: "Extism's SDK on Deno",
    command: deno("--no-config", "--no-lock", `${here}extism.js`),
    probe: [Deno.execPath(), "cache", "--quiet", "--no-config", "--no-lock", EXTISM],
    version: () => Promise.resolve(EXTISM.split("@").at(-1) ?? ""),
  },
  {
    name: "node:wasi in a Worker",
    command: ["node", "--no-warnings", `${here}node_wasi.mjs`],
    probe: ["node", "--version"],
    version: async () => (await output("node", "--version")).slice(1),
  },
  {
    name: "Wasmtime from Python",
    command: ["python3", `${here}wasmtime_checks.py`],
    probe: ["python3", "-c", "import wasmtime"],
    version: () =>
      output("python3", "-c", "from importlib.metadata import version; print(version('wasmtime'))"),
  },
];

/** The answers of one of them, by check. */
export interface Compared {
  readonly name: string;
  readonly version: string;
  readonly answers: Readonly<Record<string, Said>>;
}

export interface Comparison {
  /** `2026-01-31`, in UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly compared: readonly Compared[];
}

const ROOT = new URL("../../", import.meta.url);

export const COMPARISON_FILE = "docs/comparison.json", COMPARISON_PAGE = "docs/comparison.md";

export const BEGIN = '<!-- answers: written by "deno task compare" -->', END = "<!-- end of answers -->";

const SHOWN = { yes: "yes", no: "**no**", none: "not offered" } as const;

/** The table: a row for each check, a column for each that is compared. */
export function renderComparison({ date, machine, compared }: Comparison): string {
  const head = compared.map(({ name, version }) => `${name} ${version}`);
  const rows = CHECKS.map(({ name, question }) =>
    `| ${question} | ${
      compared.map(({ answers: { [name]: said } }) => said === undefined ? "" : SHOWN[said.answer]).join(
        " | ",
      )
    } |`
  );
  return `|   | ${head.join(" | ")} |
| - | ${head.map(() => "---").join(" | ")} |
${rows.join("\n")}

Seen on ${date}, ${machineText(machine)}.`;
}

/** A text with the table in its place. @throws {Error} when the place is not there once */
export function withAnswers(text: string, comparison: Comparison): string {
  const [before, rest, ...more] = text.split(BEGIN), [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`Cannot find the place of the answers: "${BEGIN}" to "${END}"`);
  }
  return `${before}${BEGIN}\n\n${renderComparison(comparison)}\n\n${END}${after}`;
}

export async function readComparison(): Promise<Comparison> {
  return JSON.parse(await Deno.readTextFile(new URL(COMPARISON_FILE, ROOT))); // `writeComparison` writes it
}

/** Writes the answers, and the table into the page and the README. */
export async function writeComparison(comparison: Comparison): Promise<void> {
  await Deno.writeTextFile(new URL(COMPARISON_FILE, ROOT), `${JSON.stringify(comparison, undefined, 2)}\n`);
  const pages = [COMPARISON_PAGE, "README.md"];
  for (const page of pages) {
    const url = new URL(page, ROOT);
    await Deno.writeTextFile(url, withAnswers(await Deno.readTextFile(url), comparison));
  }
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", COMPARISON_FILE, ...pages], cwd: ROOT })
    .output();
}
