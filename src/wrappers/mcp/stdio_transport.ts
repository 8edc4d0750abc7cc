/**
 * The transport over standard input and output: a message of JSON-RPC on each line. Written against streams, so that it
 * needs no `node:process`; lines are bounded, what is no message is answered as JSON-RPC says, and nothing else is written.
 */
import { boundsProblem } from "./json_bounds.ts";
import type { McpMessage, McpTransport } from "./sdk.ts";

/** Bytes of one line: a call with its arguments. */
const LONGEST_LINE = 8 * 1024 * 1024;

/** The streams of a process. */
export interface StdioStreams {
  /** What the client sends. */
  readonly input: ReadableStream<Uint8Array>;
  /** Writes all of it before it returns, or in order. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Milliseconds that answers which are owed may take when the input has ended. @default 2000 */
  readonly grace?: number;
}

/** Less than clients wait before they kill a server whose input they have closed. */
const GRACE = 2000;

/** Bytes that may wait to be written while more is read: of a few of the largest results. */
const MOST_UNWRITTEN = 16 * 1024 * 1024;

/** Codes of JSON-RPC. */
const PARSE_ERROR = -32700, INVALID_REQUEST = -32600;

/** Messages over two streams, for {@linkcode McpServer.connect}. */
export class StdioTransport implements McpTransport {
  /** Set by the server: the client is gone. */
  onclose?: () => void;
  /** Likewise: a stream failed. */
  onerror?: (error: Error) => void;
  /** Likewise: a message came. */
  onmessage?: (message: McpMessage) => void;
  readonly #streams: StdioStreams;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** Requests that were passed on, and have no answer yet; one id may stand there twice. */
  #owed: readonly (string | number)[] = [];
  /** Bytes that wait to be written. */
  #unwritten = 0;
  #written: PromiseWithResolvers<void> | undefined;
  #settled: PromiseWithResolvers<void> | undefined;
  #closed = false;

  /** Takes the streams; nothing is read before {@linkcode start}. */
  constructor(streams: StdioStreams) {
    this.#streams = streams;
  }

  /** Begins to read. */
  start(): Promise<void> {
    this.#reader = this.#streams.input.getReader();
    void this.#read(this.#reader);
    return Promise.resolve();
  }

  /** Writes a message. Messages are written whole, one after the other. */
  async send(message: McpMessage): Promise<void> {
    if ("method" in message && this.#unwritten > MOST_UNWRITTEN) return; // only told, and nobody listens
    const line = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
    this.#unwritten += line.length;
    const written = this.#writing.then(() => this.#streams.write(line));
    this.#writing = written.catch(() => {}).then(() => {
      this.#unwritten -= line.length;
      if (this.#unwritten <= MOST_UNWRITTEN) this.#written?.resolve();
    });
    if ("id" in message && !("method" in message) && message.id !== undefined) this.#paid(message.id);
    try {
      await written;
    } catch (error) {
      await this.close(); // nobody reads any more
      throw error;
    }
  }

  /** Ends it, when what was sent is written. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#settled?.resolve();
    this.#written?.resolve();
    await this.#writing;
    this.#reader?.cancel().catch(() => {});
    this.onclose?.();
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const lines = new Lines(
      (line) => this.#take(line),
      () => this.#refuse(INVALID_REQUEST, "The message is too large"),
    );
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        lines.add(next.value);
        await this.#room();
      }
      lines.end();
    } catch (error) {
      this.onerror?.(error as Error); // of the stream
    }
    await this.#settle();
    await this.close(); // the client is gone
  }

  /** Who does not read answers gets no more of them: nothing is read meanwhile. */
  async #room(): Promise<void> {
    while (this.#unwritten > MOST_UNWRITTEN && !this.#closed) {
      this.#written = Promise.withResolvers();
      await this.#written.promise;
    }
  }

  /** Who pipes requests in, and closes that end, waits for the answers all the same. */
  async #settle(): Promise<void> {
    if (this.#owed.length === 0 || this.#closed) return;
    this.#settled = Promise.withResolvers();
    const timer = setTimeout(this.#settled.resolve, this.#streams.grace ?? GRACE);
    await this.#settled.promise;
    clearTimeout(timer);
  }

  #paid(id: string | number): void {
    const at = this.#owed.indexOf(id);
    if (at >= 0) this.#owed = this.#owed.toSpliced(at, 1);
    if (this.#owed.length === 0) this.#settled?.resolve();
  }

  #take(line: Uint8Array): void {
    let message: unknown;
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(line).trim();
      if (text === "") return;
      message = JSON.parse(text);
    } catch {
      this.#refuse(PARSE_ERROR, "Parse error");
      return;
    }
    if (!isMessage(message) || boundsProblem(message) !== undefined) {
      this.#refuse(INVALID_REQUEST, "Invalid request");
    } else {
      this.#owe(message);
      this.onmessage?.(message);
    }
  }

  #owe(message: McpMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) this.#owed = [...this.#owed, message.id];
    // What was called off gets no answer.
    const called = message.method === "notifications/cancelled" ? message.params?.["requestId"] : undefined;
    if (typeof called === "string" || typeof called === "number") this.#paid(called);
  }

  #refuse(code: number, message: string): void {
    // JSON-RPC has null where the id could not be read; the SDK's type has no such message.
    this.send({ jsonrpc: "2.0", id: null, error: { code, message } } as unknown as McpMessage).catch(
      () => {},
    );
  }
}

/** Whether a value has the form of a message; the SDK looks at the rest. */
function isMessage(value: unknown): value is McpMessage {
  if (typeof value !== "object" || value === null || !("jsonrpc" in value) || value.jsonrpc !== "2.0") {
    return false;
  }
  const hasId = "id" in value && (typeof value.id === "string" || Number.isSafeInteger(value.id));
  if ("id" in value && !hasId) return false;
  if ("method" in value) {
    return typeof value.method === "string" && isParams("params" in value ? value.params : {});
  }
  return hasId && ("result" in value && isParams(value.result) || "error" in value && isParams(value.error));
}

function isParams(value: unknown): boolean {
  return value === undefined || typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Cuts bytes into lines. What is longer than a line may be is dropped up to its end, and told once. */
class Lines {
  readonly #take: (line: Uint8Array) => void;
  readonly #tooLong: () => void;
  #parts: Uint8Array[] = [];
  #size = 0;
  #dropping = false;

  constructor(take: (line: Uint8Array) => void, tooLong: () => void) {
    this.#take = take;
    this.#tooLong = tooLong;
  }

  add(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      this.#append(bytes.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#append(bytes.slice(from)); // a copy: the buffer may be the stream's
  }

  /** The line ends here. */
  end(): void {
    const [first, ...more] = this.#parts;
    if (!this.#dropping && first !== undefined) {
      this.#take(more.length === 0 ? first : join(this.#parts, this.#size));
    }
    this.#parts = [];
    this.#size = 0;
    this.#dropping = false;
  }

  #append(part: Uint8Array): void {
    if (this.#dropping || part.length === 0) return;
    this.#size += part.length;
    if (this.#size <= LONGEST_LINE) this.#parts.push(part);
    else {
      this.#dropping = true;
      this.#parts = [];
      this.#tooLong();
    }
  }
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
