/** Runs a command on a pseudo-terminal whose person answers `y` to everything. `script` is in Debian's base system. */

/** Whether pseudo-terminals can be had here. */
export async function pseudoTerminalAvailable(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    return (await new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" })
      .output()).success;
  } catch {
    return false;
  }
}

export interface TerminalResult {
  readonly code: number;
  /** Everything that was shown, answers that the terminal echoed included. */
  readonly shown: string;
}

/** Words are quoted for the shell that `script` starts. */
export async function runOnTerminal(
  words: readonly string[],
  options: { readonly cwd: string },
): Promise<TerminalResult> {
  // Whoever runs the tests may have told Deno not to prompt; here it must be free to.
  const command = ["env", "-u", "DENO_NO_PROMPT", ...words].map((word) =>
    `'${word.replaceAll("'", `'\\''`)}'`
  ).join(" ");
  const child = new Deno.Command("script", {
    args: ["-q", "-e", "-c", command, "/dev/null"],
    cwd: options.cwd,
    env: { TERM: "xterm", NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const answers = child.stdin.getWriter();
  const answering = setInterval(() => answers.write(new TextEncoder().encode("y\n")).catch(() => {}), 200);
  try {
    const { code, stdout } = await child.output();
    return { code, shown: new TextDecoder().decode(stdout) };
  } finally {
    clearInterval(answering);
    await answers.close().catch(() => {});
  }
}
