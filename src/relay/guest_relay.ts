/**
 * Stands in for a guest's thread on the host's side of a process boundary. The channel is the host's, as if the guest
 * were a thread; whenever the turn is the guest's, the frame goes to the child, and what comes from the child is put
 * into the channel for whom it names. Changes of the control words go over at once.
 *
 * Nothing that the child sends is believed: a turn that is not its own to give, or that ends what the child has not
 * read, a frame that is too long or readings without end are offences, for which it is killed, and the guest is lost.
 */
import type { ChildEnd, RelayedChild, Sending } from "./child_process.ts";
import { errorText, failureText } from "./foreign_text.ts";
import {
  decodeReadings,
  decodeTurned,
  encodeControl,
  encodeFrameHead,
  READINGS_SIZE,
  TURNED_HEAD,
} from "./packet_contents.ts";
import { FAILURE_SIZE, packet, type PacketKind, type PacketLimits, PACKETS, WireError } from "./wire.ts";
import { type BrokerLink, type BrokerLinks, ringBroker } from "../protocol/broker_link.ts";
import { encodeData } from "../protocol/data.ts";
import { FRAMES, RESULTS, TURNS, WORDS } from "../protocol/layout.ts";
import type { BrokerPerformer } from "../protocol/operations.ts";
import { type ControlWords, RelayEnd } from "../protocol/relay_end.ts";

/** A guest as it is started. */
export interface RelayedGuest {
  readonly buffer: SharedArrayBuffer;
  readonly links: BrokerLinks;
  /** The first message to the guest's Worker, without what is shared between threads. */
  readonly start: object;
  /** Bytes of the child's heap, for the outcome when it is full. */
  readonly heapSize: number;
  /** Called once, when the guest is gone. */
  readonly onLost: (why: string) => void;
}

/** Readings that a child may send within a second; an honest one sends a hundred. */
const MOST_READINGS = 1000;

/** The packets that may come from a guest's child. */
export function guestPacketLimits(frameSize: number): PacketLimits {
  return {
    [PACKETS.turned]: TURNED_HEAD + frameSize,
    [PACKETS.readings]: READINGS_SIZE,
    [PACKETS.failed]: FAILURE_SIZE,
  };
}

export class GuestRelay {
  readonly #guest: RelayedGuest;
  readonly #end: RelayEnd;
  readonly #child: RelayedChild;
  /** What the child knows of the control words. */
  #known: ControlWords;
  /** What the child works on when it has the turn: the last frame or message. */
  #asked: Sending;
  /** Whether the child has the turn. */
  #away = true;
  #ended = false;
  #readings = 0;
  #secondBegan = performance.now();

  /** Starts the guest in the child: it has the turn, without a frame, and answers when it can serve. */
  constructor(child: RelayedChild, guest: RelayedGuest) {
    this.#child = child;
    this.#guest = guest;
    this.#end = new RelayEnd(guest.buffer, "guest");
    const start = encodeData({ ...guest.start, links: Object.keys(guest.links) });
    this.#asked = child.send(packet(PACKETS.post, start));
    this.#known = this.#end.control;
    this.#sendControl();
    void this.#run();
  }

  /** Sends a message to the guest's Worker. A turn that was given without a frame before goes first. */
  post(message: object): void {
    this.#look();
    this.#asked = this.#child.send(packet(PACKETS.post, encodeData(message)));
  }

  /** Ends the guest and its process. */
  close(): void {
    this.#ended = true;
    this.#child.kill();
    this.#wake();
  }

  /** Takes a packet from the child. @throws {Error} for what it may not send */
  packet(kind: PacketKind, content: Uint8Array<ArrayBuffer>): void {
    if (this.#ended) return;
    switch (kind) {
      case PACKETS.turned:
        return this.#turned(content);
      case PACKETS.readings:
        this.#countReadings();
        return this.#end.setReadings(decodeReadings(content).readings);
      case PACKETS.failed:
        return this.#child.kill(failureText(content));
      default:
        throw new WireError(`Cannot take a packet of kind ${kind} from a guest`);
    }
  }

  /** The child is gone. A guest that filled its heap has exceeded its memory: that is how its request ends. */
  childEnded({ why, heapFull }: ChildEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    if (heapFull && this.#away) this.#endForHeap();
    this.#guest.onLost(why);
    this.#wake();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#ended) {
        const seen = this.#end.bellCount(WORDS.guestBell);
        this.#look();
        await this.#end.rung(WORDS.guestBell, seen);
      }
    } catch (error) {
      // This thread relays for other guests as well.
      this.#child.kill(`its relay failed: ${errorText(error)}`);
    }
  }

  #wake(): void {
    this.#end.wake(WORDS.guestBell);
  }

  /** Sends what is new for the child. */
  #look(): void {
    if (this.#ended) return;
    if (!this.#away && this.#end.turnWord === TURNS.guest) return this.#sendFrame();
    const now = this.#end.control;
    if (sameControl(now, this.#known)) return;
    this.#known = now;
    this.#sendControl();
  }

  #sendControl(): void {
    this.#child.tell(packet(PACKETS.control, encodeControl(this.#known)));
  }

  #sendFrame(): void {
    const frame = this.#end.takeFrame();
    this.#away = true;
    this.#known = this.#end.control;
    this.#asked = this.#child.send(packet(
      PACKETS.frame,
      encodeFrameHead({ slot: 0, control: this.#known, frame }),
      frame.bytes,
    ));
  }

  #turned(content: Uint8Array): void {
    const { turn, frame, readings } = decodeTurned(content);
    if (!this.#away) throw new WireError("Cannot take a frame out of turn");
    if (turn === TURNS.guest) throw new WireError("Cannot take a frame that is for its sender");
    if (!this.#asked.written) throw new WireError("Cannot take the end of a turn whose beginning is unread");
    const link = turn === TURNS.host ? undefined : this.#linkOf(turn);
    this.#end.putFrame(frame);
    this.#end.setReadings(readings);
    this.#away = false;
    if (link === undefined) return this.#end.pass(TURNS.host, WORDS.hostBell);
    this.#end.pass(turn);
    ringBroker(link);
  }

  #linkOf(turn: number): BrokerLink {
    const { links } = this.#guest;
    for (const name of Object.keys(links) as BrokerPerformer[]) { // its keys are names of brokers
      const link = links[name];
      if (TURNS[name] === turn && link !== undefined) return link;
    }
    throw new WireError(`Cannot give the turn to ${turn}: the guest has no such broker`);
  }

  #countReadings(): void {
    const now = performance.now();
    if (now - this.#secondBegan > 1000) {
      this.#secondBegan = now;
      this.#readings = 0;
    }
    if (++this.#readings > MOST_READINGS) throw new WireError("Cannot take readings without end");
  }

  #endForHeap(): void {
    const writer = this.#end.writer(), { heapSize } = this.#guest;
    writer.u8(RESULTS.heapFull);
    writer.f64(heapSize);
    writer.f64(heapSize);
    this.#end.passWritten(TURNS.host, FRAMES.result, WORDS.hostBell);
  }
}

function sameControl(one: ControlWords, other: ControlWords): boolean {
  return one.control === other.control && one.abortReason === other.abortReason &&
    one.fuelBudget === other.fuelBudget && one.pausedTime === other.pausedTime &&
    one.saveRequests === other.saveRequests;
}
