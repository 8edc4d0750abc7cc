/** `aegis server` as a process of its own, for benchmarks and long tests: loopback, any free port, data that goes with it. */

/** A server that runs. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Where its data is. */
  readonly data: string;
  /** Asks, and reads JSON. @throws when the answer is no success */
  ask(method: string, path: string, json?: unknown): Promise<unknown>;
  /** Keeps a module. @returns its hash */
  module(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/** @param data a directory that is kept; one of its own is removed in the end @param policy text of a policy file */
export async function startServerProcess(
  options: { readonly data?: string; readonly policy?: string } = {},
): Promise<ServerProcess> {
  const folder = options.data ?? await Deno.makeTempDir({ prefix: "aegis_server_" }), words: string[] = [];
  if (options.policy !== undefined) {
    const file = await Deno.makeTempFile({ suffix: ".toml" });
    await Deno.writeTextFile(file, options.policy);
    words.push("--policy", file);
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--frozen",
      `--lock=${ROOT}deno.lock`,
      `${ROOT}cli.ts`,
      "server",
      "--no-auth",
      "--port",
      "0",
      "--data",
      folder,
      "--format",
      "json",
      ...words,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server did not start");
    text += value;
  }
  const { url, pid } = JSON.parse(text) as { url: string; pid: number };
  const ask = async (method: string, path: string, json?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(json === undefined
        ? {}
        : { body: JSON.stringify(json), headers: { "Content-Type": "application/json" } }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return answer === "" ? undefined : JSON.parse(answer);
  };
  const end = async (signal: Deno.Signal) => {
    try {
      Deno.kill(pid, signal);
    } catch {
      // it has ended
    }
    await child.status;
    await reader.cancel();
  };
  return {
    url,
    pid,
    data: folder,
    ask,
    module: async (bytes) => {
      const response = await fetch(`${url}/api/v1/modules`, {
        method: "POST",
        body: bytes,
        headers: { "Content-Type": "application/wasm" },
      });
      return (await response.json() as { hash: string }).hash;
    },
    kill: () => end("SIGKILL"),
    [Symbol.asyncDispose]: async () => {
      await end("SIGTERM");
      if (options.data === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}
