/** The child processes of one runtime, in the relay Worker: one for each guest, one to spare, one for each broker. */
import { brokerPacketLimits, type BrokerPost, BrokerRelay } from "./broker_relay.ts";
import { type ChildEvents, type ChildOptions, ChildProcess } from "./child_process.ts";
import { errorText } from "./foreign_text.ts";
import { guestPacketLimits, GuestRelay } from "./guest_relay.ts";
import type { RelayReport, RelayRequest, RelaySettings } from "./relay_messages.ts";
import { packet, PACKETS, WireError } from "./wire.ts";
import { encodeData } from "../protocol/data.ts";

/** A child; the spare one has nothing that it relays. */
interface Child<Relay extends GuestRelay | BrokerRelay = GuestRelay | BrokerRelay> {
  readonly process: ChildProcess;
  relay?: Relay;
  /** Ends when the process is gone. */
  readonly gone: Promise<void>;
}

/** Bytes that a child may leave unread at least, however small frames are: it reads nothing until it has started. */
const LEAST_BACKLOG = 1024 * 1024;

/** Milliseconds after a guest was started until the next child is: the guest comes first. */
const SPARE_PAUSE = 50;

export class Children {
  readonly #settings: RelaySettings;
  readonly #report: (report: RelayReport) => void;
  readonly #guests: Map<number, Child<GuestRelay>> = new Map();
  readonly #brokers: Map<number, Child<BrokerRelay>> = new Map();
  readonly #alive: Set<Child> = new Set();
  #spare: Child<GuestRelay> | undefined;
  #spareTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(settings: RelaySettings, report: (report: RelayReport) => void) {
    this.#settings = settings;
    this.#report = report;
  }

  /** Starts a guest. */
  guest({ id, buffer, links, start }: Extract<RelayRequest, { kind: "guest" }>): void {
    const { heapSize } = this.#settings, child = this.#tryStart(id, () => this.#take());
    if (child === undefined) return;
    const onLost = (why: string) => this.#report({ kind: "lost", id, why });
    this.#keep(this.#guests, id, child);
    this.#attempt(id, child, () => {
      child.relay = new GuestRelay(child.process, { buffer, links, start, heapSize, onLost });
    });
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => this.#prepareSpare(), SPARE_PAUSE);
  }

  /** Starts a broker. */
  broker(
    { id, performer, program, permissions, environment }: Extract<RelayRequest, { kind: "broker" }>,
  ): void {
    const { frameSize } = this.#settings;
    const child = this.#tryStart(id, () =>
      this.#startChild<BrokerRelay>({
        role: "broker",
        program,
        options: { permissions, environment, limits: brokerPacketLimits(frameSize) },
      }));
    if (child === undefined) return;
    child.relay = new BrokerRelay(child.process, {
      performer,
      onReport: (message) => this.#report({ kind: "report", id, report: message }),
      onLost: (why) => this.#report({ kind: "lost", id, why }),
    });
    this.#keep(this.#brokers, id, child);
  }

  brokerPost(id: number, message: BrokerPost): void {
    const child = this.#brokers.get(id);
    if (child !== undefined) this.#attempt(id, child, () => child.relay?.post(message));
  }

  #keep<Kept extends Child>(children: Map<number, Kept>, id: number, child: Kept): void {
    children.set(id, child);
    void child.gone.then(() => {
      children.delete(id);
      this.#report({ kind: "ended", id });
    });
  }

  /** Does something for one child. Where that fails the child is ended, and the others, who have this thread too, live. */
  #attempt(id: number, child: Child, act: () => void): void {
    try {
      act();
    } catch (error) {
      const why = `its relay failed: ${errorText(error)}`;
      // The relay says why it ends; where it could not be made nobody would.
      if (child.relay === undefined) this.#report({ kind: "lost", id, why });
      child.process.kill(why);
    }
  }

  #tryStart<Started>(id: number, start: () => Started): Started | undefined {
    try {
      return start();
    } catch (error) {
      this.#report({ kind: "lost", id, why: error instanceof Error ? error.message : String(error) });
      this.#report({ kind: "ended", id });
      return undefined;
    }
  }

  post(id: number, message: object): void {
    const child = this.#guests.get(id);
    if (child !== undefined) this.#attempt(id, child, () => child.relay?.post(message));
  }

  /** Ends a guest or a broker; its process is killed. */
  end(id: number): void {
    this.#guests.get(id)?.relay?.close();
    this.#brokers.get(id)?.relay?.close();
  }

  /** Ends all processes; returns when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#spareTimer);
    for (const child of this.#alive) {
      child.relay?.close();
      child.process.kill();
    }
    await Promise.all([...this.#alive].map((child) => child.gone));
  }

  #take(): Child<GuestRelay> {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare ?? this.#startGuest();
  }

  #startGuest(): Child<GuestRelay> {
    const { guestProgram, heapSize, frameSize } = this.#settings, limits = guestPacketLimits(frameSize);
    return this.#startChild({ role: "guest", program: guestProgram, options: { heapSize, limits } });
  }

  #prepareSpare(): void {
    if (this.#closed || this.#spare !== undefined) return;
    try {
      this.#spare = this.#startGuest();
    } catch {
      // whoever needs a child will hear of it
    }
  }

  #startChild<Relay extends GuestRelay | BrokerRelay>({ role, program, options }: {
    readonly role: "guest" | "broker";
    /** The text of the program of its Worker. */
    readonly program: string;
    readonly options: Omit<ChildOptions, "execPath" | "program" | "backlog">;
  }): Child<Relay> {
    if (this.#closed) throw new Error("the runtime was closed");
    const { execPath, childProgram, frameSize } = this.#settings;
    const gone = Promise.withResolvers<void>();
    const events: ChildEvents = {
      packet: (kind, content) => {
        if (child.relay === undefined) {
          throw new WireError("Cannot take a packet of a child that has no guest");
        }
        child.relay.packet(kind, content);
      },
      end: (end) => {
        this.#alive.delete(child);
        if (this.#spare === child) this.#spare = undefined;
        child.relay?.childEnded(end);
        gone.resolve();
      },
    };
    const process = new ChildProcess({
      ...options,
      execPath,
      program: childProgram,
      backlog: Math.max(frameSize, LEAST_BACKLOG),
    }, events);
    const child: Child<Relay> = { process, gone: gone.promise };
    this.#alive.add(child);
    process.send(packet(PACKETS.begin, encodeData({ role, program })));
    return child;
  }
}
