/**
 * Gives operations to those who perform them, and waits for the answers. The files broker answers within microseconds, so
 * the wait spins before it parks: a wake-up takes 50 µs, a spin that ends in time 0.1 µs.
 */
import type { BrokerLinks } from "../protocol/broker_link.ts";
import type { GuestEnd } from "../protocol/channel.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FRAMES, TURNS } from "../protocol/layout.ts";
import { readAnswer, writeRequest } from "../protocol/operation_frames.ts";
import {
  type Answer,
  type OperationName,
  OPERATIONS,
  type Performer,
  type RequestOf,
} from "../protocol/operations.ts";

/** Looks at the turn before the thread parks: at most, about 50 µs; and at least, when spinning has been in vain. */
const MOST_SPINS = 16_384, LEAST_SPINS = 64;

export class Performers {
  readonly #channel: GuestEnd;
  readonly #links: BrokerLinks;
  readonly #spin: boolean;
  #spins = MOST_SPINS;

  /** @param options `spin`: whether there is a core to spare for it */
  constructor(channel: GuestEnd, options: { readonly links: BrokerLinks; readonly spin: boolean }) {
    this.#channel = channel;
    this.#links = options.links;
    this.#spin = options.spin;
  }

  /** Bytes that one operation can carry. */
  get room(): number {
    return this.#channel.room;
  }

  /** Writes a request, gives the turn away and parks until it is back; undefined when its performer threw. */
  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> | undefined {
    const channel = this.#channel, performer: Performer = OPERATIONS[name].by;
    if (performer === "host") {
      writeRequest(channel.writer(), name, request);
      channel.give(FRAMES.operation);
      channel.waitForTurn();
    } else {
      const link = this.#links[performer];
      if (link === undefined) return this.#refused(name, request);
      writeRequest(channel.writer(), name, request);
      channel.giveBroker(performer, link);
      this.#wait(performer);
    }
    if (channel.frameKind !== FRAMES.answer) return undefined;
    return readAnswer(channel.reader(), name);
  }

  /** There is no broker to ask, since nothing of its kind was granted: the host takes note of what was asked for. */
  #refused<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> | undefined {
    const answer = this.#tell(name, request);
    return answer === undefined ? undefined : { errno: ERRNO.notcapable, missing: answer.missing };
  }

  #tell<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<OperationName> | undefined {
    switch (name) {
      case "httpRequest": {
        const { method, url } = request as RequestOf<"httpRequest">; // the name says so
        return this.perform("refusedRequest", { method, url });
      }
      case "processRun": {
        const { name: command } = request as RequestOf<"processRun">; // as above
        return this.perform("refusedCommand", { name: command });
      }
      default:
        return { errno: ERRNO.notcapable };
    }
  }

  #wait(performer: Performer): void {
    if (!this.#spin || performer !== "files") return this.#channel.waitForTurn();
    if (this.#channel.spinForTurn(TURNS.guest, this.#spins)) {
      this.#spins = Math.min(MOST_SPINS, this.#spins * 2);
      return;
    }
    this.#spins = Math.max(LEAST_SPINS, this.#spins >> 1);
    this.#channel.waitForTurn();
  }
}
