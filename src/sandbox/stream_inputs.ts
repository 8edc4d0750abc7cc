/** Where the argument lists of a stream of calls come from, pulled one at a time. */
import { describeValue } from "./arguments.ts";
import { TypeMismatchError } from "../core/errors.ts";
import type { CallValue } from "../core/value.ts";

/** Argument lists, one for each call: a list, a generator, or a stream. */
export type CallInputs =
  | Iterable<readonly CallValue[]>
  | AsyncIterable<readonly CallValue[]>
  | ReadableStream<readonly CallValue[]>;

type Pulled = IteratorResult<readonly CallValue[], unknown>;

/** A source that is read by one stream of calls. */
export interface InputSource {
  /** The next argument list. One is asked for at a time. @throws what the source throws */
  next(): Promise<Pulled>;
  /**
   * Nothing more will be read: the source may let go of what it holds. Ends when it has, unless it is amid a read, which
   * only a ReadableStream can break off.
   *
   * @throws what the source throws
   */
  close(): Promise<void>;
}

/** @throws {AegisError} `TypeMismatch` for what is no source */
export function inputSource(inputs: CallInputs): InputSource {
  if (inputs instanceof ReadableStream) return streamSource(inputs);
  // `as`: callers without types may give anything; what has neither method is refused below.
  const given = inputs as
    | Partial<AsyncIterable<readonly CallValue[]> & Iterable<readonly CallValue[]>>
    | null;
  if (typeof given?.[Symbol.asyncIterator] === "function") {
    return iteratorSource(() => (inputs as AsyncIterable<readonly CallValue[]>)[Symbol.asyncIterator]());
  }
  if (typeof inputs !== "string" && typeof given?.[Symbol.iterator] === "function") {
    return iteratorSource(() => (inputs as Iterable<readonly CallValue[]>)[Symbol.iterator]());
  }
  throw new TypeMismatchError(
    "Cannot stream calls",
    "an iterable, an async iterable or a ReadableStream of arrays of arguments",
    describeValue(inputs),
  );
}

/** A stream is locked only when the first input is wanted. */
function streamSource(stream: ReadableStream<readonly CallValue[]>): InputSource {
  let reader: ReadableStreamDefaultReader<readonly CallValue[]> | undefined;
  return {
    async next() {
      reader ??= stream.getReader();
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done: false, value };
    },
    async close() {
      if (reader !== undefined) await reader.cancel();
      else if (!stream.locked) await stream.cancel();
      reader?.releaseLock();
    },
  };
}

function iteratorSource(
  begin: () => Iterator<readonly CallValue[]> | AsyncIterator<readonly CallValue[]>,
): InputSource {
  let iterator: ReturnType<typeof begin> | undefined, reading = false, ended = false;
  const pull = async () => {
    try {
      const pulled = await (iterator ??= begin()).next();
      ended = pulled.done === true;
      return pulled;
    } catch (error) {
      ended = true;
      throw error;
    }
  };
  return {
    async next() {
      reading = true;
      try {
        const { done, value } = await pull();
        return done ? { done, value: undefined } : { done: false, value: await value }; // one that rejects ends no generator
      } finally {
        reading = false;
      }
    },
    async close() {
      if (ended) return;
      ended = true;
      iterator ??= begin(); // a generator that was not begun has nothing to let go of, another iterator may
      const closed = Promise.resolve(iterator.return?.());
      if (reading) closed.catch(() => {});
      else await closed;
    },
  };
}
