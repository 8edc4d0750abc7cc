/** A real `aegis mcp --http` for tests, on a port that is free. */
import { assert } from "../assert.ts";
import { AEGIS } from "./server_process.ts";

const ROOT = new URL("../../", import.meta.url);

export class McpProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #err: Promise<string>;

  private constructor(url: string, child: Deno.ChildProcess, err: Promise<string>) {
    this.url = url;
    this.#child = child;
    this.#err = err;
  }

  /** Starts one, and waits until it listens. */
  static async start(words: readonly string[], env: Record<string, string> = {}): Promise<McpProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...AEGIS, "mcp", "--http", "--port", "0", "--format", "json", ...words],
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
    const { url } = JSON.parse(line) as { url: string }; // of mcp_host.ts
    return new McpProcess(url, child, err);
  }

  /** Asks it to end, and waits for that. */
  async end(): Promise<{ readonly code: number; readonly err: string }> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // it has ended already
    }
    const { code } = await this.#child.status;
    return { code, err: await this.#err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
