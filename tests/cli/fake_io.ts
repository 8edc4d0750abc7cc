/** A {@linkcode CommandIo} in memory, for commands that start no process, and for looking at the one they would start. */
import type { HostEnd, HostStart } from "../../src/cli/host_process.ts";
import type { CommandIo } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { unreadable } from "../../src/cli/read_input.ts";

/** What a command printed and came to. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** The host processes that it would have started. */
  readonly started: readonly HostStart[];
}

export interface FakeWorld {
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** Gets what the command writes, by path. */
  readonly written?: Map<string, string>;
  /** Columns of the terminal, where there is one. */
  readonly columns?: number;
  /** How the host process ends; by default well. */
  readonly end?: Partial<HostEnd>;
}

/** Runs a command line against files in memory. */
export async function runCommand(words: readonly string[], world: FakeWorld = {}): Promise<Ran> {
  const started: HostStart[] = [];
  let out = "", err = "";
  const find = (path: string): Uint8Array<ArrayBuffer> => {
    const content = world.files?.[path];
    if (content === undefined) throw unreadable(path, new Deno.errors.NotFound());
    return Uint8Array.from(typeof content === "string" ? new TextEncoder().encode(content) : content);
  };
  const io: CommandIo = {
    out: (text) => out += text,
    err: (text) => err += text,
    pid: 1234,
    colour: false,
    columns: () => world.columns,
    locate: (path) => {
      find(path);
      return `/folder/${path}`;
    },
    makeDirectory: (path) => `/folder/${path}`,
    read: (path) => Promise.resolve().then(() => find(path)),
    firstLine: (path) => {
      const content = world.written?.get(path) ?? world.files?.[path];
      if (content === undefined) return undefined;
      return (typeof content === "string" ? content : new TextDecoder().decode(content)).split("\n", 1)[0];
    },
    write: (path, text) => {
      world.written?.set(path, text);
    },
    startHost: (start) => {
      started.push(start);
      return {
        ended: Promise.resolve({ status: 0, signal: null, overdue: false, forwarded: [], ...world.end }),
      };
    },
  };
  return { status: await main(words, io), out, err, started };
}
