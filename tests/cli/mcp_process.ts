/** A real `aegis mcp --http` for tests, on a port that is free. */
import { ListeningProcess } from "./listening_process.ts";

export class McpProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: ListeningProcess;

  private constructor(process: ListeningProcess) {
    this.#process = process;
    this.url = (process.said as { readonly url: string }).url; // of mcp_host.ts
  }

  /** Starts one, and waits until it listens. */
  static async start(words: readonly string[], env: Record<string, string> = {}): Promise<McpProcess> {
    return new McpProcess(await ListeningProcess.start(["mcp", "--http", ...words], { env }));
  }

  /** Asks it to end, and waits for that. */
  end(): Promise<{ readonly code: number; readonly err: string }> {
    return this.#process.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
