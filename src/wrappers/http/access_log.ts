/** One line for each request, whoever made it: no text of a client's or a guest's can break the line, or begin another. */
import type { Answer } from "./held_answer.ts";
import { errorFailure, HttpFailure } from "./http_failure.ts";
import { escapeShort, escapeUnits, UNSAFE } from "../../core/plain_text.ts";

/** One request as the log has it. Texts may hold any character: {@linkcode accessLine} makes them safe. */
export interface AccessEntry {
  /** When it came: ISO 8601. */
  readonly time: string;
  /** The address of the connection. */
  readonly remote: string;
  /** As the client says it. */
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Of the answer; of its failure, where it failed when it had begun. 499 for a client that left. */
  readonly status: number;
  /** Bytes of the body that were sent. */
  readonly bytes: number;
  /** Milliseconds up to the end of the body. */
  readonly duration: number;
  /** The module that answered, by the name of its options; undefined where none did. */
  readonly module: string | undefined;
}

/** Characters of a path that are shown. */
const LONGEST_TARGET = 2048;

/** What a word of a line escapes: what breaks it, the space that would end it, and what an escape begins with. */
const ESCAPED = new RegExp(`${UNSAFE.source}|[\\\\ ]`, UNSAFE.flags);

/** An entry as a line for people, without a line break. */
export function accessLine(entry: AccessEntry): string {
  const { time, remote, method, target, status, bytes, duration, module } = entry;
  const shown = [
    time,
    plain(remote) || "-",
    plain(method),
    plain(target),
    status,
    `${bytes}B`,
    `${duration.toFixed(1)}ms`,
  ];
  return [...shown, module === undefined ? "-" : plain(module)].join(" ");
}

/** The same as JSON, on one line. */
export function accessJson(entry: AccessEntry): string {
  const { duration, ...rest } = entry;
  const text = JSON.stringify({
    ...rest,
    target: entry.target.slice(0, LONGEST_TARGET),
    duration: Math.round(duration * 10) / 10,
  });
  return text.replace(UNSAFE, escapeUnits);
}

function plain(text: string): string {
  return text.slice(0, LONGEST_TARGET).replace(ESCAPED, escapeShort);
}

/**
 * A response of an answer.
 *
 * @param ended told once how many bytes went out, and what kept the rest from it: 499 is a client that left
 */
export function answerResponse(
  { status, headers, body }: Answer,
  ended: (bytes: number, failure: HttpFailure | undefined) => void,
): Response {
  if (!(body instanceof ReadableStream)) {
    ended(body?.length ?? 0, undefined);
    return new Response(body, { status, headers });
  }
  const reader = body.getReader();
  let bytes = 0, told = false;
  const end = (failure?: HttpFailure) => {
    if (told) return;
    told = true;
    ended(bytes, failure);
  };
  const counted = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (told) return; // the client has left meanwhile
        if (done) {
          end();
          return controller.close();
        }
        bytes += value.length;
        controller.enqueue(value);
      } catch (error) {
        end(errorFailure(error));
        controller.error(error);
      }
    },
    cancel: async (reason) => {
      end(new HttpFailure(499, "the client has gone"));
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(counted, { status, headers });
}
