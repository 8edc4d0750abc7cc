/**
 * Transcripts of the real command: a file of command lines, each with what it printed and its status.
 *
 *     # a remark
 *     $ aegis run add.wat -e add -- 5 10      through a shell, in a folder of fixtures
 *     Result: 15                              stdout
 *     ! error: …                              stderr, each line behind "! "
 *     = 152                                   the exit status, unless it is 0
 *
 * `AEGIS_UPDATE=1 deno test …` writes what the commands print now into the files.
 */

const ENTRY = new URL("../../cli.ts", import.meta.url);

/** One command of a transcript, with the remarks and blank lines above it. */
export interface Step {
  readonly above: string;
  readonly line: string;
  readonly printed: string;
}

/** Splits the text of a transcript; {@linkcode joinSteps} puts it together again. */
export function splitSteps(text: string): Step[] {
  const steps: Step[] = [];
  let above = "", line: string | undefined, printed = "";
  const finish = () => {
    if (line !== undefined) steps.push({ above, line, printed });
  };
  for (const row of text.split(/(?<=\n)/)) {
    if (row.startsWith("$ ")) {
      if (line !== undefined) {
        finish();
        above = "";
      }
      line = row.slice(2).trimEnd();
      printed = "";
    } else if (line !== undefined && !row.startsWith("# ") && row !== "\n") printed += row;
    else {
      // A blank line inside of output is printed as "|", so that here it can only stand between steps.
      finish();
      if (line !== undefined) above = "";
      line = undefined;
      above += row;
    }
  }
  finish();
  return steps;
}

export function joinSteps(steps: readonly Step[]): string {
  return steps.map(({ above, line, printed }) => `${above}$ ${line}\n${printed}`).join("");
}

/** What differs from run to run and from machine to machine, made equal. */
function settle(text: string, folder: string): string {
  return text
    .replaceAll(Deno.realPathSync(folder), "<folder>")
    .replaceAll(Deno.execPath(), "<deno>")
    .replaceAll(ENTRY.pathname.replace(/cli\.ts$/, ""), "<repository>/")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g, "<id>")
    .replace(/("parent":)[0-9]+/g, "$1<pid>")
    .replace(/("(?:duration_ms|cpu_time_ms|time_ms|elapsed)": ?)[0-9.e-]+/g, "$1<time>")
    .replace(/(Completed in |Duration: |CPU time: |was stopped after )[0-9.]+(?:µs|ms|s)/g, "$1<time>");
}

/** One line for each, blank lines marked so that they cannot be taken for the end of the output. */
function rows(text: string, mark: string): string {
  if (text === "") return "";
  const ended = text.endsWith("\n") ? text : `${text}<no line break>\n`;
  return ended.split(/(?<=\n)/).map((row) => row === "\n" && mark === "" ? "|\n" : `${mark}${row}`).join("");
}

/** Runs one command line in a folder, and gives back what a transcript says of it. */
export async function runStep(
  line: string,
  folder: string,
  env: Record<string, string> = {},
): Promise<string> {
  const shell = new Deno.Command("sh", {
    args: ["-c", `aegis() { "$AEGIS_DENO" run -A "$AEGIS_ENTRY" "$@"; }\n${line}`],
    cwd: folder,
    env: { ...env, AEGIS_DENO: Deno.execPath(), AEGIS_ENTRY: ENTRY.pathname },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await shell.output();
  const decode = (bytes: Uint8Array) => settle(new TextDecoder().decode(bytes), folder);
  return rows(decode(stdout), "") + rows(decode(stderr), "! ") + (code === 0 ? "" : `= ${code}\n`);
}
