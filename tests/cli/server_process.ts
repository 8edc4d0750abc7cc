/** A real `aegis server` for tests: on a port that is free, with its data in a folder of its own unless another is named. */
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

/** What a command printed and came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command, in the repository. */
export async function aegis(
  words: readonly string[],
  { env = {}, stdin = "" }: { readonly env?: Readonly<Record<string, string>>; readonly stdin?: string } = {},
): Promise<Ran> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...AEGIS, ...words],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {}); // it may have ended without reading
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  /** Undefined where none was made: there was one before, or none is asked for. */
  readonly token: string | undefined;
  /** The directory of its data. */
  readonly data: string;
  /** The id of the server's own process, which the command starts. */
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #err: Promise<string>;
  readonly #folder: string | undefined;

  private constructor(
    child: Deno.ChildProcess,
    err: Promise<string>,
    about: {
      readonly url: string;
      readonly token: string | undefined;
      readonly data: string;
      readonly pid: number;
      readonly folder: string | undefined;
    },
  ) {
    this.#child = child;
    this.#err = err;
    this.url = about.url;
    this.token = about.token;
    this.data = about.data;
    this.pid = about.pid;
    this.#folder = about.folder;
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param words beside port, data and format
   * @param port of one that was there before; any that is free if none is given
   */
  static async start(words: readonly string[] = [], data?: string, port = 0): Promise<ServerProcess> {
    const folder = data === undefined ? await Deno.makeTempDir({ prefix: "aegis_server_" }) : undefined;
    const place = data ?? `${folder}/data`;
    const child = new Deno.Command(Deno.execPath(), {
      args: [...AEGIS, "server", "--port", String(port), "--data", place, "--format", "json", ...words],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
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
    const { url, token, pid } = JSON.parse(line) as { url: string; token: string | null; pid: number }; // of server_host.ts
    return new ServerProcess(child, err, { url, token: token ?? undefined, data: place, pid, folder });
  }

  /** Variables by which commands find it. */
  get environment(): Record<string, string> {
    return { AEGIS_SERVER: this.url, AEGIS_TOKEN: this.token ?? "" };
  }

  /** Asks it to end, and waits for that. @returns its status, and what it has said on stderr */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<{ readonly code: number; readonly err: string }> {
    try {
      this.#child.kill(signal);
    } catch {
      // it has ended already
    }
    const { code } = await this.#child.status;
    return { code, err: await this.#err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    if (this.#folder !== undefined) await Deno.remove(this.#folder, { recursive: true });
  }
}
