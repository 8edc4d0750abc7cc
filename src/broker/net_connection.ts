/**
 * A connection whose every incoming byte is charged to its sandbox: what its guest reads when it reads it; interim
 * responses, framing and what TLS adds as they come in; what nobody reads at the end.
 */
import type { Allowance } from "./net_allowance.ts";
import type { NodeSocket } from "./net_node.ts";
import type { ErrnoName } from "../protocol/errno.ts";
import { OperationError } from "../protocol/operations.ts";

/** Milliseconds between two looks at what came in. */
const LOOK = 20;

/**
 * Bytes beside content that may come in: so many, and so many for each byte of content. Chunks of a single byte are
 * honest and cost five; TLS reads up to 64 KiB ahead; a head of 16 KiB may follow several interim ones.
 */
const MOST_WASTE = 256 * 1024, MOST_WASTE_A_BYTE = 8;

/** What of the bytes that came in is of use to the guest. */
export interface Content {
  /** Bytes of the body so far. */
  readonly received: number;
  /** Those of them that the guest has not read. */
  readonly unread: number;
}

const NO_CONTENT: Content = { received: 0, unread: 0 };

export class Connection {
  readonly #plain: NodeSocket;
  readonly #reads: Allowance;
  readonly #watch: ReturnType<typeof setInterval>;
  #socket: NodeSocket;
  #content: () => Content = () => NO_CONTENT;
  #charged = 0;
  #closed = false;
  #failure: ErrnoName | undefined;

  /** @param plain what counts the bytes that come in @param reads what they are charged to */
  constructor(plain: NodeSocket, reads: Allowance) {
    this.#plain = this.#socket = plain;
    this.#reads = reads;
    this.#watch = setInterval(() => this.#look(), LOOK);
  }

  /** What speaks HTTP: the socket, or TLS over it. */
  get socket(): NodeSocket {
    return this.#socket;
  }

  /** TLS over the socket speaks from now on. */
  secure(socket: NodeSocket): void {
    this.#socket = socket;
  }

  /** Some of what comes in is content from now on. */
  carries(content: () => Content): void {
    this.#content = content;
  }

  /** Charges what came in and is not for the guest to read. @throws {OperationError} `dquot`; the connection is closed */
  charge(): void {
    this.#chargeBut(this.#content().unread);
    if (this.#failure !== undefined) throw new OperationError(this.#failure);
  }

  /** Ends the connection, and charges the rest of what came in. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    this.#chargeBut(0);
    this.#socket.destroy();
    this.#plain.destroy();
  }

  /** The error of something that failed on this connection: that of its end, when it was ended for what came in. */
  reason(error: unknown): unknown {
    return this.#failure === undefined ? error : new OperationError(this.#failure);
  }

  #chargeBut(unread: number): void {
    const due = Math.max(0, this.#plain.bytesRead - unread - this.#charged);
    this.#charged += due;
    if (!this.#reads.charge(due)) this.#fail("dquot");
  }

  #look(): void {
    const { received, unread } = this.#content();
    if (this.#plain.bytesRead - received > MOST_WASTE + MOST_WASTE_A_BYTE * received) this.#fail("proto");
    else this.#chargeBut(unread);
  }

  #fail(errno: ErrnoName): void {
    this.#failure ??= errno;
    this.close();
  }
}
