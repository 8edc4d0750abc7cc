/** Copies to and from the exported memories of a guest that nobody is calling. */
import { describeValue } from "./arguments.ts";
import type { GuestSession } from "./guest_session.ts";
import type { RequestQueue } from "./request_queue.ts";
import { AegisError, TypeMismatchError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { FrameWriter } from "../protocol/frame.ts";
import { FRAMES } from "../protocol/layout.ts";

export class MemoryAccess {
  readonly #session: GuestSession;
  readonly #queue: RequestQueue;

  constructor(session: GuestSession, queue: RequestQueue) {
    this.#session = session;
    this.#queue = queue;
  }

  /** @throws as `Sandbox.readMemory` */
  read(
    memory: string,
    { offset, length }: { readonly offset: number; readonly length: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (!isNatural(offset) || !isNatural(length)) return Promise.reject(rangeError(offset, length));
    return this.#queue.add(() =>
      this.#access(FRAMES.readMemory, memory, (writer) => {
        writer.f64(offset);
        writer.f64(length);
      })
    );
  }

  /** @throws as `Sandbox.writeMemory` */
  write(
    memory: string,
    { offset, bytes }: { readonly offset: number; readonly bytes: Uint8Array },
  ): Promise<void> {
    if (!isNatural(offset)) return Promise.reject(rangeError(offset, bytes.length));
    const taken = bytes instanceof Uint8Array ? new Uint8Array(bytes) : bytes; // as they are now: it may have to wait
    return this.#queue.add(async () => {
      await this.#access(FRAMES.writeMemory, memory, (writer) => {
        writer.f64(offset);
        writer.bytes(taken);
      });
    });
  }

  async #access(
    kind: number,
    memory: string,
    write: (writer: FrameWriter) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { index } = this.#session.current(), { timeout } = this.#session.limits;
    const reply = await this.#session.request({
      kind,
      timeout,
      write: (writer) => {
        writer.u32(index);
        writer.string(memory);
        write(writer);
      },
      read: (reader) => reader.bytes(),
    });
    if ("result" in reply) return reply.result;
    this.#queue.checkOpen();
    const reason = "outcome" in reply && reply.outcome.kind === "fault"
      ? reply.outcome.message
      : "the guest ended";
    throw new AegisError("TypeMismatch", `Cannot access memory ${quote(memory)}: ${reason}`);
  }
}

function isNatural(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function rangeError(offset: unknown, length: unknown): TypeMismatchError {
  return new TypeMismatchError(
    "Cannot access memory",
    "whole numbers from 0",
    `offset ${describeValue(offset)} and length ${describeValue(length)}`,
  );
}
