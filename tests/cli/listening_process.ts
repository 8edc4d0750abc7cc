/** A command that listens, started for tests: its first line says where, as JSON. */
import { assert } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);

/** The words that start the command as a person has it. */
export const AEGIS: readonly string[] = [
  "run",
  "-A",
  "--frozen",
  `--lock=${new URL("deno.lock", ROOT).pathname}`,
  new URL("cli.ts", ROOT).pathname,
];

export class ListeningProcess implements AsyncDisposable {
  /** What its first line says. */
  readonly said: unknown;
  readonly #child: Deno.ChildProcess;
  readonly #err: Promise<string>;

  private constructor(said: unknown, child: Deno.ChildProcess, err: Promise<string>) {
    this.said = said;
    this.#child = child;
    this.#err = err;
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param words beside the port's and the format's @param command the words that start the command, unless it is that of a
   * person
   */
  static async start(
    words: readonly string[],
    { env = {}, port = 0, command = AEGIS }: {
      readonly env?: Readonly<Record<string, string>>;
      readonly port?: number;
      readonly command?: readonly string[];
    } = {},
  ): Promise<ListeningProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...command, ...words, "--port", String(port), "--format", "json"],
      cwd: ROOT,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const err = new Response(child.stderr).text(),
      reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let line = "";
    while (!line.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) return assert(false, `the server ended: ${await err}`) as never;
      line += value;
    }
    void (async () => {
      while (!(await reader.read()).done); // it prints nothing more, and never waits for us
    })();
    return new ListeningProcess(JSON.parse(line), child, err);
  }

  /** Sends it a signal, unless it has ended. */
  signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended already
    }
  }

  /** Waits until it has ended. @returns its status, and what it has said on stderr */
  async ended(): Promise<{ readonly code: number; readonly err: string }> {
    const { code } = await this.#child.status;
    return { code, err: await this.#err };
  }

  /** Asks it to end, and waits for that. @returns its status, and what it has said on stderr */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<{ readonly code: number; readonly err: string }> {
    this.signal(signal);
    return await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
