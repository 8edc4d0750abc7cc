/**
 * A child process that runs one of our programs: started without a file on disk, without the host's environment, and
 * with the Deno permissions that are named and no others. Here is all that starts, feeds and ends one. A child is not
 * believed: what it sends is cut into packets that may come, and one that sends anything else is killed.
 */
import { errorText, quoteChild } from "./foreign_text.ts";
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
  /** Bytes of packets that it is told, which it may leave unread. @default 1 MiB */
  readonly backlog?: number;
}

/** A packet on its way to a child. */
export interface Sending {
  /** Whether all of it is in the pipe, which holds 64 KiB that nobody has read. */
  readonly written: boolean;
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

/** Bytes of the standard error that are kept: V8's report of a full heap has 600. */
const KEPT_ERROR = 4096;

/** Bytes that a child may write there, as long as it lives; reading more would cost this process its time. */
const MOST_ERROR = 64 * 1024;

/** Milliseconds in which what a child wrote before its end is read. */
const LEFT_TIME = 100;

const MEBIBYTE = 1024 * 1024;

const ENCODER = new TextEncoder();

/** The arguments of `deno` for a child. */
function childArguments({ permissions = [], heapSize }: Omit<ChildOptions, "program">): string[] {
  const v8 = heapSize === undefined
    ? []
    : [`--v8-flags=--max-old-space-size=${Math.ceil(heapSize / MEBIBYTE)}`];
  return ["run", ...FLAGS, ...v8, ...permissions, BOOTSTRAP];
}

/** A child as relays use it. */
export type RelayedChild = Pick<ChildProcess, "send" | "tell" | "kill">;

type ByteReader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

export class ChildProcess {
  readonly #events: ChildEvents;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #backlog: number;
  #offence: string | undefined;
  /** Packets that are not written yet. */
  #unwritten = 0;
  /** Bytes of those that {@linkcode tell} has sent. */
  #unread = 0;

  /** @throws {Deno.errors.NotCapable} when this process may not run `deno` */
  constructor(options: ChildOptions, events: ChildEvents) {
    this.#events = events;
    this.#backlog = options.backlog ?? MEBIBYTE;
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

  /** Sends a packet that the child is to answer before it gets the next; to a child that is gone, nothing. */
  send(bytes: Uint8Array<ArrayBuffer>): Sending {
    const sending = { written: false };
    this.#unwritten++;
    this.#writer.write(bytes).then(() => {
      sending.written = true;
    }, () => {}) // it is told that the child has ended
      .finally(() => this.#unwritten--);
    return sending;
  }

  /** Sends a packet that asks for no answer. A child that leaves too many of them unread is killed. */
  tell(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#unread + bytes.length > this.#backlog) {
      return this.kill(`it left ${this.#unread} bytes unread that it was told`);
    }
    this.#unread += bytes.length;
    this.#writer.write(bytes).catch(() => {}).finally(() => this.#unread -= bytes.length);
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
    const { stdout, stderr, status } = this.#child;
    const packets = stdout.getReader(), errors = stderr.getReader();
    const taken = this.#take(packets, parser), text = this.#keepFirst(errors);
    const ended = await status;
    // Whatever it started may hold its pipes open for ever, and is not waited for.
    await settledWithin(LEFT_TIME, [taken, text]);
    await Promise.all([packets, errors].map((reader) => reader.cancel().catch(() => {})));
    await taken;
    this.#writer.abort().catch(() => {});
    const said = await text, heapFull = /JavaScript (heap )?out of memory/.test(said);
    this.#events.end({ why: this.#offence ?? describeEnd(ended, heapFull, said), heapFull });
  }

  /** Cuts what the child sends into packets, until it ends or sends what it may not. */
  async #take(reader: ByteReader, parser: PacketParser): Promise<void> {
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        // An answer can be read in the same turn of the event loop in which the end of its question is written.
        if (this.#unwritten > 0) await new Promise((resolve) => setTimeout(resolve));
        // What an offender sent before it died is not looked at.
        if (this.#offence === undefined) parser.push(read.value);
      }
    } catch (error) {
      this.kill(`it sent what it may not: ${errorText(error)}`);
    }
  }

  /** Reads the standard error until it ends or there is too much of it, and keeps the first of it as text. */
  async #keepFirst(reader: ByteReader): Promise<string> {
    const kept = new Uint8Array(KEPT_ERROR);
    let length = 0, count = 0;
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        const part = read.value.subarray(0, KEPT_ERROR - length);
        kept.set(part, length);
        length += part.length;
        count += read.value.length;
        if (count <= MOST_ERROR) continue;
        this.kill(`it wrote more than ${MOST_ERROR} bytes to its standard error`);
        break;
      }
    } catch {
      // the process is gone; what it wrote before is kept
    }
    return new TextDecoder().decode(kept.subarray(0, length));
  }
}

/** Ends when all of them have, or so many milliseconds later. */
async function settledWithin(milliseconds: number, promises: readonly Promise<unknown>[]): Promise<void> {
  const late = Promise.withResolvers<void>(), timer = setTimeout(late.resolve, milliseconds);
  await Promise.race([Promise.all(promises), late.promise]);
  clearTimeout(timer);
}

function describeEnd({ code, signal }: Deno.CommandStatus, heapFull: boolean, text: string): string {
  if (heapFull) return "its heap was full";
  const how = signal === null ? `its process ended with status ${code}` : `its process ended by ${signal}`;
  return text.trim() === "" ? how : `${how}: ${quoteChild(text)}`;
}
