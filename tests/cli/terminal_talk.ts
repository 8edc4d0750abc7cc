/** A person at a terminal who types when something is shown. `script` is in Debian's base system. */
import { assert } from "../assert.ts";
import { AEGIS } from "./server_process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What a terminal shows, without what moves its cursor. */
function plain(shown: string): string {
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  return shown.replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");
}

/** Runs the command on a pseudo-terminal. @param steps what is typed, each once the terminal has shown what comes before it. */
export async function converse(
  words: readonly string[],
  steps: readonly (readonly [awaited: RegExp, typed: string])[],
): Promise<{ readonly code: number; readonly shown: string }> {
  // A shell that stayed would get a Ctrl-C, too, and end by it.
  const command = `exec ${[Deno.execPath(), ...AEGIS, ...words].map((word) => `'${word}'`).join(" ")}`;
  const child = new Deno.Command("script", {
    args: ["-q", "-e", "-c", command, "/dev/null"],
    cwd: ROOT,
    env: { TERM: "xterm", NO_COLOR: "1", COLUMNS: "120" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader(),
    keys = child.stdin.getWriter();
  const giveUp = setTimeout(() => child.kill("SIGKILL"), 15_000);
  let shown = "", from = 0;
  try {
    for (const [awaited, typed] of steps) {
      for (;;) {
        const rest = plain(shown).slice(from);
        if (awaited.test(rest)) break;
        const { value, done } = await reader.read();
        assert(!done, `it ended before ${awaited} was shown: ${JSON.stringify(shown)}`);
        shown += value;
      }
      from = plain(shown).length;
      await keys.write(new TextEncoder().encode(typed));
    }
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      shown += value;
    }
    return { code: (await child.status).code, shown };
  } finally {
    clearTimeout(giveUp);
    await keys.close().catch(() => {});
  }
}
