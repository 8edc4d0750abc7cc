/** A real `aegis server` for tests: on a port that is free, with its data in a folder of its own unless another is named. */
import { AEGIS, ListeningProcess } from "./listening_process.ts";

const ROOT = new URL("../../", import.meta.url);

export { AEGIS };

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
  readonly #process: ListeningProcess;
  readonly #folder: string | undefined;

  private constructor(
    process: ListeningProcess,
    { data, folder }: { readonly data: string; readonly folder: string | undefined },
  ) {
    // Of server_host.ts.
    const { url, token, pid } = process.said as { url: string; token: string | null; pid: number };
    this.#process = process;
    this.url = url;
    this.token = token ?? undefined;
    this.data = data;
    this.pid = pid;
    this.#folder = folder;
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
    const process = await ListeningProcess.start(["server", "--data", place, ...words], { port });
    return new ServerProcess(process, { data: place, folder });
  }

  /** Variables by which commands find it. */
  get environment(): Record<string, string> {
    return { AEGIS_SERVER: this.url, AEGIS_TOKEN: this.token ?? "" };
  }

  /** Asks it to end, and waits for that. @returns its status, and what it has said on stderr */
  end(signal: Deno.Signal = "SIGTERM"): Promise<{ readonly code: number; readonly err: string }> {
    return this.#process.end(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    if (this.#folder !== undefined) await Deno.remove(this.#folder, { recursive: true });
  }
}
