/**
 * `deno task compile`: the command as a program of its own, for this machine or, with `--target=TRIPLE` or `--all`, for
 * others; into `dist`, or where `--out=FOLDER` says. `deno compile` fetches a base binary for each, or takes the one that
 * `DENORT_BIN` names.
 */
const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tools$/, "");

/** What `deno compile` makes programs for, and how they are called there. */
export const COMPILE_TARGETS = {
  "x86_64-unknown-linux-gnu": "aegis-linux-x64",
  "aarch64-unknown-linux-gnu": "aegis-linux-arm64",
  "x86_64-apple-darwin": "aegis-macos-x64",
  "aarch64-apple-darwin": "aegis-macos-arm64",
  "x86_64-pc-windows-msvc": "aegis-windows-x64.exe",
} as const;

/** A key of {@linkcode COMPILE_TARGETS}. */
export type CompileTarget = keyof typeof COMPILE_TARGETS;

/** The entry of the program, from the root. */
export const STANDALONE_ENTRY = "src/cli/standalone_main.ts";

/** What is baked in: it may do everything until a guest runs, and asks nobody for anything. */
export const BAKED_IN = ["-A", "--no-prompt", "--unstable-worker-options"] as const;

function isTarget(word: string): word is CompileTarget {
  return Object.hasOwn(COMPILE_TARGETS, word);
}

/** The words behind `deno` that make one. @param target this machine's, unless given */
export function compileArguments(output: string, target?: CompileTarget): string[] {
  return [
    "compile",
    "--quiet",
    "--no-check", // the gate has checked it
    ...BAKED_IN,
    `--config=${ROOT}/deno.json`,
    "--frozen",
    `--lock=${ROOT}/tests/deno.lock`, // the one with the packages of all commands
    "--exclude-unused-npm",
    ...(target === undefined ? [] : [`--target=${target}`]),
    `--output=${output}`,
    `${ROOT}/${STANDALONE_ENTRY}`,
  ];
}

/** What is asked for. @throws {Error} for words that mean nothing */
export function readCompileOptions(
  words: readonly string[],
): { readonly targets: readonly (CompileTarget | undefined)[]; readonly out: string } {
  const targets: CompileTarget[] = [];
  let out = "dist";
  for (const word of words) {
    const [, name, value = ""] = /^--(target|out)=(.+)$/.exec(word) ?? [];
    if (word === "--all") targets.push(...Object.keys(COMPILE_TARGETS) as CompileTarget[]); // its own keys
    else if (name === "target" && isTarget(value)) targets.push(value);
    else if (name === "out") out = value;
    else {
      throw new Error(
        `Cannot read "${word}": use --all, --out=FOLDER, or --target= and one of ${
          Object.keys(COMPILE_TARGETS).join(", ")
        }`,
      );
    }
  }
  return { targets: targets.length === 0 ? [undefined] : [...new Set(targets)], out };
}

/** The name of a program's file. */
function fileOf(target: CompileTarget | undefined): string {
  return target === undefined
    ? (Deno.build.os === "windows" ? "aegis.exe" : "aegis")
    : COMPILE_TARGETS[target];
}

async function main(words: readonly string[]): Promise<number> {
  const { targets, out } = readCompileOptions(words);
  await Deno.mkdir(out, { recursive: true });
  for (const target of targets) {
    const output = `${out}/${fileOf(target)}`;
    const { success } = await new Deno.Command(Deno.execPath(), { args: compileArguments(output, target) })
      .spawn().status;
    if (!success) {
      console.error(
        `Cannot compile ${output}: deno compile needs its base binary for it, from the network or from $DENORT_BIN, ` +
          `a denort of Deno ${Deno.version.deno}`,
      );
      return 1;
    }
    console.error(`made ${output}`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
