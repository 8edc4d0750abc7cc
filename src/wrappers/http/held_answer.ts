/**
 * An answer while its guest gives it. It is held back for a moment: a guest that fails right after its head ends as a proper
 * failure, and one that is done has its length. Then it is a stream, and the guest waits for who reads it.
 */
import { type AnswerHead, hasBody } from "./guest_headers.ts";
import { HttpFailure } from "./http_failure.ts";

/** Bytes that are held, and that wait in the stream; milliseconds that a head is held for. */
const HELD_BYTES = 64 * 1024, HELD_TIME = 25;

/** Bytes that are held of an answer which goes out whole or not at all. */
const WHOLE_BYTES = 1024 * 1024;

/** What a client gets, whole or in the making. */
export interface Answer {
  /** 200 to 599. */
  readonly status: number;
  /** What a guest may not say is not among them. */
  readonly headers: Headers;
  /** Whole, or as it comes; `null` for none. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

export interface HeldAnswerOptions {
  /** Of the request. */
  readonly method: string;
  /** Bytes of a body at most. */
  readonly mostBytes: number;
  /** Nobody wants the rest: the guest is to stop. */
  readonly stop: () => void;
  /** Told of a failure that comes when a part of the answer is out; others reject {@linkcode HeldAnswer.answer}. */
  readonly report: (failure: HttpFailure) => void;
  /** Whether it goes out whole or not at all: HTTP/1.0 has no way to say that an answer of no length is cut. @default false */
  readonly whole?: boolean;
}

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

export class HeldAnswer {
  readonly #options: HeldAnswerOptions;
  readonly #answer: PromiseWithResolvers<Answer> = Promise.withResolvers();
  #head: AnswerHead | undefined;
  #held: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #controller: Controller | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Lets the guest go on when there is room. */
  #drained: (() => void) | undefined;
  #ended = false;
  #failed = false;

  constructor(options: HeldAnswerOptions) {
    this.#options = options;
    this.#answer.promise.catch(() => {}); // who asks for it is told
  }

  /** What to send, once it is known. @throws {HttpFailure} */
  get answer(): Promise<Answer> {
    return this.#answer.promise;
  }

  /** Whether there was no answer, or not all of it. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether the head has come. */
  get begun(): boolean {
    return this.#head !== undefined;
  }

  /** A length that is said tells a client of any version that its answer was cut. */
  get #whole(): boolean {
    return this.#options.whole === true && this.#head?.length === undefined;
  }

  begin(head: AnswerHead): void {
    this.#head = head;
    if (!this.#whole) this.#timer = setTimeout(() => this.#release(), HELD_TIME);
  }

  /** Takes a piece of the body. @returns a promise while there is no room for more */
  push(bytes: Uint8Array<ArrayBuffer>): void | Promise<void> {
    if (this.#ended || this.#head === undefined || bytes.length === 0) return;
    this.#size += bytes.length;
    const { method, mostBytes } = this.#options, { length = Infinity, status } = this.#head;
    if (this.#size > mostBytes) {
      return this.fail(new HttpFailure(502, `the guest's answer has more than ${mostBytes} bytes`), true);
    }
    if (!hasBody(method, status)) return;
    if (this.#size > length) {
      return this.fail(new HttpFailure(502, "the guest's answer is longer than it said"), true);
    }
    if (this.#controller === undefined) {
      this.#held.push(bytes);
      if (this.#whole && this.#size > WHOLE_BYTES) {
        const failure = new HttpFailure(505, `an answer of no length has more than ${WHOLE_BYTES} bytes`);
        return this.fail(failure, true);
      }
      if (this.#size >= HELD_BYTES && !this.#whole) this.#release();
    } else this.#controller.enqueue(bytes);
    return this.#room();
  }

  /** The guest is done. */
  end(): void {
    if (this.#ended) return;
    const head = this.#head, { method } = this.#options;
    if (head === undefined) return this.fail(new HttpFailure(502, "the guest gave no answer"));
    const whole = hasBody(method, head.status);
    if (whole && head.length !== undefined && head.length !== this.#size) {
      return this.fail(new HttpFailure(502, "the guest's answer is shorter than it said"));
    }
    this.#finish();
    if (this.#controller !== undefined) return this.#controller.close();
    const { status, headers } = head;
    if (whole) headers.set("content-length", String(this.#size));
    else if (method === "HEAD") headers.set("content-length", String(head.length ?? this.#size));
    this.#answer.resolve({ status, headers, body: whole ? joined(this.#held, this.#size) : null });
  }

  /** There is no answer, or no more of it. @param stop whether the guest is to be stopped, too */
  fail(failure: HttpFailure, stop = false): void {
    if (this.#ended) return;
    this.#failed = true;
    this.#finish();
    this.#held = [];
    if (this.#controller === undefined) this.#answer.reject(failure);
    else {
      this.#controller.error(failure);
      this.#options.report(failure);
    }
    if (stop) this.#options.stop();
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#drained?.();
  }

  /** What is there is sent, and the rest as it comes. */
  #release(): void {
    const head = this.#head;
    if (this.#controller !== undefined || this.#ended || head === undefined) return;
    const { status, headers } = head;
    if (!hasBody(this.#options.method, status)) return; // there is nothing to be early with
    clearTimeout(this.#timer);
    if (head.length !== undefined) headers.set("content-length", String(head.length));
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
        for (const piece of this.#held) controller.enqueue(piece);
        this.#held = [];
      },
      pull: () => {
        this.#drained?.();
        this.#drained = undefined;
      },
      cancel: () => {
        if (this.#ended) return;
        this.#finish();
        this.#options.stop();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: HELD_BYTES }));
    this.#answer.resolve({ status, headers, body });
  }

  #room(): void | Promise<void> {
    const room = this.#controller?.desiredSize ?? 1;
    if (this.#ended || room > 0) return;
    return new Promise<void>((resolve) => this.#drained = resolve);
  }
}

function joined(pieces: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
