import type { AttachNetMessage } from "./messages.ts";
import { errnoOf } from "./net_failure.ts";
import { type NetOperationName, NetOperations } from "./net_operations.ts";
import type { NetPorts } from "./net_ports.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { NetworkGrant } from "../policy/grants.ts";
import { BrokerEnd } from "../protocol/channel.ts";
import { ERRNO, type ErrnoName } from "../protocol/errno.ts";
import { FrameError } from "../protocol/frame.ts";
import { CONTROLS, FRAME_START, FRAMES, WORDS } from "../protocol/layout.ts";
import {
  type Answer,
  type OperationName,
  operationOf,
  OPERATIONS,
  readRequest,
  writeAnswer,
} from "../protocol/operations.ts";

function isNetOperation(name: OperationName): name is NetOperationName {
  return OPERATIONS[name].by === "net";
}

/**
 * A sandbox that the network broker serves. The other end of its channel is written by its guest, which may write
 * anything at any time: a frame is read only in the broker's turn, and a turn is answered once.
 */
export class NetClient {
  readonly #channel: BrokerEnd;
  readonly #words: Int32Array;
  readonly #operations: NetOperations;
  /** The operation under way, or the last one. */
  #serving: Promise<void> = Promise.resolve();
  #busy = false;
  #closed = false;

  constructor(
    message: AttachNetMessage,
    options: { readonly ports: NetPorts; readonly audit: (event: AuditEvent) => void },
  ) {
    this.#channel = new BrokerEnd(message.channel, "net");
    this.#words = new Int32Array(message.channel, 0, FRAME_START / Int32Array.BYTES_PER_ELEMENT);
    this.#operations = new NetOperations({ sandbox: message, room: this.#channel.room, ...options });
  }

  /** Serves what the guest asks for; nothing when it asks for nothing, or when that is under way already. */
  serve(): void {
    const { asked, frameKind } = this.#channel;
    if (this.#busy || this.#closed || !asked || frameKind !== FRAMES.operation) return;
    this.#busy = true;
    this.#serving = this.#serve();
  }

  narrow(grants: readonly NetworkGrant[]): void {
    this.#operations.narrow(grants);
  }

  interrupt(): void {
    this.#operations.interrupt();
  }

  /** Ends what is under way and closes what is open; then nothing is served any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#operations.close();
    await this.#serving;
    this.#operations.close();
  }

  /** Whether the host has told the guest to end. */
  get #isAborted(): boolean {
    return Atomics.load(this.#words, WORDS.control) === CONTROLS.abort;
  }

  async #serve(): Promise<void> {
    try {
      const reader = this.#channel.reader(), name = operationOf(reader.u32());
      if (name === undefined || !isNetOperation(name)) return this.#refuse("nosys");
      const request = readRequest(reader, name);
      // Nothing is begun for a guest that ends; what is open must be closed for it all the same.
      if (this.#isAborted && name !== "httpClose") return this.#refuse("intr");
      this.#answer(name, await this.#operations.perform(name, request));
    } catch (error) {
      this.#refuse(errnoOf(error));
    }
  }

  #answer(name: NetOperationName, answer: Answer<NetOperationName>): void {
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
