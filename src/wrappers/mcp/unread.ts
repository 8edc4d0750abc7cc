/**
 * Answers over HTTP on their way to clients. The SDK writes them whether anybody reads or not, so what is not read yet is
 * counted here: bounded for each session and for all of them. An answer past that is cut off, and its connection with it.
 */

/** Bytes that may be unread: of one session, and of all. */
export interface UnreadBounds {
  readonly session: number;
  readonly all: number;
}

/** Some of the largest results. */
const UNREAD_BOUNDS: UnreadBounds = { session: 16 * 1024 * 1024, all: 64 * 1024 * 1024 };

/** An answer that is being read. */
interface Answer {
  readonly session: object;
  bytes: number;
  /** Ends it, and lets go of what it holds. */
  readonly cut: () => void;
}

export class Unread {
  readonly #bounds: UnreadBounds;
  /** Answers of which something is unread; the one of which nothing was read for longest comes first. */
  readonly #answers = new Set<Answer>();

  constructor(bounds: UnreadBounds = UNREAD_BOUNDS) {
    this.#bounds = bounds;
  }

  /** Bytes that are held. */
  get bytes(): number {
    return [...this.#answers].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * The same answer, counted until it was read, or is of no interest any more.
   *
   * @param onEnd called once then
   */
  pass(response: Response, session: object, onEnd: () => void): Response {
    if (response.body === null) {
      onEnd();
      return response;
    }
    const reader = response.body.getReader(), pieces: Uint8Array[] = [];
    let state: "open" | "complete" | "over" = "open", awaited: (() => void) | undefined, taken = 0;
    let control: ReadableStreamDefaultController<Uint8Array> | undefined;
    const end = () => {
      if (state === "over") return false;
      state = "over";
      pieces.length = 0;
      this.#add(answer, -answer.bytes);
      awaited?.();
      onEnd();
      return true;
    };
    const fail = (error: Error) => {
      if (!end()) return;
      control?.error(error);
      reader.cancel(error).catch(() => {}); // it may have failed itself
    };
    const answer: Answer = { session, bytes: 0, cut: () => fail(new Error("Too much is unread")) };
    const take = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (state === "over") return;
        pieces.push(next.value);
        this.#add(answer, next.value.length);
        awaited?.();
      }
      if (state === "open") state = "complete";
      awaited?.();
    };
    take().catch(fail);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        control = controller;
      },
      pull: async (controller) => {
        this.#add(answer, -taken); // whoever asks for more has passed on what came before
        taken = 0;
        while (pieces.length === 0 && state === "open") {
          await new Promise<void>((resolve) => awaited = resolve);
        }
        const piece = pieces.shift();
        if (piece !== undefined) {
          taken = piece.length;
          controller.enqueue(piece);
        } else if (state === "complete") {
          end();
          controller.close();
        }
      },
      cancel: async (reason) => {
        end();
        await reader.cancel(reason);
      },
    }, { highWaterMark: 0 });
    return new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>, {
      status: response.status,
      headers: response.headers,
    });
  }

  #add(answer: Answer, bytes: number): void {
    answer.bytes += bytes;
    if (bytes < 0) this.#answers.delete(answer); // and behind all others
    if (answer.bytes > 0) this.#answers.add(answer);
    if (bytes > 0) this.#keepWithin(answer);
  }

  /** One answer may always be held: how large it can be is bounded where it is made. */
  #keepWithin(added: Answer): void {
    const own = [...this.#answers].filter(({ session }) => session === added.session);
    const bytes = own.reduce((sum, one) => sum + one.bytes, 0);
    if (own.length > 1 && bytes > this.#bounds.session) added.cut();
    for (const oldest of [...this.#answers]) {
      if (this.#answers.size === 1 || this.bytes <= this.#bounds.all) return;
      oldest.cut(); // who reads is not hurt by who does not
    }
  }
}
