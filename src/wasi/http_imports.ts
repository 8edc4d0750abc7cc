/**
 * HTTP requests of guests: module `aegis:http`. The guest waits for each step; every function returns an error number
 * of WASI, 0 for success. Texts are UTF-8; header lines are `name: value`, each followed by a line feed.
 *
 *     request(method, method_length, url, url_length, headers, headers_length, body, body_length, result)
 *         sends the request and waits for the head of the response; writes to `result`
 *             0   u32  response, to be closed by close()
 *             4   u32  status
 *             8   u32  bytes of its header lines
 *     headers(response, pointer, length, written)   copies its header lines as far as they fit; u32 at `written`
 *     read(response, pointer, length, read)         copies the next bytes of its body; u32 at `read`, 0 at the end
 *     close(response)
 *
 *     notcapable  no grant covers the host      inval      no valid URL, method or header
 *     msgsize     a body beyond the grant       mfile      too many responses open
 *     loop        more than 10 redirects        proto      what answers speaks no HTTP
 *     dquot       the bytes that may be moved are used up
 *     nametoolong a method of over 32 bytes, a URL of over 16 KiB, header lines of over 64 KiB
 *     badf        no open response has that number
 *     timedout, connrefused, connreset, connaborted, hostunreach, netunreach, netdown, io    as they say
 */
import { guestText } from "./guest_text.ts";
import type { WasiHost } from "./host.ts";
import type { ProvidedFunction } from "./provided_function.ts";
import { guestBytes, type GuestMemory } from "./wasi.ts";
import type { FuncType } from "../core/value.ts";
import { ERRNO } from "../protocol/errno.ts";

export const HTTP_MODULE = "aegis:http";

function type(params: number): FuncType {
  return { params: new Array<string>(params).fill("i32"), results: ["i32"] };
}

export const HTTP_FUNCTIONS: { readonly [Name in "request" | "headers" | "read" | "close"]: FuncType } = {
  request: type(9),
  headers: type(4),
  read: type(4),
  close: type(1),
};

/** Bytes of a method, of a URL, of the header lines of a request. */
const LONGEST = { method: 32, url: 16 * 1024, headers: 16 * 1024 } as const;

/** Bytes of `result` of request(). */
const RESULT_SIZE = 12;

const ENCODER = new TextEncoder();

export class HttpImports {
  readonly #host: WasiHost;
  /** Header lines of the responses that are open. */
  readonly #responses: Map<number, Uint8Array> = new Map();

  constructor(host: WasiHost) {
    this.#host = host;
  }

  /** Responses that are open. */
  get open(): number {
    return this.#responses.size;
  }

  /** The function of that name for one instance. @throws {TypeError} for a name that is none */
  bind(name: string, memory: GuestMemory): ProvidedFunction {
    if (!Object.hasOwn(HTTP_FUNCTIONS, name)) throw new TypeError(`No function ${name} in ${HTTP_MODULE}`);
    const run = this.#functions[name as keyof typeof HTTP_FUNCTIONS]; // tested one line above
    return (...args) => run(memory, args.map((arg) => Number(arg) >>> 0));
  }

  /** Closes what is open. */
  reset(): void {
    for (const response of this.#responses.keys()) this.#close(response);
  }

  readonly #functions: Readonly<
    Record<keyof typeof HTTP_FUNCTIONS, (memory: GuestMemory, args: readonly number[]) => number>
  > = {
    request: (memory, args) => this.#request(memory, args),
    headers: (memory, [response = 0, pointer = 0, length = 0, written = 0]) => {
      const lines = this.#responses.get(response);
      if (lines === undefined) return ERRNO.badf;
      const target = guestBytes(memory, pointer, length), count = guestBytes(memory, written, 4);
      if (target === undefined || count === undefined) return ERRNO.fault;
      const copied = Math.min(lines.length, target.length);
      target.set(lines.subarray(0, copied));
      writeU32(count, 0, copied);
      return ERRNO.success;
    },
    read: (memory, [response = 0, pointer = 0, length = 0, read = 0]) => {
      if (!this.#responses.has(response)) return ERRNO.badf;
      const target = guestBytes(memory, pointer, length), count = guestBytes(memory, read, 4);
      if (target === undefined || count === undefined) return ERRNO.fault;
      const wanted = Math.min(length, this.#host.room);
      const answer = this.#host.operations.perform("httpRead", { response, length: wanted });
      if (answer.reply === undefined) return answer.errno;
      const { bytes } = answer.reply;
      if (bytes.length > wanted) return ERRNO.io;
      target.set(bytes);
      writeU32(count, 0, bytes.length);
      return ERRNO.success;
    },
    close: (_memory, [response = 0]) => this.#responses.has(response) ? this.#close(response) : ERRNO.badf,
  };

  #request(memory: GuestMemory, args: readonly number[]): number {
    const [methodAt = 0, methodLength = 0, urlAt = 0, urlLength = 0] = args;
    const [headersAt = 0, headersLength = 0, bodyAt = 0, bodyLength = 0, resultAt = 0] = args.slice(4);
    if (methodLength > LONGEST.method || urlLength > LONGEST.url || headersLength > LONGEST.headers) {
      return ERRNO.nametoolong;
    }
    const body = guestBytes(memory, bodyAt, bodyLength), result = guestBytes(memory, resultAt, RESULT_SIZE);
    const texts = [
      guestBytes(memory, methodAt, methodLength),
      guestBytes(memory, urlAt, urlLength),
      guestBytes(memory, headersAt, headersLength),
    ].map(guestText);
    if (body === undefined || result === undefined || texts.includes(undefined)) return ERRNO.fault;
    const [method, url, headers] = texts;
    if (method === null || url === null || headers === null) return ERRNO.ilseq;
    if (bodyLength + urlLength + headersLength + methodLength > this.#host.room) return ERRNO.msgsize;
    this.#host.flushOutput();
    const answer = this.#host.operations.perform("httpRequest", {
      method: method ?? "",
      url: url ?? "",
      headers: headers ?? "",
      body,
    });
    if (answer.reply === undefined) return answer.errno;
    const { response, status } = answer.reply, lines = ENCODER.encode(answer.reply.headers);
    this.#responses.set(response, lines);
    for (const [index, value] of [response, status, lines.length].entries()) {
      writeU32(result, 4 * index, value);
    }
    return ERRNO.success;
  }

  #close(response: number): number {
    this.#responses.delete(response);
    return this.#host.operations.perform("httpClose", { response }).errno;
  }
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(at, value, true);
}
