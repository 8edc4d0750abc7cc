import { AegisError } from "../core/errors.ts";

/** Takes what a guest prints, in order. While its promise is pending the guest waits. */
export type OutputSink = (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;

/** Those of standard output and error; undefined where it is kept. */
type Sinks = readonly [stdout: OutputSink | undefined, stderr: OutputSink | undefined];

/** @throws {AegisError} `InvalidOption` */
export function checkSink(field: "stdout" | "stderr", sink: unknown): void {
  if (sink === undefined || typeof sink === "function") return;
  throw new AegisError("InvalidOption", `Cannot use that as ${field}: give a function that takes bytes`, {
    field,
  });
}

/** What was kept of a guest's output since its life began. */
export interface Output {
  /** The first bytes of the standard output. */
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** The first bytes of the standard error. */
  readonly stderr: Uint8Array<ArrayBuffer>;
  /** Whether the guest printed more than was kept. */
  readonly truncated: boolean;
}

/** Bytes in one buffer that grows: a guest may print a million times one byte. */
class Kept {
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();
  #length = 0;
  truncated = false;

  constructor(readonly limit: number) {}

  add(bytes: Uint8Array<ArrayBuffer>): void {
    const count = Math.min(bytes.length, this.limit - this.#length), end = this.#length + count;
    if (count < bytes.length) this.truncated = true;
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(this.limit, Math.max(1024, 2 * end)));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes.subarray(0, count), this.#length);
    this.#length = end;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }
}

/** Stdout and stderr of one sandbox: each kept up to a limit, or handed to a sink. */
export class StandardOutput {
  /** Those of the sandbox. */
  readonly #own: Sinks;
  #sinks: Sinks;
  readonly #limit: number;
  #kept: readonly [Kept, Kept];
  /** Writes one behind the other, also when nobody waits for one any more. */
  #writing: Promise<void> | undefined;
  #life = 0;

  /** @param limit bytes of each that are kept @throws {AegisError} `InvalidOption` */
  constructor(
    limit: number,
    sinks: { readonly stdout?: OutputSink | undefined; readonly stderr?: OutputSink | undefined },
  ) {
    checkSink("stdout", sinks.stdout);
    checkSink("stderr", sinks.stderr);
    this.#limit = limit;
    this.#own = this.#sinks = [sinks.stdout, sinks.stderr];
    this.#kept = [new Kept(limit), new Kept(limit)];
  }

  /** From now on these take what is printed, until {@linkcode giveBack}; undefined for those of the sandbox. */
  give(stdout: OutputSink | undefined, stderr: OutputSink | undefined): void {
    const [ownStdout, ownStderr] = this.#own;
    this.#sinks = [stdout ?? ownStdout, stderr ?? ownStderr];
  }

  /** What was given takes nothing more, of what is under way either: nobody waits for it. */
  giveBack(): void {
    if (this.#sinks === this.#own) return;
    this.#sinks = this.#own;
    this.#life++;
    this.#writing = undefined;
  }

  /** A new life begins: what was kept is forgotten, and what the last one printed and is still under way stays away. */
  restart(): void {
    this.#life++;
    this.#writing = undefined;
    this.#kept = [new Kept(this.#limit), new Kept(this.#limit)];
  }

  get kept(): Output {
    const [stdout, stderr] = this.#kept;
    return {
      stdout: stdout.bytes(),
      stderr: stderr.bytes(),
      truncated: stdout.truncated || stderr.truncated,
    };
  }

  /**
   * Takes pieces as `writeOutput` carries them.
   *
   * @returns a promise when a sink, or a write before this one, takes its time
   * @throws {RangeError} when they are malformed; what a sink throws
   */
  write(pieces: Uint8Array): void | Promise<void> {
    const bytes = pieces.slice(), life = this.#life, before = this.#writing;
    const written = before === undefined
      ? this.#write({ bytes, life, at: 0 })
      : before.then(() => this.#write({ bytes, life, at: 0 }));
    if (written === undefined) return;
    const settled: Promise<void> = written.then(() => {}, () => {}).then(() => { // whoever wrote it is told
      if (this.#writing === settled) this.#writing = undefined;
    });
    this.#writing = settled;
    return written;
  }

  #write(
    work: { readonly bytes: Uint8Array<ArrayBuffer>; readonly life: number; at: number },
  ): void | Promise<void> {
    const { bytes, life } = work, view = new DataView(bytes.buffer);
    while (work.at < bytes.length) {
      if (life !== this.#life) return;
      const stream = view.getUint8(work.at), length = view.getUint32(work.at + 1, true), from = work.at + 5;
      if (stream !== 1 && stream !== 2 || length > bytes.length - from) {
        throw new RangeError("Cannot read a piece of output: it is malformed");
      }
      const piece = bytes.subarray(from, from + length),
        index = stream === 1 ? 0 : 1,
        sink = this.#sinks[index];
      work.at = from + length;
      if (sink === undefined) this.#kept[index].add(piece);
      else {
        const taken = sink(piece);
        if (taken !== undefined) return Promise.resolve(taken).then(() => this.#write(work));
      }
    }
  }
}
