/** A broker that serves in its event loop, in its Worker and with its permissions; the test is its host and its guests. */
import { nameOf } from "./errno_name.ts";
import type { AsyncMessage, AttachAsyncMessage, BrokerReport } from "../../src/broker/messages.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { BROKER_WORDS } from "../../src/protocol/broker_words.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { FRAMES } from "../../src/protocol/layout.ts";
import { readAnswer, writeRequest } from "../../src/protocol/operation_frames.ts";
import {
  type BrokerPerformer,
  type OperationName,
  OPERATIONS,
  type RequestOf,
} from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";

/** How a guest reaches its broker. */
type Link = Parameters<GuestEnd["giveBroker"]>[1];

/** The broker, and the host's side of it. */
export class BrokerRig<Attach extends AttachAsyncMessage<unknown>> {
  readonly events: AuditEvent[] = [];
  readonly #words = new SharedArrayBuffer(4 * (BROKER_WORDS.ready + 2));
  readonly #view = new Int32Array(this.#words);
  readonly #mail = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  readonly #reports: BrokerReport[] = [];
  #wake: () => void = () => {};

  /** @param entry a file of `src/broker` */
  constructor(entry: string, permissions: Deno.PermissionOptionsObject) {
    this.#worker = new Worker(new URL(`../../src/broker/${entry}`, import.meta.url), {
      type: "module",
      deno: { permissions },
    });
    this.#worker.onmessage = (event: MessageEvent<BrokerReport>) => {
      if (event.data.kind === "audit") this.events.push(...event.data.events);
      this.#reports.push(event.data);
      this.#wake();
    };
    this.post({ kind: "start", words: this.#words, mail: this.#mail.buffer });
  }

  post(message: AsyncMessage<Attach>): void {
    Atomics.add(this.#mail, 0, 1);
    this.#worker.postMessage(message);
    Atomics.add(this.#view, BROKER_WORDS.bell, 1);
    Atomics.notify(this.#view, BROKER_WORDS.bell);
  }

  async report(kind: BrokerReport["kind"]): Promise<BrokerReport> {
    for (;;) {
      const found = this.#reports.find((report) => report.kind === kind);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** A sandbox comes. @param message how, with its channel */
  attach(slot: number, message: (channel: SharedArrayBuffer) => Attach): RigGuest {
    const channel = createSharedBuffer(1 << 20);
    this.post(message(channel));
    return new RigGuest(channel, {
      words: this.#view,
      bell: BROKER_WORDS.bell,
      readyWord: BROKER_WORDS.ready + (slot >>> 5),
      readyBit: 1 << (slot & 31),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.post({ kind: "close" });
    await this.report("closed");
    this.#worker.terminate();
  }
}

/** A guest that waits in the event loop, so that servers of the same thread can answer. */
export class RigGuest {
  readonly end: GuestEnd;
  readonly words: Int32Array;
  readonly #link: Link;

  constructor(readonly channel: SharedArrayBuffer, link: Link) {
    this.end = new GuestEnd(channel);
    this.words = new Int32Array(channel, 0, 64);
    this.#link = link;
  }

  /** Gives the turn with whatever was written. */
  give(broker: BrokerPerformer): void {
    this.end.giveBroker(broker, this.#link);
  }

  async answered(): Promise<void> {
    // A wait on shared memory alone does not keep the event loop going.
    const timer = setTimeout(() => {}, 10_000);
    await this.end.nextTurn();
    clearTimeout(timer);
    assertEquals(this.end.frameKind, FRAMES.answer);
  }

  /** What an operation says, or the name of its error number. */
  async perform<Name extends OperationName>(name: Name, request: RequestOf<Name>) {
    const { by } = OPERATIONS[name];
    assert(by !== "host", `${name} is no broker's`);
    writeRequest(this.end.writer(), name, request);
    this.give(by);
    await this.answered();
    const answer = readAnswer(this.end.reader(), name);
    return answer.reply ?? nameOf(answer.errno);
  }

  /** Name of the error number that some frame gets. */
  async refused(broker: BrokerPerformer): Promise<string> {
    this.give(broker);
    await this.answered();
    return nameOf(this.end.reader().u32());
  }
}
