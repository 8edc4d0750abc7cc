/**
 * Who listens to a sandbox, or to all sandboxes of a runtime. While nobody does, `active` is false and nothing of an
 * event comes to be: whoever would emit one asks before. What listeners throw never reaches the guest nor its caller.
 */
import { type EventSubscriber, readEventTypes, readSubscriber, unknownType } from "./event_subscriber.ts";
import { BoundedQueue, type BoundedStream } from "../core/bounded_stream.ts";
import { AegisError } from "../core/errors.ts";
import { type AegisEvent, EVENT_TYPES, type EventOf, type EventType, isEventType } from "../core/events.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";

/** How events are iterated over. */
export interface EventStreamOptions {
  /** Events that are kept while the reader is busy; then the oldest are dropped, and counted. @default 1000 */
  readonly capacity?: number;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** The types that are wanted. @default all */
  readonly types?: readonly EventType[];
}

const STREAM_OPTIONS: OptionNames<EventStreamOptions> = {
  place: "of a stream of events",
  names: { capacity: true, signal: true, types: true },
};

/** Events, for one reader; see {@linkcode AegisEvents.iterate}. */
export type EventStream = BoundedStream<AegisEvent>;

/** What is told by `addEventListener`. */
export type EventListenerOf<Type extends EventType> = (event: CustomEvent<EventOf<Type>>) => void;

/** Errors of subscribers that are kept. */
const MOST_FAILURES = 10;

const CAPACITY = 1000, MOST_CAPACITY = 1_000_000;

/** A bit for each type. */
const BITS: Readonly<Record<EventType, number>> = Object.freeze(
  Object.fromEntries(Object.keys(EVENT_TYPES).map((type, index) => [type, 1 << index])) as Record<
    EventType,
    number
  >, // the table's own keys
);

/** A listener that was added as to any event target. */
interface Listener {
  readonly type: EventType;
  readonly callback: EventListenerOrEventListenerObject;
  readonly capture: boolean;
  /** What the platform calls in its place. */
  readonly call: (event: Event) => void;
  readonly forget: () => void;
}

interface Subscription {
  readonly wanted: number;
  readonly tell: (event: AegisEvent) => void;
}

/** Bits of the types that somebody wants. */
interface Wanted {
  bits: number;
}

const EMIT = Symbol("emit"), END = Symbol("end");

/**
 * The events of a sandbox, or of all sandboxes of a runtime: an event target, whose events have the data in `detail`; a
 * source for subscribers; something to iterate over. Those of a sandbox come to its own listeners first, then to those of
 * its runtime.
 *
 * Listeners are called while the guest waits, and cannot call into its sandbox at that time: they get `Reentrant`.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create();
 * runtime.events.addEventListener("execution_completed", ({ detail }) => {
 *   console.log(detail.function, detail.outcome, detail.usage.fuelConsumed); // add value 4n
 * });
 * const module = await runtime.loadWat(`(module
 *   (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))`);
 * await using sandbox = await runtime.sandbox().build();
 * await sandbox.loadModule(module);
 * await sandbox.call("add", [2, 3]);
 * ```
 */
export class AegisEvents extends EventTarget implements AsyncIterable<AegisEvent> {
  readonly #parent: AegisEvents | undefined;
  /** Replaced as a whole: who goes while an event is told does not disturb the others. */
  #subscriptions: readonly Subscription[] = [];
  #listeners: readonly Listener[] = [];
  readonly #streams: Set<BoundedQueue<AegisEvent>> = new Set();
  /** Bits of the types that somebody wants to hear of here; an object, since it is looked at before every call. */
  readonly #own: Wanted = { bits: 0 };
  readonly #all: Wanted;
  /** Those of listeners. */
  #listened = 0;
  #failures: readonly unknown[] = [];
  #telling = false;
  #ended = false;

  /** Made by a runtime, and by its sandboxes, whose `parent` is the runtime's. */
  constructor(parent?: AegisEvents) {
    super();
    this.#parent = parent;
    this.#all = parent === undefined ? this.#own : parent.#own;
  }

