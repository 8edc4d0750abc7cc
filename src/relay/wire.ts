/**
 * Packets: what host and child process say to each other over the child's standard input and output. A packet is a
 * u32 kind, a u32 length and as many bytes, little-endian. What comes from a child may be anything: the parser allows
 * the kinds that it is told, up to their lengths, and allocates nothing before it has checked.
 */
export const PACKETS = {
  /** To the child, first of all: the text of the program that reads what follows. */
  program: 0,
  /** To the child: `BeginData`, what it is for. */
  begin: 1,
  /** To the child: a message to its Worker, as data. */
  post: 2,
  /** To the child: the control words of its guest. */
  control: 3,
  /** To the child: a frame, and with it the turn. */
  frame: 4,
  /** From the child: a frame, and whose turn it is now. */
  turned: 10,
  /** From the child: what its guest publishes. */
  readings: 11,
  /** From the child: a message of its Worker, as data. */
  report: 12,
  /** From the child: its Worker failed; the text says how. */
  failed: 13,
} as const;

/** A value of {@linkcode PACKETS}. */
export type PacketKind = (typeof PACKETS)[keyof typeof PACKETS];

/** Bytes before a packet's content. */
export const HEADER_SIZE = 8;

/** The most bytes of each kind that may come; a kind that is not named may not. */
export type PacketLimits = Readonly<Partial<Record<PacketKind, number>>>;

/** The most bytes of a packet that says how a child's Worker failed. */
export const FAILURE_SIZE = 4096;

/** What comes is no sequence of packets that may come. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Makes a packet of the parts of its content. */
export function packet(kind: PacketKind, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(HEADER_SIZE + length), view = new DataView(bytes.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, length, true);
  let at = HEADER_SIZE;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Cuts a stream of bytes into packets. */
export class PacketParser {
  readonly #header: Uint8Array<ArrayBuffer> = new Uint8Array(HEADER_SIZE);
  /** The content that is being filled; undefined while the header is. */
  #content: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;

  constructor(
    readonly limits: PacketLimits,
    readonly onPacket: (kind: PacketKind, content: Uint8Array<ArrayBuffer>) => void,
  ) {}

  /** Takes the next bytes of the stream. @throws {WireError} */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const target = this.#content ?? this.#header;
      const part = chunk.subarray(at, at + target.length - this.#filled);
      target.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < target.length) return;
      this.#filled = 0;
      const { kind, length } = this.#declared();
      if (target === this.#header && length > 0) this.#content = new Uint8Array(length);
      else this.#deliver(kind);
    }
  }

  #deliver(kind: PacketKind): void {
    const content = this.#content ?? new Uint8Array();
    this.#content = undefined;
    this.onPacket(kind, content);
  }

  #declared(): { readonly kind: PacketKind; readonly length: number } {
    const view = new DataView(this.#header.buffer),
      kind = view.getUint32(0, true),
      length = view.getUint32(4, true);
    const known = Object.values(PACKETS).find((value) => value === kind);
    const most = known === undefined ? undefined : this.limits[known];
    if (known === undefined || most === undefined) {
      throw new WireError(`Cannot take a packet of kind ${kind}`);
    }
    if (length > most) {
      throw new WireError(`Cannot take a packet of kind ${kind} with ${length} bytes: the limit is ${most}`);
    }
    return { kind: known, length };
  }
}
