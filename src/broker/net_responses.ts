/** Responses whose bodies are being read. A body stays in its socket until the guest reads: one piece is held here. */
import type { Deadline } from "./deadline.ts";
import type { Connection } from "./net_connection.ts";
import { errnoOf } from "./net_failure.ts";
import type { NodeResponse } from "./net_node.ts";
import type { NetworkRequest } from "../policy/request.ts";
import type { ErrnoName } from "../protocol/errno.ts";
import { OperationError } from "../protocol/operations.ts";

const NO_BYTES = new Uint8Array(0);

/** The body of one response. */
export class OpenResponse {
  /** The hop that it answers. */
  readonly hop: NetworkRequest;
  readonly #connection: Connection;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = NO_BYTES;
  #most: number;
  #received = 0;
  #finished = false;
  #failure: ErrnoName | undefined;

  /** @param options `most`: bytes that the body may have */
  constructor(
    response: NodeResponse,
    options: { readonly hop: NetworkRequest; readonly connection: Connection; readonly most: number },
  ) {
    this.hop = options.hop;
    this.#connection = options.connection;
    this.#most = options.most;
    this.#pieces = response[Symbol.asyncIterator]();
    this.#connection.carries(() => {
      const waiting = response.readableLength;
      return { received: this.#received + waiting, unread: this.#piece.length + waiting };
    });
    this.#connection.charge();
  }

  /** Bytes that the body may have from now on, if that is less. */
  narrow(most: number): void {
    this.#most = Math.min(this.#most, most);
  }

  /** Closes the connection; reading fails from now on. */
  end(errno: ErrnoName): void {
    this.#failure ??= errno;
    this.#piece = NO_BYTES;
    this.#connection.close();
  }

  /**
   * The next bytes, at most `length`; none at the end. A read that fails ends the response.
   *
   * @throws {OperationError} `msgsize` for a body that is too long, `dquot`, `timedout`, or as the connection fails
   */
  async read(length: number, deadline: Deadline): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw new OperationError(this.#failure);
    if (length === 0) return NO_BYTES;
    while (this.#piece.length === 0 && !this.#finished) await this.#next(deadline);
    const bytes = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(bytes.length);
    this.#charge();
    return bytes;
  }

  async #next(deadline: Deadline): Promise<void> {
    try {
      const next = await deadline.race(this.#pieces.next());
      if (this.#failure !== undefined) throw new OperationError(this.#failure);
      if (next.done === true) {
        this.#finished = true;
        this.#connection.close();
        return;
      }
      this.#received += next.value.length;
      if (this.#received > this.#most) throw new OperationError("msgsize");
      this.#piece = next.value;
    } catch (error) {
      this.#fail(error);
    }
  }

  #charge(): void {
    try {
      this.#connection.charge();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    this.end(errnoOf(this.#connection.reason(error)));
    throw new OperationError(this.#failure ?? "io");
  }
}

/** The open responses of one sandbox, by the numbers that its guest knows. */
export class OpenResponses {
  readonly #open: Map<number, OpenResponse> = new Map();
  readonly #most: number;
  #last = 0;

  /** @param most responses open at once */
  constructor(most: number) {
    this.#most = most;
  }

  /** @throws {OperationError} `mfile` when no further request may be made, to that host no more than `most` */
  checkRoom(host: string, most: number): void {
    const same = [...this.#open.values()].filter(({ hop }) => hop.host === host).length;
    if (this.#open.size >= this.#most || same >= most) throw new OperationError("mfile");
  }

  add(response: OpenResponse): number {
    do this.#last = (this.#last + 1) >>> 0; while (this.#open.has(this.#last));
    this.#open.set(this.#last, response);
    return this.#last;
  }

  /** @throws {OperationError} `badf` */
  get(number: number): OpenResponse {
    const response = this.#open.get(number);
    if (response === undefined) throw new OperationError("badf");
    return response;
  }

  /** @throws {OperationError} `badf` */
  close(number: number): void {
    this.get(number).end("badf");
    this.#open.delete(number);
  }

  closeAll(): void {
    for (const response of this.#open.values()) response.end("badf");
    this.#open.clear();
  }

  [Symbol.iterator](): Iterator<OpenResponse> {
    return this.#open.values();
  }
}
