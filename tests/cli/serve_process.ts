/** A real `aegis serve` for tests, on a port that is free. */
import { assert } from "../assert.ts";
import { AEGIS } from "./server_process.ts";

const ROOT = new URL("../../", import.meta.url);

export class ServeProcess implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly modules: readonly { readonly name: string; readonly route: string; readonly form: string }[];
  /** Lines of its log of requests. */
  readonly log: string[];
  readonly #child: Deno.ChildProcess;
  readonly #err: { text: string };
  readonly #read: Promise<void>;

  private constructor(
    child: Deno.ChildProcess,
    { lines, err, read }: {
      readonly lines: string[];
      readonly err: { text: string };
      readonly read: Promise<void>;
    },
  ) {
    this.#child = child;
    this.#err = err;
    this.#read = read;
    const { url, modules } = JSON.parse(lines.shift() ?? ""); // of serve_host.ts
    this.url = url;
    this.port = Number(new URL(url).port);
    this.modules = modules;
    this.log = lines;
  }

  /** Starts one, and waits until it listens. @param words beside port and format */
  static async start(words: readonly string[]): Promise<ServeProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...AEGIS, "serve", "--port", "0", "--format", "json", ...words],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const err = { text: "" }, lines: string[] = [], listening = Promise.withResolvers<void>();
    const readErr = (async () => {
      for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) err.text += piece;
    })();
    const readOut = (async () => {
      let line = "";
      for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
        const parts = (line + piece).split("\n");
        line = parts.pop() ?? "";
        lines.push(...parts);
        if (lines.length > 0) listening.resolve();
      }
      listening.resolve();
    })();
    await listening.promise;
    if (lines.length === 0) await readErr;
    assert(lines.length > 0, `it ended: ${err.text}`);
    return new ServeProcess(child, { lines, err, read: Promise.all([readErr, readOut]).then(() => {}) });
  }

  /** What it has said on stderr. */
  get err(): string {
    return this.#err.text;
  }

  /** Sends bytes as they are, and returns what comes back up to the end of the connection, or of the first answer. */
  async raw(text: string): Promise<string> {
    using connection = await Deno.connect({ port: this.port });
    await connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(65_536), decoder = new TextDecoder();
    let got = "";
    while (!got.includes("\r\n\r\n")) {
      const count = await connection.read(buffer);
      if (count === null) break;
      got += decoder.decode(buffer.subarray(0, count));
    }
    return got;
  }

  /** Sends bytes as they are, and returns all that comes back up to the end of the connection. */
  async whole(text: string): Promise<string> {
    using connection = await Deno.connect({ port: this.port });
    await connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(65_536), decoder = new TextDecoder();
    for (let got = "";;) {
      const count = await connection.read(buffer).catch(() => null); // reset
      if (count === null) return got;
      got += decoder.decode(buffer.subarray(0, count));
    }
  }

  /** Asks it to end, and waits for that. */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended already
    }
    const { code } = await this.#child.status;
    await this.#read;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
