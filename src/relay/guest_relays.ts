/** The guests of one runtime and their child processes, in the relay Worker. One child a guest, and one to spare. */
import { type ChildEnd, type ChildEvents, ChildProcess } from "./child_process.ts";
import { guestPacketLimits, GuestRelay } from "./guest_relay.ts";
import type { RelayReport, RelayRequest, RelaySettings } from "./relay_messages.ts";
import { packet, PACKETS } from "./wire.ts";
import { encodeData } from "../protocol/data.ts";

/** A child that has no guest yet, or has one. */
interface Child {
  readonly process: ChildProcess;
  relay?: GuestRelay;
  /** Ends when the process is gone. */
  readonly gone: Promise<void>;
  end?: ChildEnd;
}

/** Milliseconds after a guest was started until the next child is: the guest comes first. */
const SPARE_PAUSE = 50;

export class GuestRelays {
  readonly #settings: RelaySettings;
  readonly #report: (report: RelayReport) => void;
  readonly #guests: Map<number, Child> = new Map();
  readonly #alive: Set<Child> = new Set();
  #spare: Child | undefined;
  #spareTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(settings: RelaySettings, report: (report: RelayReport) => void) {
    this.#settings = settings;
    this.#report = report;
  }

  /** Starts a guest. */
  guest({ id, buffer, links, start }: Extract<RelayRequest, { kind: "guest" }>): void {
    const report = this.#report, { heapSize } = this.#settings;
    let child: Child;
    try {
      child = this.#take();
    } catch (error) {
      report({ kind: "lost", id, why: error instanceof Error ? error.message : String(error) });
      return report({ kind: "ended", id });
    }
    const onLost = (why: string) => report({ kind: "lost", id, why });
    child.relay = new GuestRelay(child.process, { buffer, links, start, heapSize, onLost });
    if (child.end !== undefined) child.relay.childEnded(child.end);
    this.#guests.set(id, child);
    void child.gone.then(() => {
      this.#guests.delete(id);
      report({ kind: "ended", id });
    });
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(() => this.#prepareSpare(), SPARE_PAUSE);
  }

  post(id: number, message: object): void {
    this.#guests.get(id)?.relay?.post(message);
  }

  /** Ends a guest; its process is killed. */
  end(id: number): void {
    this.#guests.get(id)?.relay?.close();
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

  #take(): Child {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare ?? this.#startChild();
  }

  #prepareSpare(): void {
    if (this.#closed || this.#spare !== undefined) return;
    try {
      this.#spare = this.#startChild();
    } catch {
      // whoever needs a child will hear of it
    }
  }

  #startChild(): Child {
    const { execPath, childProgram, guestProgram, heapSize, frameSize } = this.#settings;
    const gone = Promise.withResolvers<void>();
    const events: ChildEvents = {
      packet: (kind, content) => child.relay?.packet(kind, content),
      end: (end) => {
        child.end = end;
        this.#alive.delete(child);
        if (this.#spare === child) this.#spare = undefined;
        child.relay?.childEnded(end);
        gone.resolve();
      },
    };
    const limits = guestPacketLimits(frameSize);
    const process = new ChildProcess({ execPath, program: childProgram, heapSize, limits }, events);
    const child: Child = { process, gone: gone.promise };
    this.#alive.add(child);
    process.send(packet(PACKETS.begin, encodeData({ role: "guest", program: guestProgram })));
    return child;
  }
}
