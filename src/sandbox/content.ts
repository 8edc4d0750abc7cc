/** Text, bytes and structured values as bytes, and back. */
import { jsonExcess } from "../core/content_bounds.ts";
import { messagePackProblem } from "./message_pack_shape.ts";
import { describeValue } from "./arguments.ts";
import { LONE_SURROGATES, unsayableInJson, unsayableInMessagePack } from "./unsayable.ts";
import type { ContentKind } from "../core/signature.ts";

const ENCODER = new TextEncoder(), DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a value of each kind has to be. */
const EXPECTED: Readonly<Record<ContentKind, string>> = {
  string: "a string",
  bytes: "a Uint8Array",
  json: "a value that JSON can say",
  msgpack: "a value that MessagePack can say",
};

/** What is used of the package for MessagePack. */
interface MessagePack {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** A value that is none of its kind, or bytes that say none. */
export class ContentError extends Error {
  override readonly name = "ContentError";

  /** @param expected what it should be @param actual what it is */
  constructor(readonly expected: string, readonly actual: string) {
    super(`expected ${expected}, got ${actual}`);
  }
}

/** Encodes and decodes; MessagePack once its package is there, which takes 20 ms and is wanted by few. */
export class Content {
  #messagePack: MessagePack | undefined;

  /** Ends when values of these kinds can be encoded. */
  async prepare(kinds: readonly string[]): Promise<void> {
    if (!kinds.includes("msgpack")) return;
    this.#messagePack ??= await import("@msgpack/msgpack");
  }

  /** @throws {ContentError} */
  encode(kind: ContentKind, value: unknown): Uint8Array {
    switch (kind) {
      case "string":
        if (typeof value !== "string") break;
        if (!value.isWellFormed()) throw new ContentError("text without lone surrogates", LONE_SURROGATES);
        return ENCODER.encode(value);
      case "bytes":
        if (value instanceof Uint8Array) return value;
        break;
      case "json": {
        const text = tried(() => JSON.stringify(value));
        if (text === undefined) break;
        // Of text alone JSON says everything: lone surrogates become escapes.
        const unsayable = unsayableInJson(value);
        if (unsayable !== undefined) throw new ContentError(EXPECTED.json, unsayable);
        return ENCODER.encode(text);
      }
      case "msgpack": {
        const { encode } = this.#package(), bytes = tried(() => encode(value));
        if (bytes === undefined) break;
        const unsayable = unsayableInMessagePack(value);
        if (unsayable !== undefined) throw new ContentError(EXPECTED.msgpack, unsayable);
        return bytes;
      }
    }
    throw new ContentError(EXPECTED[kind], describeValue(value));
  }

  /** @param bytes nobody else's @throws {ContentError} */
  decode(kind: ContentKind, bytes: Uint8Array<ArrayBuffer>): unknown {
    if (kind === "bytes") return bytes;
    try {
      if (kind === "msgpack") {
        const { decode } = this.#package();
        const problem = messagePackProblem(bytes);
        if (problem !== undefined) {
          throw new ContentError(EXPECTED.msgpack, `${bytes.length} bytes ${problem}`);
        }
        return decode(bytes);
      }
      const excess = kind === "json" ? jsonExcess(bytes) : undefined;
      if (excess !== undefined) throw new ContentError(EXPECTED.json, `${bytes.length} bytes ${excess}`);
      const text = DECODER.decode(bytes);
      return kind === "json" ? JSON.parse(text) : text;
    } catch (error) {
      if (error instanceof ContentError) throw error;
      throw new ContentError(EXPECTED[kind], `${bytes.length} bytes that are none`);
    }
  }

  #package(): MessagePack {
    if (this.#messagePack !== undefined) return this.#messagePack;
    throw new ContentError("a call that is not synchronous first, which loads MessagePack", "msgpack");
  }
}

/** What some work returns; undefined when it throws: for a cycle, or a bigint. */
function tried<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
