/**
 * A child process that runs one of our programs: started without a file on disk, without the host's environment, and
 * with the Deno permissions that are named and no others. Here is all that starts, feeds and ends one. A child is not
 * believed: what it sends is cut into packets that may come, and one that sends anything else is killed.
 */
import { packet, type PacketKind, type PacketLimits, PacketParser, PACKETS } from "./wire.ts";

/** What a child is started as. */
export interface ChildOptions {
  /** The `deno` that runs it. */
  readonly execPath: string;
  /** The text of the program that reads its packets. */
  readonly program: string;
  /** Flags that give it Deno permissions. @default none */
  readonly permissions?: readonly string[];
  /** Variables that it finds beside ours. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Bytes that V8 may use for each of its heaps; the system's memory is the bound if undefined. */
  readonly heapSize?: number;
  /** What may come from it. */
  readonly limits: PacketLimits;
}

/** How a child ended. */
export interface ChildEnd {
  /** In words, for a message. */
  readonly why: string;
  /** Whether its heap was full. */
  readonly heapFull: boolean;
}

/** What is told of a child. */
export interface ChildEvents {
  readonly packet: (kind: PacketKind, content: Uint8Array<ArrayBuffer>) => void;
  /** Once, when the process is gone. */
  readonly end: (end: ChildEnd) => void;
}

/**
 * The module that a child starts as: it reads the text of its program, and is that from then on. It goes on the
 * command line, where there is no room for the program.
 */
const BOOTSTRAP = `data:text/javascript,${
  encodeURIComponent(
    "const fill=(to)=>{for(let at=0;at<to.length;){const n=Deno.stdin.readSync(to.subarray(at));" +
      "if(n===null)Deno.exit(0);at+=n}return to};" +
      "const head=new DataView(fill(new Uint8Array(8)).buffer);" +
      "(0,eval)('\"use strict\";'+new TextDecoder().decode(fill(new Uint8Array(head.getUint32(4,true)))))",
  )
}`;

/** Nothing from the network, from the disk or from a configuration gets into a child, and nothing prompts. */
const FLAGS = [
  "--no-prompt",
  "--no-remote",
  "--no-npm",
  "--no-config",
  "--no-lock",
  "--cached-only",
  "--deny-import",
] as const;

/** Deno would open the caches of whoever runs it; where none can be, it does without. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DENO_DIR: "/dev/null/none",
};

/** Bytes of the standard error that are kept. */
const KEPT_ERROR = 4096;

const MEBIBYTE = 1024 * 1024;

const ENCODER = new TextEncoder();

/** The arguments of `deno` for a child. */
export function childArguments({ permissions = [], heapSize }: Omit<ChildOptions, "program">): string[] {
  const v8 = heapSize === undefined
    ? []
    : [`--v8-flags=--max-old-space-size=${Math.ceil(heapSize / MEBIBYTE)}`];
  return ["run", ...FLAGS, ...v8, ...permissions, BOOTSTRAP];
}

export class ChildProcess {
  readonly #events: ChildEvents;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #offence: string | undefined;

  /** @throws {Deno.errors.NotCapable} when this process may not run `deno` */
  constructor(options: ChildOptions, events: ChildEvents) {
    this.#events = events;
    this.#child = new Deno.Command(options.execPath, {
      args: childArguments(options),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      clearEnv: true,
      env: { ...options.environment, ...ENVIRONMENT },
      cwd: "/",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.send(packet(PACKETS.program, ENCODER.encode(options.program)));
    void this.#watch(new PacketParser(options.limits, events.packet));
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Sends packets; to a child that is gone, nothing. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#writer.write(bytes).catch(() => {}); // it is told that the child has ended
  }

  /** Ends the process at once, whatever it does. */
  kill(why?: string): void {
    this.#offence ??= why;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended by itself
    }
  }

  async #watch(parser: PacketParser): Promise<void> {
    const errors = keepFirst(this.#child.stderr, KEPT_ERROR);
    try {
      for await (const chunk of this.#child.stdout) {
        // What an offender sent before it died is not looked at.
        if (this.#offence === undefined) parser.push(chunk);
      }
    } catch (error) {
      this.kill(`it sent what it may not: ${error instanceof Error ? error.message : String(error)}`);
      await this.#child.stdout.cancel().catch(() => {});
    }
    const [status, text] = await Promise.all([this.#child.status, errors]);
    this.#writer.abort().catch(() => {});
    const heapFull = /JavaScript (heap )?out of memory/.test(text);
    this.#events.end({ why: this.#offence ?? describeEnd(status, heapFull, text), heapFull });
  }
}

function describeEnd({ code, signal }: Deno.CommandStatus, heapFull: boolean, text: string): string {
  if (heapFull) return "its heap was full";
  const how = signal === null ? `its process ended with status ${code}` : `its process ended by ${signal}`;
  return text.trim() === "" ? how : `${how}: ${text.trim()}`;
}

/** Reads a stream to its end, and keeps the first bytes as text. */
async function keepFirst(stream: ReadableStream<Uint8Array>, most: number): Promise<string> {
  const kept = new Uint8Array(most);
  let length = 0;
  try {
    for await (const chunk of stream) {
      const part = chunk.subarray(0, most - length);
      kept.set(part, length);
      length += part.length;
    }
  } catch {
    // the process is gone; what it wrote before is kept
  }
  return new TextDecoder().decode(kept.subarray(0, length));
}
