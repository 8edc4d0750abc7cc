import { type EventSubscriber, readEventTypes } from "./event_subscriber.ts";
import { AegisError } from "../core/errors.ts";
import type { AegisEvent, EventOf, EventType } from "../core/events.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { RingBuffer } from "../core/ring_buffer.ts";

/** What a {@linkcode CollectingSubscriber} keeps. */
export interface CollectingOptions {
  /** Events that are kept; then the oldest are dropped, and counted. @default 10000 */
  readonly capacity?: number;
  /** The types that are wanted. @default all */
  readonly types?: readonly EventType[];
}

const OPTIONS: OptionNames<CollectingOptions> = {
  place: "of a subscriber that collects",
  names: { capacity: true, types: true },
};

const CAPACITY = 10_000, MOST_CAPACITY = 1_000_000;

/**
 * Keeps the last events, for tests and for reports. An event has at most some 2 KB: what a guest chooses is cut.
 *
 * @example
 * ```ts
 * import { Aegis, CollectingSubscriber } from "jsr:@aegis/core";
 *
 * const collected = new CollectingSubscriber({ types: ["execution_completed"] });
 * await using runtime = await Aegis.create({ subscribers: [collected] });
 * await using sandbox = await runtime.sandbox().build();
 * await sandbox.loadModule(await runtime.loadWat('(module (func (export "f")))'));
 * await sandbox.call("f");
 * console.log(collected.ofType("execution_completed").map((event) => event.function)); // [ "f" ]
 * ```
 */
export class CollectingSubscriber implements EventSubscriber {
  /** The types that it keeps. */
  readonly types: readonly EventType[];
  readonly #events: RingBuffer<AegisEvent>;

  /** Collects nothing until it is subscribed. @throws {AegisError} `InvalidOption` */
  constructor(options: CollectingOptions = {}) {
    checkOptionNames(options, OPTIONS);
    const { capacity = CAPACITY, types } = options;
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > MOST_CAPACITY) {
      throw new AegisError(
        "InvalidOption",
        `Cannot collect ${quote(String(capacity))} events: use a whole number from 1 to ${MOST_CAPACITY}`,
        { field: "capacity" },
      );
    }
    this.types = [...readEventTypes(types)];
    this.#events = new RingBuffer(capacity);
  }

  /** Takes note of an event. */
  onEvent(event: AegisEvent): void {
    this.#events.add(event);
  }

  /** The events that are kept, the oldest first. */
  get events(): readonly AegisEvent[] {
    return [...this.#events];
  }

  /** Those of one type. */
  ofType<Type extends EventType>(type: Type): readonly EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** Events that had to make room for later ones. */
  get dropped(): number {
    return this.#events.dropped;
  }

  /** Forgets all, and what was dropped. */
  clear(): void {
    this.#events.clear();
  }
}
