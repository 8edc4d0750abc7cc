/** The state of a sandbox's guest: taken for a snapshot, put in place of another's, and gone on from. */
import type { CallValue } from "../core/value.ts";
import { type CallOptions, resolveCallOptions } from "./call_options.ts";
import type { Content } from "./content.ts";
import type { GuestSession } from "./guest_session.ts";
import type { RequestQueue } from "./request_queue.ts";
import { invalid } from "./snapshot.ts";
import { AegisError } from "../core/errors.ts";
import { type Outcome, outcomeError } from "../core/outcome.ts";
import { isContentKind, type Kind, KINDS } from "../core/signature.ts";
import type { ValueKind } from "../core/value.ts";
import type { GuestState } from "../guest/guest_state.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { FRAMES, PIECES } from "../protocol/layout.ts";

/** A file or directory that was open and could not be opened again: its descriptor is closed. */
export interface LostFile {
  /** The guest's number for it. */
  readonly fd: number;
  /** As the guest names it. */
  readonly path: string;
  /** Why: an error number of WASI. */
  readonly errno: number;
}

/** A call in whose midst a snapshot was taken. */
export interface InterruptedCall {
  /** The exported function. */
  readonly name: string;
}

/** What was taken over with a state. */
interface Restored {
  readonly name: string;
  readonly results: readonly Kind[];
}

/** Bytes of a piece at most, and what else stands in its frame. */
const LARGEST_PIECE = 4 * 1024 * 1024, HEAD = 1024;

export class GuestStates {
  readonly #session: GuestSession;
  readonly #queue: RequestQueue;
  readonly #content: Content;
  #restored: Restored | undefined;
  #lost: readonly LostFile[] = [];

  constructor(
    session: GuestSession,
    { queue, content }: { readonly queue: RequestQueue; readonly content: Content },
  ) {
    this.#session = session;
    this.#queue = queue;
    this.#content = content;
  }

  get interrupted(): InterruptedCall | undefined {
    return this.#restored === undefined ? undefined : { name: this.#restored.name };
  }

  get lost(): readonly LostFile[] {
    return this.#lost;
  }

  /** The guest's state, encoded: in the midst of what is under way, or else between two calls. @throws {AegisError} `NotSaved` */
  async take(): Promise<Uint8Array<ArrayBuffer>> {
    const session = this.#session;
    // A call that was made just now may not have begun.
    while (!session.working && this.#queue.busy) await new Promise((resolve) => setTimeout(resolve));
    if (session.working) {
      const state = await session.receiveState().received;
      if (state !== undefined) return state;
    }
    return await this.#queue.add(async () => {
      session.current();
      const receiver = session.receiveState(), { timeout } = session.limits;
      const reply = await session.request({
        kind: FRAMES.save,
        write: () => {},
        read: () => undefined,
        timeout,
      });
      const state = await receiver.received;
      if (state !== undefined) return state;
      const outcome = "outcome" in reply ? session.note(reply.outcome) : undefined;
      if (outcome !== undefined && outcome.kind !== "value") throw outcomeError(outcome);
      throw new AegisError("NotSaved", "Cannot save the guest: it has not sent its state");
    });
  }

  /** Puts a state in place; the modules of the state are loaded and not started. @throws {AegisError} `SnapshotInvalid` */
  async put(state: GuestState): Promise<void> {
    const session = this.#session, bytes = encodeData(state), { timeout, frameSize } = session.limits;
    const restored = this.#callOf(state), size = Math.min(LARGEST_PIECE, frameSize - HEAD);
    let lost: unknown = [];
    for (let at = 0; at < bytes.length; at += size) {
      const last = at + size >= bytes.length;
      const reply = await session.request({
        kind: FRAMES.restore,
        write: (writer) => {
          writer.u8(last ? PIECES.last : PIECES.more);
          writer.bytes(bytes.subarray(at, at + size));
        },
        read: (reader) => reader.bytes(),
        timeout,
      });
      if ("result" in reply) lost = decodeData(reply.result);
      else throw invalid("outcome" in reply ? messageOf(reply.outcome) : reply.linkError);
    }
    this.#lost = readLost(lost);
    this.#restored = restored;
  }

  /** Goes on with the call that was interrupted. @throws {AegisError} `ModuleNotLoaded` when there is none */
  goOn(options: CallOptions): Promise<Outcome> {
    const session = this.#session;
    return this.#queue.told(async () => {
      const { timeout } = resolveCallOptions(options, session.limits);
      return await this.#queue.add(async () => {
        const restored = this.#restored;
        if (restored === undefined) {
          throw new AegisError("InstanceEnded", "Cannot go on: no call was interrupted", {
            suggestion: "Call a function instead.",
          });
        }
        this.#restored = undefined;
        session.beginCall(restored.name);
        const reply = await session.request({
          kind: FRAMES.goOn,
          timeout,
          signal: options.signal,
          write: (writer) => writer.f64(timeout),
          read: (reader) =>
            reader.values(restored.results).map((value, index): CallValue => {
              const kind = restored.results[index] ?? "i32";
              // `as`: a value of such a kind is bytes, which the reader has copied
              return isContentKind(kind)
                ? this.#content.decode(kind, value as Uint8Array<ArrayBuffer>) as CallValue
                : value;
            }),
        });
        const outcome: Outcome = "outcome" in reply
          ? reply.outcome
          : "result" in reply
          ? { kind: "value", values: reply.result }
          : { kind: "fault", message: reply.linkError };
        return session.endCall(session.note(outcome));
      });
    });
  }

  /** @throws {AegisError} `SnapshotInvalid` for a call of what is no function */
  #callOf({ call }: GuestState): Restored | undefined {
    if (call === undefined) return undefined;
    if (typeof call !== "object" || call === null) throw invalid("it is in a call that is none");
    const item = this.#session.loaded[call.instance]?.module.exports[call.exported];
    if (item?.type.kind !== "function") throw invalid("it is in a call of what is no function");
    const { content } = call;
    if (content === undefined) return { name: item.name, results: item.type.results as ValueKind[] }; // calls are of numbers
    if (!(KINDS as readonly string[]).includes(content)) {
      throw invalid("its call returns what there is none of");
    }
    return { name: item.name, results: [content] };
  }
}

function messageOf(outcome: Outcome): string {
  if (outcome.kind === "fault") return outcome.message;
  const error = outcome.kind === "value" ? undefined : outcomeError(outcome);
  return error instanceof Error ? error.message : "the guest did not take it";
}

/** What the guest says could not be opened again; it is believed as far as it is of the form. */
function readLost(value: unknown): LostFile[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown): LostFile[] => {
    const { fd, path, errno } = (item ?? {}) as Partial<Record<keyof LostFile, unknown>>; // any data
    return typeof fd === "number" && typeof path === "string" && typeof errno === "number"
      ? [{ fd, path, errno }]
      : [];
  });
}