  /** Whether anybody listens, here or to the whole runtime. */
  get active(): boolean {
    return (this.#own.bits | this.#all.bits) !== 0;
  }

  /** Whether anybody listens for events of a type. */
  wants(type: EventType): boolean {
    return ((this.#own.bits | this.#all.bits) & BITS[type]) !== 0;
  }

  /** What listeners and subscribers have thrown, the first ten; each was taken off the list for it. */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /** Whether a listener is on this thread's stack that was told of an event of this sandbox. Not part of the public interface. */
  get telling(): boolean {
    return this.#telling;
  }

  /**
   * Tells a function, or an object with `onEvent`, of every event from now on.
   *
   * @returns takes it back
   * @throws {AegisError} `InvalidOption` for what is neither, or wants a type that does not exist
   */
  subscribe(subscriber: EventSubscriber | ((event: AegisEvent) => void)): () => void {
    const { types, onEvent } = readSubscriber(subscriber);
    const leave = () => this.#setSubscriptions(this.#subscriptions.filter((one) => one !== subscription));
    const guard = this.#guard(leave);
    const subscription: Subscription = {
      wanted: types.reduce((bits, type) => bits | BITS[type], 0),
      tell: (event) => guard(() => onEvent(event)),
    };
    this.#setSubscriptions([...this.#subscriptions, subscription]);
    return leave;
  }

  /** As {@linkcode iterate} without options. */
  [Symbol.asyncIterator](): EventStream {
    return this.iterate();
  }

  /**
   * The events from now on, for one reader. It ends with the sandbox or the runtime, when `signal` says so, and when the
   * reader leaves its loop.
   *
   * @example `for await (const event of sandbox.events.iterate({ types: ["error"] })) console.log(event)`
   * @throws {AegisError} `InvalidOption`
   */
  iterate(options: EventStreamOptions = {}): EventStream {
    checkOptionNames(options, STREAM_OPTIONS);
    const { capacity = CAPACITY, signal } = options, types = [...readEventTypes(options.types)];
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > MOST_CAPACITY) {
      throw new AegisError(
        "InvalidOption",
        `Cannot set capacity of a stream of events to ${
          quote(String(capacity))
        }: use a whole number from 1 to ${MOST_CAPACITY}`,
        { field: "capacity" },
      );
    }
    const end = () => stream.end();
    const stream: BoundedQueue<AegisEvent> = new BoundedQueue(capacity, () => {
      leave();
      this.#streams.delete(stream);
      signal?.removeEventListener("abort", end);
    });
    const leave = this.subscribe({ types, onEvent: (event) => stream.push(event) });
    this.#streams.add(stream);
    signal?.addEventListener("abort", end);
    if (signal?.aborted || this.#ended) stream.end();
    return stream;
  }

  /** Calls for each event of a type, as any event target does; see {@linkcode EventSubscriber} for what throws. */
  override addEventListener<Type extends EventType>(
    type: Type,
    listener: EventListenerOf<Type> | { readonly handleEvent: EventListenerOf<Type> } | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** The same for who knows the type as text alone. @throws {AegisError} `InvalidOption` for a type that is none */
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options: boolean | AddEventListenerOptions = {},
  ): void {
    if (!isEventType(type)) throw unknownType(type);
    const { capture = false, once = false, signal } = typeof options === "boolean"
      ? { capture: options }
      : options;
    if (callback === null || signal?.aborted || this.#find(type, callback, capture) !== undefined) return;
    const leave = () => this.#removeListener(listener), guard = this.#guard(leave);
    const listener: Listener = {
      type,
      callback,
      capture,
      call: (event) => {
        if (once) leave();
        guard(() =>
          typeof callback === "function" ? callback.call(this, event) : callback.handleEvent(event)
        );
      },
      forget: () => signal?.removeEventListener("abort", leave),
    };
    signal?.addEventListener("abort", leave);
    super.addEventListener(type, listener.call, { capture });
    this.#setListeners([...this.#listeners, listener]);
  }

  /** Takes a listener back. */
  override removeEventListener<Type extends EventType>(
    type: Type,
    listener: EventListenerOf<Type> | { readonly handleEvent: EventListenerOf<Type> } | null,
    options?: boolean | EventListenerOptions,
  ): void;
  /** As for a listener of any type. */
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options: boolean | EventListenerOptions = {},
  ): void {
    const capture = typeof options === "boolean" ? options : options.capture ?? false;
    const listener = this.#find(type, callback, capture);
    if (listener !== undefined) this.#removeListener(listener);
  }

  /** Tells everybody who wants it, here and in the whole runtime. */
  [EMIT](event: AegisEvent): void {
    const before = this.#telling, bit = BITS[event.type];
    this.#telling = true;
    try {
      for (const { wanted, tell } of this.#subscriptions) if ((wanted & bit) !== 0) tell(event);
      if ((this.#listened & bit) !== 0) this.dispatchEvent(new CustomEvent(event.type, { detail: event }));
      this.#parent?.[EMIT](event);
    } finally {
      this.#telling = before;
    }
  }

  /** Nothing comes any more: who iterates is told so. */
  [END](): void {
    this.#ended = true;
    for (const stream of this.#streams) stream.end();
  }

  #find(
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    capture: boolean,
  ): Listener | undefined {
    return this.#listeners.find((one) =>
      one.type === type && one.callback === callback && one.capture === capture
    );
  }

  #removeListener(listener: Listener): void {
    listener.forget();
    super.removeEventListener(listener.type, listener.call, { capture: listener.capture });
    this.#setListeners(this.#listeners.filter((one) => one !== listener));
  }

  #setSubscriptions(subscriptions: readonly Subscription[]): void {
    this.#subscriptions = subscriptions;
    this.#add();
  }

  #setListeners(listeners: readonly Listener[]): void {
    this.#listeners = listeners;
    this.#listened = listeners.reduce((bits, { type }) => bits | BITS[type], 0);
    this.#add();
  }

  #add(): void {
    this.#own.bits = this.#subscriptions.reduce((bits, { wanted }) => bits | wanted, this.#listened);
  }

  /** Calls somebody else's code, until it fails. @param leave takes it off the list then */
  #guard(leave: () => void): (call: () => unknown) => void {
    let failed = false;
    const fail = (error: unknown) => {
      leave();
      if (!failed && this.#failures.length < MOST_FAILURES) this.#failures = [...this.#failures, error];
      failed = true;
    };
    return (call) => {
      try {
        const returned = call();
        if (returned instanceof Promise) returned.then(undefined, fail);
      } catch (error) {
        fail(error);
      }
    };
  }
}

/** Tells everybody; not part of the public interface. */
export function emitEvent(events: AegisEvents, event: AegisEvent): void {
  events[EMIT](event);
}

/** Ends what iterates over them; not part of the public interface. */
export function endEvents(events: AegisEvents): void {
  events[END]();
}
