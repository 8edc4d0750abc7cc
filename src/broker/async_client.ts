/**
 * A sandbox that a broker serves in its event loop. The other end of its channel is written by its guest, which may
 * write anything at any time: a frame is read only in the broker's turn, and a turn is answered once.
 */
import type { LoopClient } from "./async_loop.ts";
import { errnoOf } from "./failure.ts";
import { BrokerEnd } from "../protocol/broker_end.ts";
import { ERRNO, type ErrnoName } from "../protocol/errno.ts";
import { FrameError } from "../protocol/frame.ts";
import { CONTROLS, FRAME_START, FRAMES, WORDS } from "../protocol/layout.ts";
import { readRequest, writeAnswer } from "../protocol/operation_frames.ts";
import {
  type Answer,
  type BrokerPerformer,
  closes,
  type OperationName,
  operationOf,
  OPERATIONS,
  type OperationsBy,
  type RequestOf,
} from "../protocol/operations.ts";

/** The brokers that serve in their event loop. */
export type AsyncPerformer = Exclude<BrokerPerformer, "files">;

/** What a broker does for one sandbox. Its guest waits for each operation, so at most one is under way. */
export interface AsyncOperations<Performer extends AsyncPerformer, OwnGrant> {
  /** Never rejects: whatever fails is an error number. */
  perform<Name extends OperationsBy<Performer>>(name: Name, request: RequestOf<Name>): Promise<Answer<Name>>;
  /** Takes grants away: what is open or under way by one that is gone ends. */
  narrow(grants: readonly OwnGrant[]): void;
  /** Ends what is under way. */
  interrupt(): void;
  /** The sandbox serves somebody else: what it may use in all counts from zero. */
  renew(): void;
  /** Ends everything. */
  close(): void;
}

/** What a client is made with. */
export interface AsyncClientOptions<Performer extends AsyncPerformer, OwnGrant> {
  readonly performer: Performer;
  /** The sandbox's channel. */
  readonly channel: SharedArrayBuffer;
  /** @param room bytes that a reply can carry */
  readonly operations: (room: number) => AsyncOperations<Performer, OwnGrant>;
}

export class AsyncClient<Performer extends AsyncPerformer, OwnGrant> implements LoopClient<OwnGrant> {
  readonly #performer: Performer;
  readonly #channel: BrokerEnd;
  readonly #words: Int32Array;
  readonly #operations: AsyncOperations<Performer, OwnGrant>;
  /** The operation under way, or the last one. */
  #serving: Promise<void> = Promise.resolve();
  #busy = false;
  #closed = false;
  /** Whether the host has ended what was under way, and nothing new has begun. */
  #interrupted = false;

  constructor({ performer, channel, operations }: AsyncClientOptions<Performer, OwnGrant>) {
    this.#performer = performer;
    this.#channel = new BrokerEnd(channel, performer);
    this.#words = new Int32Array(channel, 0, FRAME_START / Int32Array.BYTES_PER_ELEMENT);
    this.#operations = operations(this.#channel.room);
  }

  /** Serves what the guest asks for; nothing when it asks for nothing, or when that is under way already. */
  serve(): void {
    const { asked, frameKind } = this.#channel;
    if (this.#busy || this.#closed || !asked || frameKind !== FRAMES.operation) return;
    this.#busy = true;
    this.#serving = this.#serve();
  }

  narrow(grants: readonly OwnGrant[]): void {
    this.#operations.narrow(grants);
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#operations.interrupt();
  }

  resume(): void {
    this.#interrupted = false;
  }

  renew(): void {
    this.#operations.renew();
  }

  /** Ends what is under way and closes what is open; then nothing is served any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#operations.close();
    await this.#serving;
    this.#operations.close();
  }

  /** Whether the guest is to end: the word is the faster of the two, and a hostile guest may write to it. */
  get #isAborted(): boolean {
    return this.#interrupted || Atomics.load(this.#words, WORDS.control) === CONTROLS.abort;
  }

  #performs(name: OperationName): name is OperationsBy<Performer> {
    return OPERATIONS[name].by === this.#performer;
  }

  async #serve(): Promise<void> {
    try {
      const reader = this.#channel.reader(), name = operationOf(reader.u32());
      if (name === undefined || !this.#performs(name)) return this.#refuse("nosys");
      const request = readRequest(reader, name);
      // Nothing is begun for a guest that ends; what is open must be closed for it all the same.
      if (this.#isAborted && !closes(name)) return this.#refuse("intr");
      this.#answer(name, await this.#operations.perform(name, request));
    } catch (error) {
      this.#refuse(errnoOf(error));
    }
  }

  #answer<Name extends OperationName>(name: Name, answer: Answer<Name>): void {
    try {
      writeAnswer(this.#channel.writer(), name, answer);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      return this.#refuse("msgsize");
    }
    this.#give();
  }

  #refuse(errno: ErrnoName): void {
    writeAnswer(this.#channel.writer(), "httpClose", { errno: ERRNO[errno] }); // a failure is the same for each
    this.#give();
  }

  #give(): void {
    // Before: the guest may ask again, and be looked at, before anything here runs on.
    this.#busy = false;
    this.#channel.give();
  }
}
